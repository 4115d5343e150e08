"""What came back, read within its bounds, and what went wrong in words of our own.

* the body is what was sent: a content coding is refused, never undone; an answer whose length can be read in two ways
  is refused
* it is read up to its bound, whatever its headers say; one that ends before its stated length is refused
* what may be there a moment later is told from what is not (`Unavailable`), with the time that the server asks for
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from typing import Final

from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.net.address import NotAllowedError
from verifier.net.tunnel import ProxyError

PIECE: Final = 64 * 1024
"""Bytes of a body that are read or sent at once."""
FOR_THE_MOMENT: Final = frozenset({429, 502, 503, 504})
"""Statuses by which a server says that it has no answer now (RFC 9110, RFC 6585)."""


class Answer(Value):
    """What came back. `from_named` is whether the named server itself said it, rather than where it redirected to."""

    status: int
    fields: http.client.HTTPMessage = field(repr=False)
    body: bytes = field(repr=False)
    from_named: bool


class Unavailable(Refused):
    """There is no answer for the moment; `after_s` is how long the server asks to wait, None where it says nothing."""

    def __init__(self, reason: Reason, after_s: float | None = None) -> None:
        super().__init__(reason)
        self.after_s = after_s


def pieces_of(response: http.client.HTTPResponse, subject: str, max_bytes: int) -> Iterator[bytes]:
    """The body as it comes, in pieces of at most `PIECE` bytes; `Refused` (`input.too-large`, `input.unreachable`)
    where it is longer, or not all there."""
    _refuse_ambiguous(response.headers, subject)
    if response.length is not None and response.length > max_bytes:
        raise _too_large(subject, max_bytes)
    seen = 0
    # `read1` alone is bounded for every answer: `read` takes a chunk size of -1 for "all there is".
    while piece := response.read1(PIECE):
        seen += len(piece)
        if seen > max_bytes:
            raise _too_large(subject, max_bytes)
        yield piece
    if response.length:
        message = f"the answer ended {response.length} bytes before its stated length"
        raise Unavailable(Reason(code="input.unreachable", subject=subject, message=message))


def refused_status(response: http.client.HTTPResponse, subject: str) -> Refused:
    """The refusal of an answer with a status that was not asked for."""
    message = f"the server answered with status {response.status}"
    if response.status not in FOR_THE_MOMENT:
        return refuse("input.unreachable", subject, message)
    return Unavailable(Reason(code="input.unreachable", subject=subject, message=message), _after_s(response.headers))


def failed(error: Exception, subject: str) -> Refused:
    """The refusal that a failure of the connection becomes."""
    reason = Reason(code="input.unreachable", subject=subject, message=f"could not be fetched: {words(error)}")
    nobody_listens = isinstance(error, ConnectionRefusedError | ProxyError)
    broken = isinstance(error, ConnectionError | ssl.SSLEOFError | http.client.IncompleteRead) and not nobody_listens
    return Unavailable(reason) if broken else Refused(reason)


def words(error: Exception) -> str:
    """What went wrong, in words of our own or the system's, never the server's."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate does not verify ({error.verify_message})"
        case NotAllowedError() | ProxyError():
            return str(error)
        case TimeoutError():
            return "it took too long"
        case http.client.HTTPException():
            return f"its answer is not HTTP ({type(error).__name__})"
        case OSError():
            return error.strerror or type(error).__name__
        case _:
            # A `ValueError` of the standard library may repeat the field that it is about, and so a secret.
            return f"what is to be sent cannot be ({type(error).__name__})"


def _refuse_ambiguous(fields: http.client.HTTPMessage, subject: str) -> None:
    coding = ", ".join(fields.get_all("content-encoding", ["identity"]))
    if coding.lower() != "identity":
        raise refuse("input.unreachable", subject, f"the body is coded ({coding[:40]}), expected it as it is")
    lengths, transfer = fields.get_all("content-length", []), fields.get_all("transfer-encoding", [])
    well_formed = all(length.isascii() and length.isdigit() for length in lengths)
    if len(lengths) + len(transfer) > 1 or not well_formed or any(each.lower() != "chunked" for each in transfer):
        raise refuse("input.unreachable", subject, "the answer does not say its length in one way")


def _too_large(subject: str, max_bytes: int) -> Refused:
    return refuse("input.too-large", subject, f"more than {max_bytes} bytes, which are allowed")


def _after_s(fields: http.client.HTTPMessage) -> float | None:
    """Seconds of `Retry-After`; a date is taken against the answer's own, as no clock is read here."""
    stated = fields.get("retry-after", "").strip()
    if stated.isascii() and stated.isdigit():
        return float(stated[:9])
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - few servers write it so

    try:
        until, now = parsedate_to_datetime(stated), parsedate_to_datetime(fields.get("date", ""))
        return max((until - now).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None
