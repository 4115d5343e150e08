"""How versions of Alpine's packages order, as apk-tools 3 has it: `1.2.3b_rc1_p2~abcd12-r4`.

* numbers behind a point that begin with 0 order as text, below all others
* `_alpha`, `_beta`, `_pre` and `_rc` come before what has no suffix, `_cvs`, `_svn`, `_git`, `_hg` and `_p` after it
* of two that begin alike, the one that goes on is the later, but for those that come before

Source: apk-tools, src/version.c; https://wiki.alpinelinux.org/wiki/APKBUILD_Reference#pkgver.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from verifier.versions.schemes import OrderKey

_VERSION = re.compile(
    r"(\d+)((?:\.\d+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*)(?:~([0-9A-Fa-f]+))?(?:-r(\d+))?\Z",
    re.ASCII,
)
_SUFFIX = re.compile(r"_([a-z]+)(\d*)", re.ASCII)
_BEFORE: Final = ("alpha", "beta", "pre", "rc")
_AFTER: Final = ("cvs", "svn", "git", "hg", "p")
# What stands in one place orders by what it is before it orders by its value.
_SUFFIX_BEFORE, _END, _REVISION, _COMMIT, _SUFFIX_NUMBER, _SUFFIX_AFTER, _LETTER, _NUMBER = range(8)


def key(version: str) -> OrderKey:
    """What versions order by; `ValueError` for what apk would not take."""
    found = _VERSION.match(version)
    if found is None:
        raise ValueError(f"not a version of an Alpine package: {version!r}")
    return int(found[1]), *_parts(found), (_END,)


def _parts(found: re.Match[str]) -> Iterator[tuple[object, ...]]:
    for number in found[2].split(".")[1:]:
        yield (_NUMBER, 0, number) if number.startswith("0") else (_NUMBER, 1, int(number))
    if found[3]:
        yield _LETTER, found[3]
    for word, number in _SUFFIX.findall(found[4]):
        yield (_SUFFIX_BEFORE, _BEFORE.index(word)) if word in _BEFORE else (_SUFFIX_AFTER, _AFTER.index(word))
        if number:
            yield _SUFFIX_NUMBER, int(number)
    if found[5]:
        yield _COMMIT, found[5]
    if found[6]:
        yield _REVISION, int(found[6])
