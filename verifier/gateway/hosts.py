"""Under which names the gateway may be asked: against pages that make a name of theirs lead here (DNS rebinding).

* an address and `localhost` are always right: no page of a stranger's is at home there
* where names are configured, no other is
* where none are, and the gateway serves this machine alone without TLS, a name with a dot is refused: somebody may have
  registered it. With TLS the certificate says who is asked; beyond loopback the names are the network's to know
* a request of HTTP/1.1 without a host, with two, or with one that is none, is malformed (RFC 9112 section 3.2)
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from verifier.core.outcome import Reason
from verifier.core.value import Value
from verifier.gateway.settings.settings import GatewaySettings

_AUTHORITY: Final = re.compile(rb"(\[[0-9A-Fa-f:.]{2,64}\]|[A-Za-z0-9._-]{1,253})(?::[0-9]{0,5})?\Z")
_MOST_REMEMBERED: Final = 64


class Misdirected(Value):
    """Why a request is not for us: 400 where its host is none, 421 where it is another's."""

    status: int
    reason: Reason


class Hosts:
    """The names of one configuration."""

    def __init__(self, names: tuple[str, ...], *, only_here: bool) -> None:
        """`only_here` is whether only this machine is served, without TLS."""
        self.names, self.only_here = names, only_here
        self._right: set[bytes] = set()

    @classmethod
    def of(cls, settings: GatewaySettings) -> Hosts:
        """Those of these settings."""
        return cls(settings.hosts, only_here=settings.listen.is_loopback and settings.tls is None)

    def rejection(self, host: bytes, *, http_version: str = "1.1") -> Misdirected | None:
        """Why a request with this `Host` is not for us; b"" is one without."""
        if host in self._right or (not host and http_version == "1.0"):
            return None
        found = _AUTHORITY.match(host)
        if found is None:
            return _misdirected(400, "the request names no host, or not in one way, expected one field Host")
        name = found[1].decode("ascii").rstrip(".").lower()
        if not self._is_ours(name):
            message = f"the request is for {name}, which is not one of the names that are configured (hosts)"
            return _misdirected(421, message)
        if len(self._right) < _MOST_REMEMBERED:
            self._right.add(host)
        return None

    def _is_ours(self, name: str) -> bool:
        if name == "localhost" or name in self.names or _is_address(name):
            return True
        return not self.names and not (self.only_here and "." in name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _misdirected(status: int, message: str) -> Misdirected:
    return Misdirected(status=status, reason=Reason(code="request.misdirected", subject="client", message=message))
