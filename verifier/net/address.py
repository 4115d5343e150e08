"""URLs, and the addresses that a connection may lead to.

* http and https only, without a user name; what else stands in a URL is not guessed at
* an address is public where everything is that it stands for, also inside an IPv6 address
* what a report shows of a URL is without its query, where secrets travel (`core.text.shown`, of any URL)

Source: RFC 3986; RFC 6890 by way of `ipaddress`. The threat is T-404.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final
from urllib.parse import quote, urlsplit

from verifier.core.value import Value, field

_PORTS = {"http": 80, "https": 443}
_RESERVED = "%!#$&'()*+,/:;=?@[]~"
HOST_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,253}\Z")
"""Names as they are asked for: what is written in other letters has an ASCII form of its own (xn--, RFC 5891)."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""RFC 6052: an IPv4 address in the last 32 bits."""
_ALSO_SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        ("192.0.0.0/24", "::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "5f00::/16", "fec0::/10"),
    )
)
"""What some releases of Python take for public (CVE-2024-4032), and a network on the way for what lies within it."""

_NEVER_PUBLIC = (".localhost", ".local", ".internal", ".home.arpa")
"""RFC 6761, RFC 6762, ICANN's board resolution of July 2024, RFC 8375."""

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotAllowedError(ValueError):
    """Whoever is named may not be asked, or not so; the message is ours and holds no secret."""


class Reach(StrEnum):
    """Where a connection may lead: anywhere, to loopback only, to public addresses only."""

    ANYWHERE = "any address"
    LOOPBACK = "loopback"
    PUBLIC = "a public address"

    def allows(self, address: str) -> bool:
        """Whether a connection may lead to `address`."""
        if self is Reach.ANYWHERE:
            return True
        parsed = ipaddress.ip_address(address)
        return parsed.is_loopback if self is Reach.LOOPBACK else all(map(_is_public, _meant(parsed)))

    def allows_name(self, host: str) -> bool:
        """Whether somebody else may be asked to connect to `host`, which we do not resolve.

        A public name has at least two labels, and the last is neither a number, which would be an address in one of
        its odd spellings ("127.1", "0x7f.1"), nor one that is never public.
        """
        if self is not Reach.PUBLIC:
            return self is Reach.ANYWHERE
        name = host.rstrip(".").lower()
        try:
            return self.allows(name)
        except ValueError:
            _, dot, last = name.rpartition(".")
            return bool(dot) and not last[:1].isdigit() and not f".{name}".endswith(_NEVER_PUBLIC)


class Origin(Value):
    """Scheme, host and port: credentials that are for one are for no other (RFC 6454)."""

    scheme: str
    host: str
    port: int

    @property
    def names_loopback(self) -> bool:
        """Whether the host is written as loopback, before any name is resolved."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


class WebAddress(Value):
    """A URL taken apart: whom to ask, and for what. `shown` is what a report may say of it."""

    origin: Origin
    target: str = field(repr=False)
    shown: str


def parse_web_address(url: str) -> WebAddress:
    """Take `url` apart; raises `NotAllowedError`, which does not repeat it."""
    try:
        parts = urlsplit(url)
        scheme, host, stated = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        raise NotAllowedError("not a URL with a host, and a port up to 65535") from None
    if scheme not in _PORTS or not host:
        raise NotAllowedError("expected https://, and a host")
    if not url.isprintable() or not (HOST_NAME.match(host) or _is_literal(host)):
        # What is not printable would be taken out of it without a word.
        raise NotAllowedError("a host of letters, digits, dots and hyphens is expected, and nothing that does not show")
    if parts.username is not None or parts.password is not None:
        raise NotAllowedError("a URL is no place for a user name or a password")
    port = _PORTS[scheme] if stated is None else stated
    path = quote(parts.path, safe=_RESERVED) or "/"
    target = f"{path}?{quote(parts.query, safe=_RESERVED)}" if parts.query else path
    return WebAddress(
        origin=Origin(scheme=scheme, host=host, port=port),
        target=target,
        shown=f"{scheme}://{parts.netloc}{parts.path}",
    )


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return host.isascii()


def _is_public(address: _Address) -> bool:
    return address.is_global and not address.is_multicast and not any(address in each for each in _ALSO_SPECIAL)


def _meant(address: _Address) -> Iterator[_Address]:
    """The address, and those that a network on the way may take it for."""
    yield address
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        yield from (each for each in (address.ipv4_mapped, address.sixtofour) if each is not None)
