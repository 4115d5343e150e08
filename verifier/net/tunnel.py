"""Through a proxy: for whom it may be asked, and the tunnel to them.

* a proxy resolves names, so that a name is all that can be checked: where only a public address may be led to, no
  literal address that is not public, no name of this machine or of a local network
* what the proxy answers is read to its end and not a byte further, and within bounds; TLS follows, or nothing
* whatever a proxy does instead of leading through is a `ProxyError`, in words of our own
"""

from __future__ import annotations

import re
from typing import Final, Protocol

from verifier.net.address import NotAllowedError, Origin, Reach
from verifier.net.network import Proxy, authority

_MAX_ANSWER: Final = 16 * 1024
"""Bytes of a proxy's answer: those that are in use take a few hundred."""
_END: Final = b"\r\n\r\n"
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: [^\r\n]*)?\r\n")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,253}\Z")


class ProxyError(OSError):
    """A proxy does not lead through; the message is ours and holds no secret."""


class Socket(Protocol):
    """What a tunnel needs of a connection to the proxy."""

    def sendall(self, data: bytes, /) -> None:
        """Send all of it."""

    def recv_into(self, buffer: bytearray, /) -> int:
        """Read at most as much as `buffer` holds, within the connection's bounds."""


def name_for_proxy(origin: Origin, reach: Reach) -> str:
    """The host as the proxy is told it; `NotAllowedError` for one that it must not be asked for.

    Raises `UnicodeError` for what is no host name.
    """
    # What is checked is what is sent: full-width digits are digits for whoever resolves them.
    host = origin.host if origin.host.isascii() else origin.host.encode("idna").decode("ascii")
    if not reach.allows_name(host):
        raise NotAllowedError(f"the host is not one that a proxy may be asked for: it is not {reach.value}")
    if not _NAME.match(host) and (":" not in host or "%" in host):
        raise NotAllowedError("the host is not one that a proxy can be asked for")
    return host


def open_tunnel(connected: Socket, proxy: Proxy, host: str, port: int) -> None:
    """Have the proxy lead through to `host`; `ProxyError` where it does not, `OSError` where it says nothing."""
    target = authority(host, port)
    fields = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.authorization is not None:
        fields.append(f"Proxy-Authorization: {proxy.authorization}")
    connected.sendall("\r\n".join((*fields, "", "")).encode("ascii"))
    require_led_through(_status(connected, proxy), proxy)


def require_led_through(status: int, proxy: Proxy) -> None:
    """`ProxyError` for an answer of the proxy that is not the peer's."""
    if 200 <= status < 300:
        return
    if status == 407:
        problem = "does not accept" if proxy.authorization else "was not given"
        raise ProxyError(f"the proxy {proxy.shown} asks for a user name and password, and {problem} them (status 407)")
    raise ProxyError(f"the proxy {proxy.shown} does not lead there (status {status})")


def _status(connected: Socket, proxy: Proxy) -> int:
    """The status of the proxy's answer, which is taken from the connection whole, and nothing after it."""
    answer, byte = bytearray(), bytearray(1)
    while not answer.endswith(_END):
        if len(answer) >= _MAX_ANSWER:
            raise ProxyError(f"the answer of the proxy {proxy.shown} has more than {_MAX_ANSWER} bytes")
        if not connected.recv_into(byte):
            raise ProxyError(f"the proxy {proxy.shown} ended the connection instead of leading through")
        answer += byte
    stated = _STATUS.match(answer)
    if stated is None:
        raise ProxyError(f"the answer of the proxy {proxy.shown} is not HTTP")
    return int(stated[1])
