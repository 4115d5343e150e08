"""How versions of Debian's packages order: `[epoch:]upstream[-revision]`.

* the epoch first, then the upstream version, then the revision, which is 0 where there is none
* each is text and numbers in turn; in text `~` comes before the end, letters before everything else

Source: deb-version(7); Debian Policy 5.6.12.
"""

from __future__ import annotations

import re
from typing import Final

from verifier.versions.schemes import OrderKey

_UPSTREAM = re.compile(r"(?:(\d+):)?(\d[0-9A-Za-z.+~:-]*)\Z", re.ASCII)
_REVISION = re.compile(r"[0-9A-Za-z+.~]+\Z", re.ASCII)
_PART = re.compile(r"(\D*)(\d*)", re.ASCII)
_MOST_EPOCH: Final = 2**31 - 1


def key(version: str) -> OrderKey:
    """What versions order by; `ValueError` for what dpkg would refuse or warn of."""
    rest, hyphen, revision = version.rpartition("-")
    found = _UPSTREAM.match(rest if hyphen else version)
    if found is None or (hyphen and not _REVISION.match(revision)):
        raise ValueError(f"not a version of a Debian package: {version!r}")
    if int(found[1] or 0) > _MOST_EPOCH or (found[1] is None and ":" in version):
        raise ValueError(f"not an epoch of a Debian package: {version!r}")
    return int(found[1] or 0), _key(found[2]), _key(revision if hyphen else "")


def _key(text: str) -> tuple[int, ...]:
    """Characters and numbers as numbers; 0 ends a text, and the whole. Nothing is the number 0."""
    parts: list[int] = []
    for letters, digits in _PART.findall(text or "0"):
        if letters or digits:
            parts += [*map(_weight, letters), 0, int(digits or 0)]
    return (*parts, 0)


def _weight(character: str) -> int:
    if character == "~":
        return -1
    return ord(character) if character.isalpha() else ord(character) + 256
