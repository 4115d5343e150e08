"""SPDX licence expressions, by `license-expression` behind an adapter that keeps its promises.

* what is no expression is a `ValueError`, whatever the library raises for it (it has raised four kinds)
* an expression is bounded, brackets too, before the library sees it: it calls itself for each
* licences that SPDX lists are written as SPDX writes them, whatever the case; older names (`GPL-2.0+`) become today's
* `LicenseRef-` and `DocumentRef-` are nobody's alias: they stay what they are, unknown

Source: SPDX 2.3, annex D; formats/sbom.md section 7.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from verifier.core.errors import ConfigurationError

if TYPE_CHECKING:
    from license_expression import Licensing

MAX_EXPRESSION: Final = 8_192
"""Characters of one expression: the longest of a Linux distribution have some two thousand."""
MAX_BRACKETS: Final = 64
"""Brackets that are open at once."""
_ID: Final = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?[A-Za-z0-9][A-Za-z0-9.-]*\+?\Z")
_OPERATORS: Final = frozenset({"and", "or", "with"})


class Term(NamedTuple):
    """One licence, with the exception that goes with it, or ""; `known` says that SPDX lists both."""

    license: str
    exception: str = ""
    known: bool = False


class AllOf(NamedTuple):
    """AND: every part applies."""

    parts: tuple[Expression, ...]


class AnyOf(NamedTuple):
    """OR: whoever takes it chooses one part."""

    parts: tuple[Expression, ...]


Expression: TypeAlias = "Term | AllOf | AnyOf"


@lru_cache(maxsize=1024)
def parse_expression(text: str) -> Expression:
    """The expression `text`; `ValueError` where it is none, or is too large."""
    if _is_one(text):
        return _term(text)
    _bounded(text)
    from boolean import ParseError  # noqa: PLC0415 - as below
    from license_expression import ExpressionError  # noqa: PLC0415 - only documents with expressions need it

    try:
        parsed = _licensing().parse(text, simple=True)
    except (ExpressionError, ParseError) as error:
        raise ValueError(str(error)[:200] or "no licence expression") from None
    except (AttributeError, IndexError, TypeError, RecursionError):  # what it raises for brackets that do not match
        raise ValueError("an operator or a bracket stands where a licence must") from None
    if parsed is None:
        raise ValueError("it is empty")
    return _converted(parsed)


def fault_in(text: str) -> str:
    """What is wrong with the syntax of `text`, "" where nothing is; a single id needs no library."""
    if _is_one(text):
        return ""
    try:
        parse_expression(text)
    except ValueError as error:
        return str(error)
    return ""


def licenses_of(expression: Expression) -> tuple[Term, ...]:
    """Every licence that an expression names, in its order."""
    if isinstance(expression, Term):
        return (expression,)
    return tuple(term for part in expression.parts for term in licenses_of(part))


def _is_one(text: str) -> bool:
    return _ID.match(text) is not None and text.lower() not in _OPERATORS and len(text) <= MAX_EXPRESSION


def _bounded(text: str) -> None:
    if len(text) > MAX_EXPRESSION:
        raise ValueError(f"it has {len(text)} characters, expected at most {MAX_EXPRESSION}")
    depth = deepest = 0
    for character in re.findall(r"[()]", text):
        depth += 1 if character == "(" else -1
        deepest = max(deepest, depth)
    if deepest > MAX_BRACKETS:
        raise ValueError(f"it has {deepest} brackets open at once, expected at most {MAX_BRACKETS}")


def _converted(parsed: Any) -> Expression:
    kind = type(parsed).__name__
    if kind in ("AND", "OR"):
        parts = tuple(_converted(each) for each in parsed.args)
        return AllOf(parts) if kind == "AND" else AnyOf(parts)
    if kind == "LicenseWithExceptionSymbol":
        return _term(_whole(parsed.license_symbol.key), _whole(parsed.exception_symbol.key))
    return _term(_whole(parsed.key))


def _whole(key: str) -> str:
    if not _is_one(key):
        raise ValueError(f"{key[:80]!r} is no licence's id")
    return key


def _term(license_id: str, exception: str = "") -> Term:
    license_id, listed = _listed(license_id, exceptions=False)
    if not exception:
        return Term(license_id, known=listed)
    exception, also = _listed(exception, exceptions=True)
    return Term(license_id, exception, known=listed and also)


def _listed(key: str, *, exceptions: bool) -> tuple[str, bool]:
    """How SPDX writes an id, and whether it lists it."""
    table = _names()[exceptions]
    found = table.get(key.lower())
    if found is None and key.endswith("+"):
        found = table.get(key[:-1].lower())
        found = found and f"{found}+"
    return (found, True) if found else (key, False)


@cache
def _names() -> tuple[dict[str, str], dict[str, str]]:
    """Licences and exceptions that SPDX lists: every spelling in lower case, and the one of today."""
    from license_expression import get_license_index  # noqa: PLC0415 - as above

    licenses: dict[str, str] = {}
    exceptions: dict[str, str] = {}
    for row in get_license_index():
        table = exceptions if row.get("is_exception") else licenses
        today = row.get("spdx_license_key") or ""
        for each in (today, *(row.get("other_spdx_license_keys") or ())):
            if _ID.match(each) and not each.startswith("LicenseRef-"):
                table.setdefault(each.lower(), each if today.startswith("LicenseRef-") else today)
        if today and not today.startswith("LicenseRef-"):
            table[today.lower()] = today
    return licenses, exceptions


@cache
def _licensing() -> Licensing:
    try:
        from license_expression import Licensing  # noqa: PLC0415 - as above
    except ImportError as error:
        hint = "pip install 'policy-verifier[sbom]'"
        raise ConfigurationError(f"licence expressions need {error.name}", where="sbom", hint=hint) from error
    return Licensing()
