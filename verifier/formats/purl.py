"""Package URLs, read so that they have one meaning.

* what readers take differently is refused: `PKG:`, a repeated qualifier, a second `@`, `?` or `#`, empty segments
* a segment is what it is once decoded: none is empty, `.`, `..`, or holds a slash, a control or an invisible character
* percent signs begin two hex digits, and what they say is UTF-8
* the type and the names of qualifiers are lower case, the rest is as written: what is the same package is for
  `sbom.compare` to say

Source: ECMA-427 (https://github.com/package-url/purl-spec); formats/sbom.md section 4.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import unquote

MAX_PURL: Final = 8_192
"""Characters of one package URL."""
_TYPE: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]*\Z")
_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]*\Z")
_UP: Final = frozenset({"", ".", ".."})
_SLASHES: Final = frozenset({"k8s"})
"""Types of which names have slashes, encoded: Trivy writes Kubernetes' components so (`k8s.io%2Fkubelet`)."""
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Purl(NamedTuple):
    """One package URL, decoded; `qualifiers` are sorted, and those without a value are left out."""

    type: str
    namespace: str
    name: str
    version: str | None = None
    qualifiers: tuple[tuple[str, str], ...] = ()
    subpath: str = ""


def parse_purl(text: str) -> Purl:
    """The package URL `text`; `ValueError` where it is none, or has more than one meaning."""
    if not text.startswith("pkg:"):
        raise ValueError("does not begin with pkg:")
    if len(text) > MAX_PURL:
        raise ValueError(f"has {len(text)} characters, expected at most {MAX_PURL}")
    if not text.isprintable() or " " in text:
        raise ValueError("holds a space, a control or an invisible character")
    if "%" in text and _BAD_ESCAPE.search(text):
        raise ValueError("has a % that begins no two hex digits")
    rest, hash_mark, subpath = text[4:].lstrip("/").partition("#")
    if "#" in subpath:
        raise ValueError("has more than one #")
    rest, mark, qualifiers = rest.partition("?")
    kind, slash, path = rest.partition("/")
    if not _TYPE.match(kind) or not slash:
        raise ValueError("has no type")
    namespace, name, version = _named(kind.lower(), path)
    return Purl(
        kind.lower(),
        namespace,
        name,
        version,
        _qualifiers(qualifiers) if mark else (),
        "/".join(_segments(subpath, "the subpath")) if hash_mark else "",
    )


def ascii_lower(text: str) -> str:
    """`text` in lower case where it is ASCII, else as it is: `str.lower` makes a `k` of the Kelvin sign."""
    return text.lower() if text.isascii() else text


def _named(kind: str, path: str) -> tuple[str, str, str | None]:
    """Namespace, name and version of what stands behind the type."""
    scope = path[:1] if kind == "npm" else ""  # npm's scopes are written with a bare @ too
    scope = scope if scope == "@" else ""
    path, at, version = path[len(scope) :].partition("@")
    if "@" in version or "/" in version:
        raise ValueError("has more than one version, or a path behind it")
    if at and not version:
        raise ValueError("has an empty version")
    *namespace, name = _segments(scope + path, "a name", slashes=kind in _SLASHES)
    return "/".join(namespace), name, _decoded(version, "the version") if at else None


def _segments(path: str, what: str, *, slashes: bool = False) -> list[str]:
    segments = path.split("/")
    if "%" in path:
        segments = [_decoded(each, what) for each in segments]
    for each in segments:
        if not each:
            raise ValueError(f"{what} is empty")
        if each in _UP or ("/" in each and (not slashes or not _UP.isdisjoint(each.split("/")))):
            raise ValueError(f"{what} is {each[:80]!r}, which is a path")
        if each != each.strip():
            raise ValueError(f"{what} begins or ends with a blank")
    return segments


def _qualifiers(text: str) -> tuple[tuple[str, str], ...]:
    if "?" in text:
        raise ValueError("has more than one ?")
    found: dict[str, str] = {}
    for pair in text.split("&"):
        key, equals, value = pair.partition("=")
        if not equals or not _KEY.match(key):
            raise ValueError(f"has a qualifier {pair[:40]!r}, expected name=value")
        if key.lower() in found:
            raise ValueError(f"has the qualifier {key.lower()[:40]!r} twice")
        found[key.lower()] = _decoded(value, "a qualifier")
    return tuple(sorted((key, value) for key, value in found.items() if value))


def _decoded(text: str, what: str) -> str:
    if "%" not in text:
        return text
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ValueError(f"{what} is not UTF-8 once decoded") from None
    if not decoded.isprintable():
        raise ValueError(f"{what} holds a control or an invisible character once decoded")
    return decoded
