"""One connection to an address that was checked, with an end.

* a host is resolved once, every address it has is checked, and one of those is connected to: a name that resolves to
  something else a moment later (DNS rebinding) changes nothing
* a read ends after its patience, and the whole after its deadline, however the other side doles out its bytes
* TLS is checked for the host's name, with the system's authorities or those that were named

`http.client` reads the answers: it undoes no content coding, follows nothing, and bounds what it reads of a header.
"""

from __future__ import annotations

import http.client
import select
import socket
import ssl
import time
from contextlib import suppress
from typing import Any

from verifier.net.access import Access
from verifier.net.address import NotAllowedError, Origin, Reach

_MAX_ADDRESSES = 8
"""Addresses of one host that are tried."""


class _Timed:
    """Bounds what a socket waits for; both of its kinds are read through `recv_into`."""

    patience_s: float
    deadline: float

    def recv_into(self, *arguments: Any) -> int:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self.settimeout(min(self.patience_s, left))  # type: ignore[attr-defined]
        return super().recv_into(*arguments)  # type: ignore[misc,no-any-return]


class _PlainSocket(_Timed, socket.socket):
    pass


class _TlsSocket(_Timed, ssl.SSLSocket):
    pass


class Connection(http.client.HTTPConnection):
    """A connection that is made, and never made anew behind anyone's back."""

    auto_open = 0

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


def connect(
    origin: Origin, *, reach: Reach, tls: ssl.SSLContext | None, patience_s: float, deadline: float
) -> Connection:
    """Connect to one of the host's addresses; `OSError` where none answers, `NotAllowedError` where one may not
    be connected to."""
    addresses = socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)[:_MAX_ADDRESSES]
    if not addresses or not all(reach.allows(str(sockaddr[0])) for *_, sockaddr in addresses):
        raise NotAllowedError(f"the host's address is not {reach.value}")
    failure: OSError = OSError("no address")
    for family, kind, protocol, _, sockaddr in addresses:
        plain = _PlainSocket(family, kind, protocol)
        try:
            plain.settimeout(min(patience_s, max(deadline - time.monotonic(), 0.001)))
            plain.connect(sockaddr)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connected = plain if tls is None else tls.wrap_socket(plain, server_hostname=origin.host)
        except OSError as error:
            plain.close()
            failure = error
        else:
            connection = Connection(origin, connected)  # type: ignore[arg-type]
            connection.bound(patience_s=patience_s, deadline=deadline)
            return connection
    raise failure


def tls_context(access: Access, *, named: bool) -> ssl.SSLContext:
    """The authorities to believe, and for the peer that was `named` the client certificate.

    `OSError` or `ValueError` for files that cannot be used.
    """
    authorities = None if access.ca_file is None else str(access.ca_file)
    context = ssl.create_default_context(cafile=authorities if named else None)
    context.sslsocket_class = _TlsSocket
    context.set_alpn_protocols(["http/1.1"])
    if not named and authorities is not None:
        context.load_verify_locations(cafile=authorities)
    if named and access.client_certificate is not None:
        # An encrypted key fails: nobody is there to be asked for its passphrase.
        context.load_cert_chain(access.client_certificate, access.client_key, password="")
    return context
