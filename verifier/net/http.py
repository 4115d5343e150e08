"""Asking a server that somebody named: bounded in size, time and hops, and with credentials for nobody else.

* https only, but for loopback, and for a server whose operator says that plain http will do
* a redirect is followed to https on a public address; it never leads to a private one that nobody named, nor down
  from https to http; what is sent is never redirected
* where the operator has named a proxy it is asked instead, and its own credentials go to it alone
* credentials and the client certificate are for the scheme, host and port that was named; once a redirect has led
  elsewhere, nothing it leads to gets them, not even the named server
* whatever goes wrong is `input.unreachable`, never an empty document (`net.answers`)

The threats are T-404, a hostile reference or redirect that reaches into the network of whoever verifies, and T-213.
"""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import urljoin

from verifier.core.costs.progress import Counted, Progress, silent
from verifier.core.errors import Absent, ConfigurationError, refuse
from verifier.core.outcome import Reason
from verifier.core.text.shown import shown
from verifier.core.value import Value, field
from verifier.core.version import VERSION
from verifier.net.access import Access
from verifier.net.address import NotAllowedError, Origin, Reach, WebAddress, parse_web_address
from verifier.net.answers import PIECE, Answer, failed, pieces_of, refused_status, words
from verifier.net.connection import Bounds, Connection, connect, tls_context
from verifier.net.network import Proxy, authority
from verifier.net.tunnel import require_led_through

MAX_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ALWAYS = {"Accept-Encoding": "identity", "User-Agent": f"policy-verifier/{VERSION}"}
"""What is hashed is what was sent, so it has to be sent as it is."""
_READ = frozenset({200, 201, 202, 204, 404})
"""Statuses whose body is read: of what is missing, a registry says what is missing."""
MAX_WORDS = 64 * 1024
"""Bytes of what a server has to say of what it was sent."""
_DOCUMENT_PATIENCE = 6
CONTENT_PATIENCE = 30
"""Times `Access.timeout_s` that a whole answer may take: a minute and five minutes, unless somebody says otherwise."""
_KEPT_S = 15
"""How long a connection that nobody uses is kept: what lies between may forget it without saying so."""


class Body(Value):
    """What is sent: its size in bytes, and what opens it, anew each time that it is sent."""

    size: int
    open: Callable[[], Iterator[bytes]] = field(repr=False)

    @classmethod
    def of(cls, content: bytes) -> Body:
        """A body of these bytes."""
        return cls(size=len(content), open=lambda: (content[at : at + PIECE] for at in range(0, len(content), PIECE)))


class Request(Value):
    """What to ask the named server for.

    `authorization` goes to that server only. A status that is not one of `statuses` is refused; a redirect that is one
    of them is not followed, nor is any where a `body` is sent. The whole may take `whole_s`, and `wait_s` longer where
    the server was asked to hold its answer back. Where it `tells_absence`, the named server's own 404 is `Absent`.
    """

    url: str = field(repr=False)
    method: str = "GET"
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)
    authorization: str | None = field(default=None, repr=False)
    statuses: frozenset[int] = frozenset({200})
    whole_s: float | None = None
    wait_s: float = 0
    tells_absence: bool = False
    body: Body | None = None


class Heard(Value):
    """An answer that is yet to be read. `first` is whether nobody redirected to it; `told` hears of its bytes."""

    response: http.client.HTTPResponse = field(repr=False)
    address: WebAddress
    trusted: bool
    first: bool
    told: Progress = field(default=silent, repr=False)

    def pieces(self, *, max_bytes: int) -> Iterator[bytes]:
        """Its body as it comes; `Refused` before the end of what is longer, or not all there."""
        pieces = pieces_of(self.response, self.address.shown, max_bytes)
        if self.told is silent:
            return pieces
        return Counted(self.told, f"fetching {self.address.shown}", self.response.length, "bytes").pieces(pieces)

    def answer(self, *, max_bytes: int) -> Answer:
        """All of it, `Refused` likewise; without a body where an error says nothing that is worth reading."""
        response = self.response
        body = b"".join(self.pieces(max_bytes=max_bytes)) if response.status in _READ else b""
        return Answer(status=response.status, fields=response.headers, body=body, from_named=self.trusted)


