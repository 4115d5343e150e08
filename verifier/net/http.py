"""Asking a server that somebody named: bounded in size, time and hops, and with credentials for nobody else.

* https only, but for loopback, and for a server whose operator says that plain http will do
* a redirect is followed to https on a public address; it never leads to a private one that nobody named, nor down
  from https to http
* where the operator has named a proxy it is asked instead, and its own credentials go to it alone
* credentials and the client certificate are for the scheme, host and port that was named; once a redirect has led
  elsewhere, nothing it leads to gets them, not even the named server
* the body is what was sent: a content coding is refused, never undone; an answer whose length can be read in two ways
  is refused
* the answer is read up to its bound, whatever its headers say; one that ends before its stated length is refused
* whatever goes wrong is `input.unreachable`, never an empty document

The threats are T-404, a hostile reference or redirect that reaches into the network of whoever verifies, and T-213.
"""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from urllib.parse import urljoin

from verifier.core.errors import Absent, ConfigurationError, Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.text.shown import shown
from verifier.core.value import Value, field
from verifier.core.version import VERSION
from verifier.net.access import Access
from verifier.net.address import NotAllowedError, Origin, Reach, WebAddress, parse_web_address
from verifier.net.connection import Bounds, Connection, connect, tls_context
from verifier.net.network import Proxy, authority
from verifier.net.tunnel import ProxyError, require_led_through

MAX_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ALWAYS = {"Accept-Encoding": "identity", "User-Agent": f"policy-verifier/{VERSION}"}
"""What is hashed is what was sent, so it has to be sent as it is."""
_PIECE = 64 * 1024
_DOCUMENT_PATIENCE = 6
_CONTENT_PATIENCE = 30
"""Times `Access.timeout_s` that a whole answer may take: a minute and five minutes, unless somebody says otherwise."""
_KEPT_S = 15
"""How long a connection that nobody uses is kept: what lies between may forget it without saying so."""


class Answer(Value):
    """What came back. `from_named` is whether the named server itself said it, rather than where it redirected to."""

    status: int
    fields: http.client.HTTPMessage = field(repr=False)
    body: bytes = field(repr=False)
    from_named: bool


class Session:
    """One server that somebody named, with a connection that is kept, and whatever it redirects to.

    Used by one thread at a time; `close` may be called by another, and ends what is under way. Raises
    `ConfigurationError` where the certificates that are to be used cannot be.
    """

    def __init__(self, named: Origin, access: Access) -> None:
        self._named, self._access = named, access
        self._contexts: dict[bool, ssl.SSLContext] = {}
        if named.scheme == "https":
            self._contexts[True] = _named_context(access)
        self._open: Connection | None = None
        self._kept_until = 0.0
        self._closed = False
        self._in_use = threading.Lock()

    def get(  # noqa: PLR0913 - keyword-only
        self,
        url: str,
        *,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        authorization: str | None = None,
        statuses: frozenset[int] = frozenset({200}),
        whole_s: float | None = None,
        wait_s: float = 0,
        tells_absence: bool = False,
    ) -> Answer:
        """The answer to a GET; `Refused` (`input.unreachable`, `input.too-large`) where there is none to be had.

        `authorization` goes to the named server only. A status that is not one of `statuses` is refused; a redirect
        that is one of them is not followed. The whole may take `whole_s`, and `wait_s` longer where the server was
        asked to hold its answer back. Where it `tells_absence`, the named server's own 404 is `Absent`.
        """
        deadline = time.monotonic() + wait_s + (whole_s or _CONTENT_PATIENCE * self._access.timeout_s)
        credentials = {"Authorization": authorization} if authorization else {}
        trusted = True
        with self._last_use(), self._in_use:
            for hop in range(MAX_REDIRECTS + 1):
                try:
                    address = parse_web_address(url)
                    trusted = trusted and address.origin == self._named
                    sent = {**(headers or {}), **(credentials if trusted else {})}
                    with self._ask(address, sent, trusted=trusted, wait_s=wait_s, deadline=deadline) as response:
                        location = response.headers.get("location")
                        if response.status not in REDIRECTS - statuses or location is None:
                            first = tells_absence and hop == 0
                            return self._answer(response, address, statuses, trusted, first, max_bytes=max_bytes)
                    url = urljoin(url, location)
                    self._leave()
                except (OSError, http.client.HTTPException, ValueError) as error:
                    raise refuse("input.unreachable", shown(url), f"could not be fetched: {_words(error)}") from error
        raise refuse("input.unreachable", shown(url), f"more than {MAX_REDIRECTS} redirects")

    def close(self) -> None:
        """End what is under way, and ask nothing more."""
        self._closed = True
        under_way = self._open
        if under_way is not None:
            under_way.interrupt()
        if self._in_use.acquire(blocking=False):
            self._leave()
            self._in_use.release()

    @contextmanager
    def _last_use(self) -> Iterator[None]:
        """Leave the connection after a refusal, and after `close` was called meanwhile."""
        done = False
        try:
            yield
            done = True
        finally:
            if self._closed or not done:
                self._leave()

    def _ask(
        self, address: WebAddress, headers: Mapping[str, str], *, trusted: bool, wait_s: float, deadline: float
    ) -> http.client.HTTPResponse:
        kept = self._open
        if trusted and kept is not None and time.monotonic() < self._kept_until and kept.is_quiet:
            try:
                return self._send(address, headers, wait_s=wait_s, deadline=deadline)
            except (ConnectionError, ssl.SSLEOFError, http.client.NotConnected):
                pass  # the server had ended a connection that nobody used for a while
        self._leave()
        reach = self._reach(address.origin)
        tls = self._tls(named=trusted) if address.origin.scheme == "https" else None
        bounds = Bounds(patience_s=self._access.timeout_s, deadline=deadline)
        self._open = connect(
            address.origin, reach=reach, proxy=self._proxy(address.origin, reach), tls=tls, bounds=bounds
        )
        return self._send(address, headers, wait_s=wait_s, deadline=deadline)

    def _send(
        self, address: WebAddress, headers: Mapping[str, str], *, wait_s: float, deadline: float
    ) -> http.client.HTTPResponse:
        if self._open is None or self._closed:
            raise ConnectionAbortedError("closed meanwhile")
        patience_s = self._access.timeout_s
        self._open.bound(patience_s=patience_s + wait_s, deadline=deadline)
        proxy = self._open.forwarded_by
        target, for_proxy = (address.target, {}) if proxy is None else _absolute(address, proxy)
        self._open.request("GET", target, headers={**_ALWAYS, **headers, **for_proxy})
        response = self._open.getresponse()
        self._open.bound(patience_s=patience_s, deadline=deadline)
        if proxy is not None and response.status == 407:
            require_led_through(response.status, proxy)
        return response

    def _answer(
        self,
        response: http.client.HTTPResponse,
        address: WebAddress,
        statuses: frozenset[int],
        trusted: bool,
        first: bool,
        *,
        max_bytes: int,
    ) -> Answer:
        if response.status == 404 and first and 404 not in statuses:
            raise _absent(address)
        if response.status not in statuses:
            raise refuse("input.unreachable", address.shown, f"the server answered with status {response.status}")
        # Of what is missing, a registry says what is missing.
        body = _body(response, address.shown, max_bytes) if response.status in {200, 404} else b""
        # What follows an error is not worth reading, and a connection in the middle of it cannot be used again.
        keep = trusted and response.status in {200, 304} and not response.will_close
        self._kept_until = time.monotonic() + _KEPT_S
        if not keep:
            self._leave()
        return Answer(status=response.status, fields=response.headers, body=body, from_named=trusted)

    def _reach(self, origin: Origin) -> Reach:
        access, named = self._access, self._named
        plain = Reach.ANYWHERE if access.plain_http else Reach.LOOPBACK
        if origin == named:
            return Reach.ANYWHERE if origin.scheme == "https" else plain
        if origin.scheme == "https":
            return Reach.ANYWHERE if access.allow_private else Reach.PUBLIC
        if named.scheme == "https" or not access.allow_private:
            raise NotAllowedError("a redirect to plain http, expected https")
        return plain

    def _proxy(self, origin: Origin, reach: Reach) -> Proxy | None:
        network = self._access.network
        # What may only be on loopback is this machine's, and the proxy's loopback is another.
        return None if network is None or reach is Reach.LOOPBACK else network.proxy_for(origin)

    def _tls(self, *, named: bool) -> ssl.SSLContext:
        if named not in self._contexts:
            self._contexts[named] = tls_context(self._access, named=named)
        return self._contexts[named]

    def _leave(self) -> None:
        """Use the open connection no further."""
        connection, self._open = self._open, None
        if connection is not None:
            connection.close()


