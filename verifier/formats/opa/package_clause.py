"""The package of a Rego module, by its clause alone: no compiler, and the same answer as OPA's parser or none.

* the clause is the first thing in a module but for blanks and comments; a module without one is not Rego to OPA
* a name is ASCII letters, digits and `_`; a part in brackets is one string, in quotes or raw
* what goes on behind the name is read as far as OPA would read it: another bracket, a call, a sign is no clause
* linear in what stands before the end of the clause, of which both are bounded; nothing behind it is looked at

Source: OPA `v1/ast/parser.go` (`parsePackage`), `v1/ast/internal/scanner`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from verifier.core.costs.budget import Budget
from verifier.core.costs.prices import CLAUSE, GAP
from verifier.core.errors import Refused
from verifier.formats.json import strict_json

MAX_BEFORE: Final = 1024 * 1024
"""Bytes before the clause: a licence has twelve thousand."""
MAX_CLAUSE: Final = 1_024
"""Bytes of a package's name: as many as a file's."""
_PLAIN_WITHIN: Final = 16 * 1024

_GAP: Final = rb"(?:[ \t\r\n]++|#[^\n]*+(?:\n|\Z))"
_NAME: Final = rb"[A-Za-z_][A-Za-z0-9_]*+"
_TEXT: Final = rb'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})*"|`[^`\x00]*+`'
_PART: Final = rb"\.(" + _NAME + rb")|\[[ \t\r\n]*+(" + _TEXT + rb")[ \t\r\n]*+\]"

_PLAIN: Final = re.compile(
    rb"(?:[ \t\r\n]|#[^\n]*+\n)*package[ \t]++((" + _NAME + rb")(?:\." + _NAME + rb")*)[ \t\r\n]*+([A-Za-z_]|\Z)"
)
"""As nearly everybody writes it; whatever else there is, the patterns below read, which take longer to be made."""


class _Patterns(NamedTuple):
    """`start` up to the word, `first` a name, `parts` what follows it, `each` one of those, `gap` blanks."""

    start: re.Pattern[bytes]
    first: re.Pattern[bytes]
    parts: re.Pattern[bytes]
    each: re.Pattern[bytes]
    gap: re.Pattern[bytes]


@cache
def _patterns() -> _Patterns:
    return _Patterns(
        start=re.compile(rb"(?:\xef\xbb\xbf)?" + _GAP + rb"*(package(?![A-Za-z0-9_]))?"),
        first=re.compile(_GAP + rb"+(" + _NAME + rb")"),
        parts=re.compile(rb"(?:" + _PART + rb")*(?=[ \t\r\n#]|\Z)"),
        each=re.compile(_PART),
        gap=re.compile(_GAP + rb"*"),
    )


_NOT_BEHIND: Final = frozenset({b"-", b".", b"[", b"(", b"{", b";", b","})
"""What would go on with the name, or with the clause."""
_RESERVED: Final = frozenset(
    {b"package", b"import", b"as", b"default", b"else", b"not", b"some", b"with", b"null", b"true", b"false"}
)


class NoPackageError(ValueError):
    """The module has no package clause: OPA does not load it."""


class UnreadPackageError(ValueError):
    """The module has a package clause that is not to be read in one way only."""


def plain_clause(text: bytes | memoryview, start: int, stop: int) -> tuple[int, bytes] | None:
    """Where the package's name begins in the module between `start` and `stop`, and the name, where that is as nearly
    all are: words with dots between. None says nothing of the module: `package_of` does."""
    within = start + _PLAIN_WITHIN
    plain = _PLAIN.match(text, start, min(stop, within))
    # What ends where we stop looking may go on.
    if plain is None or plain.end() >= within:
        return None
    name, first, _ = plain.groups()
    return None if len(name) > MAX_CLAUSE or first in _RESERVED else (plain.start(1), name)


def package_of(module: bytes | memoryview, *, budget: Budget | None = None, subject: str = "module") -> tuple[str, ...]:
    """The package's path without `data`; raises `NoPackageError` or `UnreadPackageError`. `budget` pays for it."""
    budget = Budget(sent=len(module)) if budget is None else budget
    plain = plain_clause(module, 0, len(module))
    if plain is not None:
        before, name = plain
        budget.spend(GAP, before, subject=subject)
        budget.spend(CLAUSE, len(name), subject=subject)
        return tuple(name.decode().split("."))
    patterns = _patterns()
    start = patterns.start.match(module, 0, MAX_BEFORE)
    begin = start.end() if start else 0
    budget.spend(GAP, begin, subject=subject)
    if begin == MAX_BEFORE:
        raise UnreadPackageError(f"its package clause does not begin within {MAX_BEFORE} bytes")
    if start is None or start[1] is None:
        raise NoPackageError("no package clause at its beginning")
    limit = begin + MAX_CLAUSE
    first = patterns.first.match(module, begin, limit)
    if first is None or first[1] in _RESERVED:
        raise UnreadPackageError("no plain name follows `package`")
    parts = patterns.parts.match(module, first.end(), limit)
    end = parts.end() if parts else first.end()
    if end == limit < len(module):
        raise UnreadPackageError(f"its package clause has more than {MAX_CLAUSE} bytes")
    budget.spend(CLAUSE, end - begin, subject=subject)
    if parts is None or _goes_on(module, end, budget, subject):
        raise UnreadPackageError("its package clause does not end where a name does")
    return (first[1].decode(), *(_part(each) for each in patterns.each.finditer(parts[0])))


def _goes_on(module: bytes | memoryview, end: int, budget: Budget, subject: str) -> bool:
    """Whether something behind the name would go on with it, or with the clause; also where too much stands between."""
    gap = _patterns().gap.match(module, end, end + MAX_BEFORE)
    behind = gap.end() if gap else end
    budget.spend(GAP, behind - end, subject=subject)
    return behind == end + MAX_BEFORE or bytes(module[behind : behind + 1]) in _NOT_BEHIND


def is_nothing_else(module: bytes | memoryview) -> bool:
    """Whether a module with a package that can be read has nothing else in it but blanks and comments."""
    plain = _PLAIN.match(module)
    if plain is not None:
        return not plain[3]
    patterns = _patterns()
    start = patterns.start.match(module)
    first = None if start is None or start[1] is None else patterns.first.match(module, start.end())
    parts = None if first is None else patterns.parts.match(module, first.end())
    return parts is not None and patterns.gap.fullmatch(module, parts.end()) is not None


def _part(part: re.Match[bytes]) -> str:
    if part[1] is not None:
        return part[1].decode()
    try:
        if part[2][:1] == b"`":
            return part[2][1:-1].decode()
        return str(strict_json.parse(part[2], subject="package").value)
    except (Refused, UnicodeDecodeError) as error:  # half of a surrogate pair, or not UTF-8
        raise UnreadPackageError("a part of its package is not Unicode") from error
