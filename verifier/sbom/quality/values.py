"""What single values must be: addresses, times, digests, licences.

Source: RFC 5321 (lengths), RFC 3986, RFC 3339; TR-03183-2 section 6.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from verifier.core.clock import parse_rfc3339
from verifier.formats.spdx_license import parse_expression, symbols_of
from verifier.sbom.quality.rule import MISSING
from verifier.sbom.quality.sheet import MAX_LABEL

_EMAIL: Final = re.compile(r"[^\s@<>()\[\],;:\"]{1,64}@[^\s@.<>()]{1,63}(?:\.[^\s@.<>()]{1,63}){1,8}\Z")
_URI: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):[^\s<>\"]+\Z")
_URL: Final = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*\+)?(?:https?|ftp|ssh|git)://[^\s/?#<>\"][^\s<>\"]*\Z", re.IGNORECASE
)
_WITH_HOST: Final = frozenset({"http", "https", "ftp", "ssh", "git", "git+https", "git+ssh", "git+http"})
_ENTITY_REFERENCE: Final = re.compile(r"LicenseRef-[A-Za-z0-9.]+-[A-Za-z0-9.-]+\Z")
_HEX: Final = re.compile(r"[0-9A-Fa-f]+\Z")

STRONG: Final[Mapping[str, int]] = MappingProxyType(
    {
        "SHA256": 64,
        "SHA384": 96,
        "SHA512": 128,
        "SHA3256": 64,
        "SHA3384": 96,
        "SHA3512": 128,
        "BLAKE2B256": 64,
        "BLAKE2B384": 96,
        "BLAKE2B512": 128,
        "BLAKE3": 64,
    }
)
"""Algorithms nobody has broken, and how many hex digits their digests have; names without hyphens, in capitals."""


def contact(emails: Iterable[str], urls: Iterable[str]) -> str:
    """What is wrong with an e-mail address, else a URL; nothing where one of them is good."""
    emails, urls = list(emails), list(urls)
    if any(map(is_email, emails)):
        return ""
    if emails:
        return f"{shown(emails[0])}, which is no e-mail address"
    if any(map(is_url, urls)):
        return ""
    return f"{shown(urls[0])}, which is no URL" if urls else "neither an e-mail address nor a URL"


def is_email(text: str) -> bool:
    """Whether `text` is one address and nothing else."""
    return len(text) <= 320 and _EMAIL.match(text) is not None


def is_url(text: str) -> bool:
    """Whether `text` is a URL with a host."""
    return _URL.match(text) is not None


def uri(text: str) -> str:
    """What is wrong with a URI."""
    if text.startswith(("https://", "http://")):
        return "" if is_url(text) else f"{shown(text)}, which is no URI"
    found = _URI.match(text)
    if found is None or (found[1].lower() in _WITH_HOST and not is_url(text)):
        return f"{shown(text)}, which is no URI"
    return ""


def moment(text: str) -> str:
    """What is wrong with a point in time."""
    try:
        parse_rfc3339(text)
    except ValueError:
        return f"{shown(text)}, expected a time as RFC 3339 writes it, such as 2026-01-01T00:00:00Z"
    return ""


def strong_digest(algorithm: str, content: str) -> bool:
    """Whether this is a whole digest of SHA-256 or better."""
    length = STRONG.get(_plain(algorithm))
    return length is not None and len(content) == length and _HEX.match(content) is not None


@lru_cache(maxsize=64)
def _plain(algorithm: str) -> str:
    return algorithm.replace("-", "").upper()


@lru_cache(maxsize=4096)  # documents repeat few licences many times
def spdx_license(text: str) -> str:
    """What is wrong with a licence as TR-03183-2 wants it: of the SPDX list, or a `LicenseRef-` with its entity."""
    try:
        symbols = symbols_of(parse_expression(text))
    except ValueError:
        return f"{shown(text)}, which is no SPDX expression"
    for symbol in symbols:
        if symbol.kind == "unknown":
            return f"{shown(symbol.key)}, which is not in the SPDX list"
        if symbol.kind == "reference" and not _ENTITY_REFERENCE.search(symbol.key):
            return f"{shown(symbol.key)}, expected LicenseRef-ENTITY-NAME"
    return ""


def first_problem(problems: Iterable[str]) -> str:
    """Nothing where any is good; else what is wrong with the first, or that there is none."""
    first = ""
    for problem in problems:
        if not problem:
            return ""
        first = first or problem
    return first or MISSING


def shown(text: str) -> str:
    """`text` as a message repeats it."""
    return repr(text[:MAX_LABEL])
