"""One connection to an address that was checked, with an end.

* a host is resolved once, every address it has is checked, and one of those is connected to: a name that resolves to
  something else a moment later (DNS rebinding) changes nothing
* a read ends after its patience, and the whole after its deadline, however the other side doles out its bytes
* a proxy that the operator named is connected to in the host's place, and told the host's name once that was checked
* TLS is checked for the host's name, never the proxy's, with the system's authorities or those that were named

`http.client` reads the answers: it undoes no content coding, follows nothing, and bounds what it reads of a header.
"""

from __future__ import annotations

import http.client
import select
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from verifier.core.errors import ConfigurationError
from verifier.core.value import Value
from verifier.files.read import read_named_file
from verifier.net.access import Access
from verifier.net.address import NotAllowedError, Origin, Reach
from verifier.net.network import Proxy
from verifier.net.tunnel import ProxyError, name_for_proxy, open_tunnel

_AddressInfo = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]

_MAX_AUTHORITIES_BYTES = 16 * 1024 * 1024
_MAX_ADDRESSES = 8
"""Addresses of one host that are tried."""


class _Timed:
    """Bounds what a socket waits for; both of its kinds are read through `recv_into`, and sent by `sendall`."""

    patience_s: float
    deadline: float

    def recv_into(self, *arguments: Any) -> int:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self.settimeout(min(self.patience_s, left))  # type: ignore[attr-defined]
        return super().recv_into(*arguments)  # type: ignore[misc,no-any-return]

    def sendall(self, *arguments: Any) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("what is sent took too long")
        self.settimeout(min(self.patience_s, left))  # type: ignore[attr-defined]
        super().sendall(*arguments)  # type: ignore[misc]


class _PlainSocket(_Timed, socket.socket):
    pass


class _TlsSocket(_Timed, ssl.SSLSocket):
    pass


class Connection(http.client.HTTPConnection):
    """A connection that is made, and never made anew behind anyone's back.

    `forwarded_by` is the proxy at its other end, which passes on what it is asked without TLS.
    """

    auto_open = 0
    forwarded_by: Proxy | None = None

    def __init__(self, origin: Origin, connected: _PlainSocket | _TlsSocket) -> None:
        super().__init__(origin.host, origin.port)
        self.default_port = 443 if origin.scheme == "https" else 80
        # `sock` is forgotten as soon as an answer says that it is the last one, and the answer has yet to be read.
        self.sock = self._connected = connected

    def bound(self, *, patience_s: float, deadline: float) -> None:
        """From now on no read takes longer than `patience_s`, and none ends after `deadline` (monotonic)."""
        self._connected.patience_s, self._connected.deadline = patience_s, deadline

    @property
    def is_quiet(self) -> bool:
        """Whether nothing has come that nobody asked for, and the other side has not ended the connection."""
        waiting = select.poll()
        waiting.register(self._connected, select.POLLIN)
        return not waiting.poll(0)

    def interrupt(self) -> None:
        """End whatever another thread waits for on this connection."""
        with suppress(OSError):
            # Not SSLSocket's own, which takes its state away from under whoever is reading.
            socket.socket.shutdown(self._connected, socket.SHUT_RDWR)


class Bounds(Value):
    """What a connection may wait for: seconds of each step, and the moment at which all must be done (monotonic)."""

    patience_s: float
    deadline: float

    @property
    def step_s(self) -> float:
        """How long the next step may take."""
        return min(self.patience_s, max(self.deadline - time.monotonic(), 0.001))


def connect(
    origin: Origin, *, reach: Reach, proxy: Proxy | None, tls: ssl.SSLContext | None, bounds: Bounds
) -> Connection:
    """Connect to one of the host's addresses, or have the proxy do so; `OSError` where none answers,
    `NotAllowedError` where one may not be connected to."""
    if proxy is not None:
        return _connect_by(proxy, origin, reach=reach, tls=tls, bounds=bounds)
    addresses = _resolved(origin.host, origin.port)
    if not addresses or not all(reach.allows(str(sockaddr[0])) for *_, sockaddr in addresses):
        raise NotAllowedError(f"the host's address is not {reach.value}")
    failure: OSError = OSError("no address")
    for address in addresses:
        try:
            return _finished(origin, _dialled(address, bounds), tls, bounds)
        except OSError as error:
            failure = error
    raise failure