class Session:
    """One server that somebody named, with a connection that is kept, and whatever it redirects to.

    Used by one thread at a time; `close` may be called by another, and ends what is under way. Raises
    `ConfigurationError` where the certificates that are to be used cannot be.
    """

    def __init__(self, named: Origin, access: Access, *, beside: Session | None = None) -> None:
        """With `beside`, another connection to the same server, for another thread."""
        self._named, self._access = named, access
        self._contexts: dict[bool, ssl.SSLContext] = {} if beside is None else beside._contexts
        if named.scheme == "https" and True not in self._contexts:
            self._contexts[True] = _named_context(access)
        self._open: Connection | None = None
        self._kept_until = 0.0
        self._closed = threading.Event()
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
        """The answer to a GET; `Refused` (`input.unreachable`, `input.too-large`) where there is none to be had."""
        request = Request(
            url=url,
            headers=headers or {},
            authorization=authorization,
            statuses=statuses,
            whole_s=whole_s,
            wait_s=wait_s,
            tells_absence=tells_absence,
        )
        return self.ask(request, max_bytes=max_bytes)

    def ask(self, request: Request, *, max_bytes: int = MAX_WORDS) -> Answer:
        """The answer to `request`; `Refused` as for `get`."""
        with self.heard(request) as heard:
            return heard.answer(max_bytes=max_bytes)

    @contextmanager
    def heard(self, request: Request) -> Iterator[Heard]:
        """The answer to `request`, to be read within the block; whatever fails there is `Refused` as for `get`."""
        url, trusted = request.url, True
        deadline = time.monotonic() + request.wait_s + (request.whole_s or CONTENT_PATIENCE * self._access.timeout_s)
        with self._last_use(), self._in_use:
            try:
                for hop in range(MAX_REDIRECTS + 1):
                    address = parse_web_address(url)
                    trusted = trusted and address.origin == self._named
                    with self._ask(request, address, trusted=trusted, deadline=deadline) as response:
                        location = response.headers.get("location")
                        if not _leads_on(request, response.status) or location is None:
                            told = silent if self._access.network is None else self._access.network.told
                            heard = Heard(
                                response=response, address=address, trusted=trusted, first=hop == 0, told=told
                            )
                            _require_status(heard, request)
                            yield heard
                            self._after(heard)
                            return
                    url = urljoin(url, location)
                    self._leave()
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise failed(error, shown(url)) from error
        raise refuse("input.unreachable", shown(url), f"more than {MAX_REDIRECTS} redirects")

    def pause(self, seconds: float) -> None:
        """Wait, and no longer than until it is closed."""
        self._closed.wait(seconds)

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is asked."""
        return self._closed.is_set()

    def close(self) -> None:
        """End what is under way, and ask nothing more."""
        self._closed.set()
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
            if self._closed.is_set() or not done:
                self._leave()

    def _ask(
        self, request: Request, address: WebAddress, *, trusted: bool, deadline: float
    ) -> http.client.HTTPResponse:
        kept = self._open
        if trusted and kept is not None and time.monotonic() < self._kept_until and kept.is_quiet:
            try:
                return self._send(request, address, trusted=trusted, deadline=deadline)
            except (ConnectionError, ssl.SSLEOFError, http.client.NotConnected):
                pass  # the server had ended a connection that nobody used for a while
        self._leave()
        if self._closed.is_set():
            raise ConnectionAbortedError("closed meanwhile")
        reach = self._reach(address.origin)
        tls = self._tls(named=trusted) if address.origin.scheme == "https" else None
        bounds = Bounds(patience_s=self._access.timeout_s, deadline=deadline)
        self._open = connect(
            address.origin, reach=reach, proxy=self._proxy(address.origin, reach), tls=tls, bounds=bounds
        )
        return self._send(request, address, trusted=trusted, deadline=deadline)

    def _send(
        self, request: Request, address: WebAddress, *, trusted: bool, deadline: float
    ) -> http.client.HTTPResponse:
        if self._open is None or self._closed.is_set():
            raise ConnectionAbortedError("closed meanwhile")
        patience_s = self._access.timeout_s
        self._open.bound(patience_s=patience_s + request.wait_s, deadline=deadline)
        proxy = self._open.forwarded_by
        target, for_proxy = (address.target, {}) if proxy is None else _absolute(address, proxy)
        credentials = {"Authorization": request.authorization} if request.authorization and trusted else {}
        _put(self._open, request, target, {**_ALWAYS, **request.headers, **credentials, **for_proxy})
        response = self._open.getresponse()
        self._open.bound(patience_s=patience_s, deadline=deadline)
        if proxy is not None and response.status == 407:
            require_led_through(response.status, proxy)
        return response

    def _after(self, heard: Heard) -> None:
        """Keep the connection where its answer was read to the end, which errors are not worth."""
        response = heard.response
        ended = response.isclosed() or response.length == 0
        read = response.status == 304 or (response.status in _READ and ended)
        self._kept_until = time.monotonic() + _KEPT_S
        if not (heard.trusted and read and not response.will_close):
            self._leave()

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
        raise ConfigurationError(f"the certificates cannot be used: {words(error)}", where=where) from error


def _absolute(address: WebAddress, proxy: Proxy) -> tuple[str, dict[str, str]]:
    """The target and the fields by which a proxy is asked to pass a request on (RFC 9112 section 3.2.2)."""
    fields = {} if proxy.authorization is None else {"Proxy-Authorization": proxy.authorization}
    origin = address.origin
    return f"{origin.scheme}://{authority(origin.host, origin.port)}{address.target}", fields


def _leads_on(request: Request, status: int) -> bool:
    return status in REDIRECTS - request.statuses and request.method == "GET"


def _require_status(heard: Heard, request: Request) -> None:
    status = heard.response.status
    if status == 404 and request.tells_absence and heard.first and 404 not in request.statuses:
        raise _absent(heard.address)
    if status not in request.statuses:
        raise refused_status(heard.response, heard.address.shown)


def _put(connection: Connection, request: Request, target: str, headers: dict[str, str]) -> None:
    body = request.body
    if body is None:
        connection.request(request.method, target, headers=headers)
        return
    with suppress(BrokenPipeError, ConnectionResetError):  # a server that has had enough may have said why
        connection.request(request.method, target, body.open(), {**headers, "Content-Length": str(body.size)})
