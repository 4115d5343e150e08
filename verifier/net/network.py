"""How others are reached from where this runs: a proxy, whom it is not asked for, and the network's own authorities.

* a proxy is asked by plain HTTP, and led through by CONNECT where the peer is asked by TLS
* a proxy's user name and password are for the proxy alone, and in no message and no representation
* loopback is this machine, and no proxy's
* what is written is read as curl reads it; a proxy that cannot be read is a `ValueError` that does not repeat it

Source: RFC 9110 section 9.3.6 (CONNECT), RFC 7617. `NO_PROXY` has no specification: curl's manual and Go's
`golang.org/x/net/http/httpproxy` are what people know.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

from verifier.core.costs.progress import Progress, silent
from verifier.core.value import Value, field
from verifier.net.address import HOST_NAME, Origin

_DEFAULT_PORT: Final = 80
_WITH_PORT: Final = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*):(?P<port>[0-9]{1,5})\Z")
_EXPECTED: Final = "expected http://[USER:PASSWORD@]HOST[:PORT]"

_Addresses = ipaddress.IPv4Network | ipaddress.IPv6Network


class Proxy(Value):
    """A proxy that the operator named. `authorization` is the value of a `Proxy-Authorization` field."""

    host: str
    port: int = _DEFAULT_PORT
    authorization: str | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """What a message may say of it."""
        return authority(self.host, self.port)


class Exempt(Value):
    """Whom no proxy is asked for: everybody, a name and what is below it, or addresses; at one port or at all."""

    everybody: bool = False
    name: str = ""
    addresses: _Addresses | None = None
    port: int | None = None

    def covers(self, origin: Origin) -> bool:
        """Whether `origin` is meant; a name is compared as it is written, and not resolved."""
        if self.everybody:
            return True
        if self.port not in (None, origin.port):
            return False
        host = origin.host.rstrip(".").lower()
        if self.addresses is not None:
            literal = _literal(host)
            return literal is not None and literal in self.addresses
        return bool(self.name) and (host == self.name or host.endswith(f".{self.name}"))


class Network(Value):
    """What lies between this machine and the others.

    `https_proxy` is asked for peers that are asked by TLS, `http_proxy` for the others; None is nobody. `direct` are
    those whom no proxy is asked for. `ca_file` replaces the system's authorities, where `Access.ca_file` does not.
    `told` is told of the bytes that come.
    """

    https_proxy: Proxy | None = None
    http_proxy: Proxy | None = None
    direct: tuple[Exempt, ...] = ()
    ca_file: Path | None = None
    told: Progress = silent

    def proxy_for(self, origin: Origin) -> Proxy | None:
        """The proxy to ask for `origin`; None where it is asked directly."""
        proxy = self.https_proxy if origin.scheme == "https" else self.http_proxy
        if proxy is None or origin.names_loopback or any(each.covers(origin) for each in self.direct):
            return None
        return proxy


def parse_proxy(text: str) -> Proxy:
    """The proxy that `text` names: `http://user:password@host:port`, of which only the host must be there.

    Raises `ValueError`, which repeats nothing of a text that may hold a password.
    """
    if not text.isprintable() or " " in text:
        raise ValueError(f"not a URL, {_EXPECTED}")
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"not a URL, {_EXPECTED}") from None
    if parts.scheme != "http":
        raise ValueError(f"a proxy that is asked by TLS, by SOCKS or otherwise is not supported, {_EXPECTED}")
    if not host or port == 0 or not (HOST_NAME.match(host) or _literal(host)):
        raise ValueError(f"names no host that can be asked, {_EXPECTED}")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(f"says more than which proxy, {_EXPECTED}")
    return Proxy(host=host, port=_DEFAULT_PORT if port is None else port, authorization=_basic(parts))


def parse_no_proxy(text: str) -> tuple[Exempt, ...]:
    """Those whom no proxy is asked for, from a list parted by commas or blanks.

    `*`; `example.org`, `.example.org` or `*.example.org`, each for that name and all below it; `10.0.0.1`, `::1`,
    `10.0.0.0/8`; all but `*` with `:port` where it is one port's ("[::1]:443"). What is none of these covers nobody.
    """
    return tuple(map(_exempt, text.replace(",", " ").split()))


def authority(host: str, port: int) -> str:
    """Host and port as they are written together."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _exempt(written: str) -> Exempt:
    if written == "*":
        return Exempt(everybody=True)
    host, port = written, None
    if _literal(written) is None and (found := _WITH_PORT.match(written)):
        host, port = found["host"], int(found["port"])
    try:
        return Exempt(addresses=ipaddress.ip_network(host.strip("[]"), strict=False), port=port)
    except ValueError:
        return Exempt(name=host.removeprefix("*.").strip(".").lower(), port=port)


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _basic(parts: SplitResult) -> str | None:
    if parts.username is None and parts.password is None:
        return None
    import base64  # noqa: PLC0415 - only for those who have credentials

    given = b":".join(map(unquote_to_bytes, (parts.username or "", parts.password or "")))
    return "Basic " + base64.b64encode(given).decode("ascii")
