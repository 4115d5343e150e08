"""The package of a Rego module, by its clause alone: no compiler, and the same answer as OPA's parser or none.

* the clause is the first thing in a module but for blanks and comments; a module without one is not Rego to OPA
* a name is ASCII letters, digits and `_`; a part in brackets is one string, in quotes or raw
* what goes on behind the name is read as far as OPA would read it: another bracket, a call, a sign is no clause
* linear in what stands before the end of the clause, and nothing behind it is looked at

Source: OPA `v1/ast/parser.go` (`parsePackage`), `v1/ast/internal/scanner`.
"""

from __future__ import annotations

import re
from typing import Final

from verifier.core.errors import Refused
from verifier.formats.json import strict_json

_GAP: Final = rb"(?:[ \t\r\n]|#[^\n]*+(?:\n|\Z))"
_NAME: Final = rb"[A-Za-z_][A-Za-z0-9_]*+"
_TEXT: Final = rb'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})*+"|`[^`\x00]*+`'
_PART: Final = rb"\.(" + _NAME + rb")|\[[ \t\r\n]*+(" + _TEXT + rb")[ \t\r\n]*+\]"

_START: Final = re.compile(rb"(?:\xef\xbb\xbf)?" + _GAP + rb"*+(package(?![A-Za-z0-9_]))?+")
_FIRST: Final = re.compile(_GAP + rb"++(" + _NAME + rb")")
_PARTS: Final = re.compile(rb"(?:" + _PART + rb")*+(?=[ \t\r\n#]|\Z)")
_EACH: Final = re.compile(_PART)
# What would go on with the name, or with the clause.
_NOT_BEHIND: Final = re.compile(_GAP + rb"*+[-.\[({;,]")
_RESERVED: Final = frozenset(
    {b"package", b"import", b"as", b"default", b"else", b"not", b"some", b"with", b"null", b"true", b"false"}
)


class NoPackageError(ValueError):
    """The module has no package clause: OPA does not load it."""


class UnreadPackageError(ValueError):
    """The module has a package clause that is not to be read in one way only."""


def package_of(module: bytes | memoryview) -> tuple[str, ...]:
    """The package's path without `data`; raises `NoPackageError` or `UnreadPackageError`."""
    start = _START.match(module)
    if start is None or start[1] is None:
        raise NoPackageError("no package clause at its beginning")
    first = _FIRST.match(module, start.end())
    if first is None or first[1] in _RESERVED:
        raise UnreadPackageError("no plain name follows `package`")
    parts = _PARTS.match(module, first.end())
    if parts is None or _NOT_BEHIND.match(module, parts.end()):
        raise UnreadPackageError("its package clause does not end where a name does")
    return (first[1].decode(), *(_part(each) for each in _EACH.finditer(parts[0])))


def _part(part: re.Match[bytes]) -> str:
    if part[1] is not None:
        return part[1].decode()
    try:
        if part[2][:1] == b"`":
            return part[2][1:-1].decode()
        return str(strict_json.parse(part[2], subject="package").value)
    except (Refused, UnicodeDecodeError) as error:  # half of a surrogate pair, or not UTF-8
        raise UnreadPackageError("a part of its package is not Unicode") from error
