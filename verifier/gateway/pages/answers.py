"""What a client of a bundle is told, made once for each judgement and not for each client.

* 200 has the verified bytes unchanged, their digest as entity tag, and the type that turns OPA's long polling on
* 304 says the same without the bytes; there is none where nothing is served now
* whatever denies is 503 with its reasons: OPA keeps the bundle that it has on anything but 200 and 304

Source: OPA `v1/download/download.go`; RFC 9110.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.core.verdict import Verdict
from verifier.engine.verification import Verification
from verifier.gateway.pages import problem

BUNDLE_TYPE = b"application/vnd.openpolicyagent.bundles"
RETRY_S = 5
Message = dict[str, Any]
"""An ASGI message."""


class Known(Value):
    """A bundle that stands, as far as "not modified" needs to know it."""

    etag: bytes
    unchanged: Message = field(repr=False)


class Served(Known):
    """A bundle that stands: what begins an answer with it, and without it."""

    body: bytes = field(repr=False)
    verdict: Verdict
    whole: Message = field(repr=False)


class Withheld(Value):
    """Nothing stands, and why; `verdict` where something was judged."""

    reasons: tuple[Reason, ...]
    verdict: Verdict | None = None


Standing = Served | Withheld


def standing_of(preloaded: Verification, before: Standing) -> Standing:
    """The answer that a judgement leads to; that of `before` where it is the same one."""
    verdict, verified = preloaded.verdict, preloaded.verified
    if verified is None:
        return Withheld(reasons=verdict.reasons, verdict=verdict)
    etag = f'"{verified.digest}"'.encode()
    if isinstance(before, Served) and before.etag == etag:
        same = before.whole, before.unchanged
        return Served(etag=etag, body=verified.content, verdict=verdict, whole=same[0], unchanged=same[1])
    known = known_by(etag)
    common = known.unchanged["headers"]
    length = (b"content-length", str(len(verified.content)).encode())
    return Served(
        etag=etag,
        body=verified.content,
        verdict=verdict,
        whole={"type": "http.response.start", "status": 200, "headers": [*common, length]},
        unchanged=known.unchanged,
    )


def known_by(etag: bytes) -> Known:
    """A bundle that stands, by its entity tag."""
    common = [(b"etag", etag), (b"content-type", BUNDLE_TYPE), (b"cache-control", b"no-cache")]
    return Known(etag=etag, unchanged={"type": "http.response.start", "status": 304, "headers": common})


def nothing_accepted(bundle: str, others: Sequence[Reason]) -> Withheld:
    """Nothing was ever accepted; `others` are the reasons of what was refused or failed last."""
    message = "nothing was accepted yet, so there is nothing to serve"
    first = Reason(code="delivery.nothing-accepted", subject=f"bundle:{bundle}", message=message)
    return Withheld(reasons=(first, *others))


def defective(bundle: str, error: BaseException | None) -> Withheld:
    """The program failed while it judged: whatever it is, it is not a pass."""
    return Withheld(reasons=(defect(bundle, error),))


def defect(bundle: str, error: BaseException | None) -> Reason:
    """A failure of this program, as a reason."""
    message = f"{type(error).__name__}: {error}" if error is not None else "the judgement was given up"
    return Reason(code="internal.error", subject=f"bundle:{bundle}", message=message)


def refusal(
    status: int,
    detail: str,
    *,
    correlation_id: str = "",
    reasons: Sequence[Reason] = (),
    bundle: str = "",
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> tuple[Message, bytes]:
    """The start of a refusal, and its body."""
    body = problem.problem(status, detail, correlation_id=correlation_id, reasons=reasons, bundle=bundle)
    fields = [
        (b"content-type", problem.CONTENT_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *headers,
    ]
    if correlation_id:
        fields.append((b"x-correlation-id", correlation_id.encode("ascii", "replace")))
    return {"type": "http.response.start", "status": status, "headers": fields}, body
