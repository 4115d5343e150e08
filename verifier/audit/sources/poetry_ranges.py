"""Poetry's constraints as the sets of specifiers of PEP 440 that they mean. Pure.

* `^1.2` is `>=1.2,<2`, `~1.2` is `>=1.2,<1.3`, `1.2` is `==1.2`, `*` anything; `||` parts alternatives
* what is none of these is nobody's: none, and nothing is said of it

Source: https://python-poetry.org/docs/dependency-specification/.
"""

from __future__ import annotations

import re
from typing import Final

_CLAUSE: Final = re.compile(
    r"(?P<operator>\^|~=|~|===?|!=|<=|>=|<|>)?\s*(?P<version>[A-Za-z0-9][A-Za-z0-9.+!*_-]*|\*)\Z"
)
_RELEASE: Final = re.compile(r"v?(\d+(?:\.\d+)*)")
_BETWEEN: Final = re.compile(r"\s*,\s*|(?<=[A-Za-z0-9*])\s+(?=[\^~=!<>])")


def ranges_of(text: str) -> tuple[str, ...]:
    """The alternatives; () where one of them cannot be read."""
    found = []
    for alternative in re.split(r"\s*\|\|?\s*", text.strip()) if text.strip() else [""]:
        clauses = [_clause(each.strip()) for each in _BETWEEN.split(alternative) if each.strip()]
        if None in clauses:
            return ()
        found.append(",".join(each for each in clauses if each))
    return tuple(found)


def _clause(text: str) -> str | None:
    match = _CLAUSE.match(text)
    if match is None:
        return None
    operator, version = match["operator"] or "", match["version"]
    if version == "*":
        return ""
    if operator in {"^", "~"}:
        return _up_to(operator, version)
    return f"{operator or '=='}{version}"


def _up_to(operator: str, version: str) -> str | None:
    """A caret lets all change behind the first number that is not 0, a tilde behind the second."""
    match = _RELEASE.match(version)
    if match is None:
        return None
    parts = [int(each) for each in match[1].split(".")]
    if operator == "~":
        fixed = min(len(parts), 2)
    else:
        fixed = next((place for place, each in enumerate(parts, start=1) if each), len(parts))
    above = [*parts[: fixed - 1], parts[fixed - 1] + 1]
    return f">={version},<{'.'.join(map(str, above))}"
