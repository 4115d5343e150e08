"""How versions of an ecosystem order, behind two methods: what a version orders by, and as what it is judged.

* an order that refuses a version says None, and whoever asked is undecided; so does an ecosystem that has no order here
* `SEMVER` ranges order by SemVer whatever the ecosystem
* each version is read once; only the orders that are asked for are loaded

Python's is PEP 440 by `packaging`; the others are those of `sbom.difference.orders`, held to dpkg, rpm and apk.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, Final, Protocol

from verifier.versions.schemes import MAX_VERSION_BYTES

Key = Any
"""What versions of one order are compared by; those of different orders are not comparable."""


class Order(Protocol):
    """How versions order."""

    def key(self, version: str) -> Key | None:
        """What a version orders by; None where the order does not define it."""

    def judged(self, version: str) -> str:
        """As what a version is looked up: without what only whoever built it has added."""


class _Named:
    """An order of the table below."""

    def __init__(self, name: str) -> None:
        self.name = name

    def key(self, version: str) -> Key | None:
        return _key(self.name, version)

    def judged(self, version: str) -> str:
        # PEP 440's local versions lie above every public one, and no record knows them. What is none stays what it is.
        if self.name == "pep440" and "+" in version and self.key(version) is not None:
            return version.partition("+")[0]
        return version


class _Unknown:
    """The order of an ecosystem that has none here."""

    def key(self, version: str) -> None:  # noqa: ARG002 - as every order is asked
        return None

    def judged(self, version: str) -> str:
        return version


SEMVER: Final[Order] = _Named("semver")
UNKNOWN: Final[Order] = _Unknown()
_ORDERS: Final[dict[str, Order]] = {
    "pypi": _Named("pep440"),
    "npm": SEMVER,
    "golang": SEMVER,
    "cargo": SEMVER,
    "hex": SEMVER,
    "deb": _Named("dpkg"),
    "apk": _Named("apk"),
    "rpm": _Named("rpm"),
}
"""By purl type."""


def order_of(purl_type: str) -> Order:
    """The order of an ecosystem's own versions (`UNKNOWN` where it has none here)."""
    return _ORDERS.get(purl_type, UNKNOWN)


@lru_cache(maxsize=65_536)
def _key(order: str, version: str) -> Key | None:
    if not version or len(version) > MAX_VERSION_BYTES or not version.isascii():
        return None
    try:
        return _reader(order)(version)
    except ValueError:
        return None


@cache
def _reader(order: str) -> Callable[[str], Key]:
    match order:
        case "pep440":
            from verifier.sbom.difference.orders import pep440  # noqa: PLC0415 - only who asks for Python's loads it

            return lambda version: pep440.key(version)[
                0
            ]  # one key of one part compares twice as fast without its tuple
        case "semver":
            from verifier.sbom.difference.orders import semver  # noqa: PLC0415 - as above

            return semver.key
        case "dpkg":
            from verifier.sbom.difference.orders import dpkg  # noqa: PLC0415 - as above

            return dpkg.key
        case "apk":
            from verifier.sbom.difference.orders import apk  # noqa: PLC0415 - as above

            return apk.key
        case _:
            from verifier.sbom.difference.orders import rpm  # noqa: PLC0415 - as above

            return rpm.key
