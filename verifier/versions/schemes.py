"""Version schemes: text to something that orders. Pure.

* every scheme accepts one alphabet (ASCII) and at most 256 bytes
* what a scheme does not define cannot be ordered: `ValueError`, never a guess
* two texts with equal keys are one version: SemVer's build metadata and PEP 440's spelling do not order
* SemVer is SemVer 2.0.0 to the letter: no leading zeros, no `v`, pre-releases ordered (https://semver.org)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import Any

from verifier.core.clock import parse_rfc3339

MAX_VERSION_BYTES = 256
"""Bytes of one version: bounds the work of comparing hostile ones."""
MAX_INTEGER_DIGITS = 64
"""Digits of an `integer` version: more than any counter or timestamp has."""

OrderKey = tuple[Any, ...]
"""What versions of one scheme are compared by; keys of different schemes are not comparable."""

_NUMBER = r"0|[1-9]\d*"
_IDENTIFIER = rf"(?:{_NUMBER}|\d*[A-Za-z-][0-9A-Za-z-]*)"
_SEMVER = (
    rf"(?a)({_NUMBER})\.({_NUMBER})\.({_NUMBER})"
    rf"(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\Z"
)
_INTEGER = rf"(?a)(?:0|[1-9]\d{{0,{MAX_INTEGER_DIGITS - 1}}})\Z"
_CALVER = r"(?a)(\d{4}|\d\d)[.-](\d{1,9})(?:[.-](\d{1,9}))?(?:[.-](\d{1,9}))?\Z"
_PEP440 = r"[0-9A-Za-z.!+_-]+\Z"


class Scheme(StrEnum):
    """How versions order; the names are the policy's."""

    SEMVER = "semver"
    INTEGER = "integer"
    RFC3339 = "rfc3339"
    PEP440 = "pep440"
    CALVER = "calver"
    SIGNED_TIME = "signed-time"


def order_key(scheme: Scheme, text: str) -> OrderKey:
    """The key that `text` orders by within `scheme`; raises `ValueError` for what the scheme does not define."""
    return _order_key(scheme, text)


@lru_cache(maxsize=1024)  # one decision asks for the same few keys several times
def _order_key(scheme: Scheme, text: str) -> OrderKey:
    _bounded(text)
    return _KEYS[scheme](text)


def components(scheme: Scheme, text: str) -> tuple[int, ...]:
    """The numbers of a dotted version, most significant first; raises `ValueError` where a scheme has none.

    PEP 440's epoch comes first, as it outranks the release.
    """
    _bounded(text)
    match scheme:
        case Scheme.SEMVER:
            return tuple(_semver_key(text)[:3])
        case Scheme.CALVER:
            return _calver_key(text)
        case Scheme.PEP440:
            (version,) = _pep440_key(text)
            return (version.epoch, *version.release)
        case Scheme.INTEGER | Scheme.RFC3339 | Scheme.SIGNED_TIME:
            raise ValueError(f"the scheme {scheme} has no components")


def _bounded(text: str) -> None:
    if not text:
        raise ValueError("the version is empty")
    if len(text) > MAX_VERSION_BYTES or not text.isascii():
        raise ValueError(f"a version is at most {MAX_VERSION_BYTES} ASCII characters")


def _semver_key(text: str) -> OrderKey:
    found = re.match(_SEMVER, text)
    if found is None:
        raise ValueError(f"not a SemVer 2.0.0 version: {text!r}")
    prerelease = found[4]
    identifiers = tuple(_identifier_key(part) for part in prerelease.split(".")) if prerelease else ()
    # SemVer 11.3: a pre-release precedes its release.
    return (int(found[1]), int(found[2]), int(found[3]), prerelease is None, identifiers)


def _identifier_key(text: str) -> OrderKey:
    # SemVer 11.4.3: numeric identifiers precede alphanumeric ones.
    return (0, int(text), "") if text.isdigit() else (1, 0, text)


def _integer_key(text: str) -> OrderKey:
    if not re.match(_INTEGER, text):
        raise ValueError(f"not a whole number without sign and leading zeros, of at most 64 digits: {text!r}")
    return (int(text),)


def _time_key(text: str) -> OrderKey:
    return (parse_rfc3339(text),)


def _pep440_key(text: str) -> OrderKey:
    from packaging.version import Version  # noqa: PLC0415  (only policies that order Python packages pay for it)

    # `Version` strips white space and reads non-ASCII digits; neither is written by any tool that follows PEP 440.
    if not re.match(_PEP440, text):
        raise ValueError(f"not a PEP 440 version: {text!r}")
    return (Version(text),)


def _calver_key(text: str) -> tuple[int, int, int, int]:
    found = re.match(_CALVER, text)
    if found is None:
        raise ValueError(f"not YYYY or YY followed by one to three numbers, as in 2026.01.2: {text!r}")
    year = int(found[1]) + (2000 if len(found[1]) == 2 else 0)
    return (year, int(found[2]), int(found[3] or 0), int(found[4] or 0))


_KEYS: dict[Scheme, Callable[[str], OrderKey]] = {
    Scheme.SEMVER: _semver_key,
    Scheme.INTEGER: _integer_key,
    Scheme.RFC3339: _time_key,
    Scheme.PEP440: _pep440_key,
    Scheme.CALVER: _calver_key,
    Scheme.SIGNED_TIME: _time_key,
}