def fetch(url: str, *, max_bytes: int, access: Access | None = None) -> bytes:
    """The body of the answer; `Refused` (`input.unreachable`, `input.too-large`) where there is none to be had."""
    asked = access or Access()
    try:
        session = Session(parse_web_address(url).origin, asked)
    except (NotAllowedError, ConfigurationError) as error:
        raise refuse("input.unreachable", shown(url), str(error)) from None
    try:
        whole_s = _DOCUMENT_PATIENCE * asked.timeout_s
        return session.get(url, max_bytes=max_bytes, authorization=asked.bearer or asked.basic, whole_s=whole_s).body
    finally:
        session.close()


def _absent(address: WebAddress) -> Absent:
    """What the named server itself says is not there; where a redirect leads to nothing, something was to be there."""
    message = "the server answered with status 404: nothing is there"
    return Absent(Reason(code="input.unreachable", subject=address.shown, message=message))


def _named_context(access: Access) -> ssl.SSLContext:
    try:
        return tls_context(access, named=True)
    except (OSError, ValueError) as error:
        where = "ca_file, client_certificate, client_key, network.ca_file"
        raise ConfigurationError(f"the certificates cannot be used: {_words(error)}", where=where) from error


def _absolute(address: WebAddress, proxy: Proxy) -> tuple[str, dict[str, str]]:
    """The target and the fields by which a proxy is asked to pass a request on (RFC 9112 section 3.2.2)."""
    fields = {} if proxy.authorization is None else {"Proxy-Authorization": proxy.authorization}
    origin = address.origin
    return f"{origin.scheme}://{authority(origin.host, origin.port)}{address.target}", fields


def _body(response: http.client.HTTPResponse, subject: str, max_bytes: int) -> bytes:
    _refuse_ambiguous(response.headers, subject)
    if response.length is not None and response.length > max_bytes:
        raise _too_large(subject, max_bytes)
    body = BytesIO()
    # `read1` alone is bounded for every answer: `read` takes a chunk size of -1 for "all there is".
    while piece := response.read1(_PIECE):
        body.write(piece)
        if body.tell() > max_bytes:
            raise _too_large(subject, max_bytes)
    if response.length:
        raise refuse("input.unreachable", subject, f"the answer ended {response.length} bytes before its stated length")
    return body.getvalue()


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


def _words(error: Exception) -> str:
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
