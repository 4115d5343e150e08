"""How versions of RPM's packages order: `[epoch:]version[-release]`.

* the epoch first, then the version, then the release; none comes before any
* digits and letters in turn, whatever stands between; numbers come after words, `~` before the end, `^` just after it

Source: rpm-version(7); rpmio/rpmvercmp.c.
"""

from __future__ import annotations

import re

from verifier.versions.schemes import OrderKey

_VERSION = re.compile(r"(?:(\d+):)?([0-9A-Za-z._+~^%{}]+)(?:-([0-9A-Za-z._+~^%{}]+))?\Z", re.ASCII)
_PART = re.compile(r"\d+|[A-Za-z]+|~|\^", re.ASCII)
# What stands in one place orders by what it is before it orders by its value.
_TILDE, _END, _CARET, _WORD, _NUMBER = range(5)
_MARKS = {"~": (_TILDE,), "^": (_CARET,)}


def key(version: str) -> OrderKey:
    """What versions order by; `ValueError` for what rpm would not build."""
    found = _VERSION.match(version)
    if found is None:
        raise ValueError(f"not a version of an RPM package: {version!r}")
    return int(found[1] or 0), _key(found[2]), found[3] is not None, _key(found[3] or "")


def _key(text: str) -> tuple[tuple[object, ...], ...]:
    return *(_part(each) for each in _PART.findall(text)), (_END,)


def _part(text: str) -> tuple[object, ...]:
    if text in _MARKS:
        return _MARKS[text]
    return (_NUMBER, int(text)) if text.isdigit() else (_WORD, text)
