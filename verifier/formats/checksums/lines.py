"""One line of a list of checksums, as those write it who make such lists.

| written by | line |
|---|---|
| sha256sum, sha512sum, shasum, openssl dgst -r | `HEX  NAME`, or `HEX *NAME` |
| sha256sum --tag, BSD | `SHA256 (NAME) = HEX` |
| openssl dgst | `SHA256(NAME)= HEX`, `SHA2-256(NAME)= HEX` |

* a name with a line break or a backslash is escaped, behind a backslash at the line's beginning, as coreutils does it
* a line is one of these or an error; what shasum normalises first (`U`, `^`) is no checksum of the bytes

Source: https://www.gnu.org/software/coreutils/manual/html_node/cksum-output-modes.html, and coreutils' own reader.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_GNU: Final = re.compile(r"([0-9A-Fa-f]{8,}) ([ *])(.+)\Z", re.DOTALL)
_TAGGED: Final = re.compile(r"([A-Za-z0-9/-]{1,16}) \((.+)\) = ([0-9A-Fa-f]{8,})\Z", re.DOTALL)
_OPENSSL: Final = re.compile(r"([A-Za-z0-9/-]{1,16})\((.+)\)= ([0-9A-Fa-f]{8,})\Z", re.DOTALL)
_SIZES: Final = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
"""Hex digits of what is written without a name: the one that the tools which write it so make of that length."""
_TAGS: Final = {
    "MD5": "md5",
    "SHA1": "sha1",
    "SHA224": "sha224",
    **{f"{tag}{size}": f"sha{size}" for tag in ("SHA", "SHA2-") for size in (256, 384, 512)},
}
_LENGTHS: Final = {name: size for size, name in _SIZES.items()}
_ESCAPES: Final = {"\\": "\\", "n": "\n", "r": "\r"}


class Line(NamedTuple):
    """What a line says: the file's name as it is written, `hashlib`'s name of the algorithm, and lower-case hex."""

    name: str
    algorithm: str
    value: str


def read_line(text: str) -> Line:
    """Read a line without its end; raises `ValueError` saying what was seen."""
    escaped, rest = text.startswith("\\"), text.removeprefix("\\")
    if match := _GNU.match(rest):
        value, _, name = match.groups()
        algorithm = _SIZES.get(len(value), f"a digest of {len(value)} hex digits")
    elif match := _TAGGED.match(rest) or _OPENSSL.match(rest):
        tag, name, value = match.groups()
        algorithm = _TAGS.get(tag.upper(), tag)
        if len(value) != _LENGTHS.get(algorithm, len(value)):
            raise ValueError(f"a {algorithm} has {_LENGTHS[algorithm]} hex digits, not {len(value)}")
    else:
        raise ValueError(f"{text[:80]!r} is none of `HEX  NAME`, `SHA256 (NAME) = HEX`, `SHA256(NAME)= HEX`")
    return Line(_unescaped(name) if escaped else name, algorithm, value.lower())


def _unescaped(name: str) -> str:
    parts, rest = [], iter(name)
    for seen in rest:
        meant = _ESCAPES.get(next(rest, "")) if seen == "\\" else seen
        if meant is None:
            raise ValueError(f"{name[:80]!r} is escaped otherwise than by \\\\, \\n and \\r")
        parts.append(meant)
    return "".join(parts)