def _connect_by(
    proxy: Proxy, origin: Origin, *, reach: Reach, tls: ssl.SSLContext | None, bounds: Bounds
) -> Connection:
    host = name_for_proxy(origin, reach)
    plain = _dialled_proxy(proxy, bounds)
    if tls is None:
        connection = _finished(origin, plain, None, bounds)
        connection.forwarded_by = proxy
        return connection
    # All of its answer is one step: until it is there, nobody can interrupt this.
    plain.deadline = time.monotonic() + bounds.step_s
    try:
        open_tunnel(plain, proxy, host, origin.port)
    except TimeoutError:
        plain.close()
        raise ProxyError(f"the proxy {proxy.shown} took too long") from None
    except BaseException:
        plain.close()
        raise
    return _finished(origin, plain, tls, bounds)


def _dialled_proxy(proxy: Proxy, bounds: Bounds) -> _PlainSocket:
    """A connection to the proxy, which may be anywhere: the operator has named it."""
    failure: OSError = OSError("it has no address")
    try:
        for address in _resolved(proxy.host, proxy.port):
            try:
                return _dialled(address, bounds)
            except OSError as error:
                failure = error
    except OSError as error:
        failure = error
    reason = "it took too long" if isinstance(failure, TimeoutError) else failure.strerror or str(failure)
    raise ProxyError(f"the proxy {proxy.shown} cannot be reached: {reason}") from failure


def _resolved(host: str, port: int) -> Sequence[_AddressInfo]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[:_MAX_ADDRESSES]


def _dialled(address: _AddressInfo, bounds: Bounds) -> _PlainSocket:
    family, kind, protocol, _, sockaddr = address
    plain = _PlainSocket(family, kind, protocol)
    try:
        plain.patience_s, plain.deadline = bounds.patience_s, bounds.deadline
        plain.settimeout(bounds.step_s)
        plain.connect(sockaddr)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        plain.close()
        raise
    return plain


def _finished(origin: Origin, plain: _PlainSocket, tls: ssl.SSLContext | None, bounds: Bounds) -> Connection:
    """The connection, after what TLS has to say; `plain` is closed where that is a no."""
    try:
        plain.settimeout(bounds.step_s)
        connected = plain if tls is None else tls.wrap_socket(plain, server_hostname=origin.host)
    except BaseException:
        plain.close()
        raise
    connection = Connection(origin, connected)  # type: ignore[arg-type]
    connection.bound(patience_s=bounds.patience_s, deadline=bounds.deadline)
    return connection


def require_authorities(path: Path) -> None:
    """Raises `ConfigurationError` for a file that holds no authorities."""
    try:
        read_named_file(path, max_bytes=_MAX_AUTHORITIES_BYTES)
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except (OSError, ValueError):
        raise ConfigurationError("holds no certificates in PEM that can be read") from None


def tls_context(access: Access, *, named: bool) -> ssl.SSLContext:
    """The authorities to believe, and for the peer that was `named` the client certificate.

    `OSError` or `ValueError` for files that cannot be used.
    """
    authorities = access.ca_file
    of_the_network = None if access.network is None else access.network.ca_file
    context = ssl.create_default_context(cafile=(authorities if named else None) or of_the_network)
    context.sslsocket_class = _TlsSocket
    context.set_alpn_protocols(["http/1.1"])
    if not named and authorities is not None:
        context.load_verify_locations(cafile=authorities)
    if named and access.client_certificate is not None:
        # An encrypted key fails: nobody is there to be asked for its passphrase.
        context.load_cert_chain(access.client_certificate, access.client_key, password="")
    return context
