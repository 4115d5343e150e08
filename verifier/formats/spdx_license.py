"""SPDX licence expressions: text to a small tree. The one place that knows `license-expression`.

* length, brackets and names are bounded before the library is called, which recurses
* operators are AND, OR and WITH; what is no expression is a `ValueError`, whatever the library raises
* a name is an identifier of the SPDX list (written as the list has it, the older `GPL-2.0+` as `GPL-2.0-or-later`), a
  reference (`LicenseRef-…`, `DocumentRef-…:LicenseRef-…`, as written), or unknown: no name is guessed at
* `Apache-2.0+` is that identifier with `+`; equal expressions are equal trees: parts are flat, sorted, each once

Source: SPDX 2.3 annex D; the list as license-expression ships it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final, NamedTuple, TypeAlias

from verifier.core.errors import ConfigurationError
from verifier.core.text.extras import how_to_install

MAX_EXPRESSION: Final = 16_384
"""Characters of one expression: what all of a distribution's licences come to is shorter."""
MAX_BRACKETS: Final = 64
"""Brackets within each other."""
MAX_NAMES: Final = 512
"""Names in one expression."""

_NAME: Final = re.compile(r"[A-Za-z0-9.-]+\+?\Z", re.ASCII)
_OPERATORS: Final = frozenset({"and", "or", "with"})
_REFERENCE: Final = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+\Z", re.ASCII)
_ADDITION: Final = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?AdditionRef-[A-Za-z0-9.-]+\Z", re.ASCII)


class Symbol(NamedTuple):
    """One licence or exception: `kind` is "id" (of the SPDX list), "reference" (`LicenseRef-…`) or "unknown"."""

    key: str
    kind: str

    def __str__(self) -> str:
        return self.key


class With(NamedTuple):
    """A licence with an exception: the pair is one licence."""

    license: Symbol
    exception: Symbol

    def __str__(self) -> str:
        return f"{self.license} WITH {self.exception}"


class And(NamedTuple):
    """All of the parts hold at once."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " AND ".join(_bracketed(part) for part in self.parts)


class Or(NamedTuple):
    """Whoever uses it chooses one of the parts."""

    alternatives: tuple[Expression, ...]

    def __str__(self) -> str:
        return " OR ".join(_bracketed(part) for part in self.alternatives)


Expression: TypeAlias = "Symbol | With | And | Or"


def parse_expression(text: str) -> Expression:
    """The tree of one expression; raises `ValueError` for what is none, `ConfigurationError` without the extra."""
    _require_bounded(text)
    return _read(_parsed(text))


def all_of(trees: Iterable[Expression]) -> Expression:
    """One expression of which all of these hold at once; raises `ValueError` where there is none."""
    parts = list(trees)
    if not parts:
        raise ValueError("no expression")
    return _joined(And, parts)


def fault_in(text: str) -> str:
    """What is wrong with the syntax of `text`, "" where nothing is; a single name needs no library."""
    if _NAME.match(text) is not None and len(text) <= MAX_EXPRESSION and text.lower() not in _OPERATORS:
        return ""
    try:
        parse_expression(text)
    except ValueError as error:
        return str(error)
    return ""


def is_listed(text: str) -> bool:
    """Whether `text` is an expression in which every licence is of the SPDX list, or a `LicenseRef-…`."""
    try:
        tree = parse_expression(text)
    except ValueError:
        return False
    return all(symbol.kind != "unknown" for symbol in symbols_of(tree))


def symbols_of(tree: Expression) -> tuple[Symbol, ...]:
    """Every licence and exception that is named in `tree`, in its order."""
    match tree:
        case Symbol():
            return (tree,)
        case With(license=license_, exception=exception):
            return (license_, exception)
        case And(parts) | Or(parts):
            return tuple(symbol for part in parts for symbol in symbols_of(part))


def known_ids() -> frozenset[str]:
    """The identifiers of licences and exceptions in the SPDX list, as it writes them."""
    return frozenset(key for key, _ in _listed().values())


def _require_bounded(text: str) -> None:
    if len(text) > MAX_EXPRESSION:
        raise ValueError(f"has {len(text)} characters, at most {MAX_EXPRESSION} are read")
    if not text.strip():
        raise ValueError("is empty")
    depth = deepest = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
        if depth < 0:
            break
    if depth:
        raise ValueError("has brackets that do not match")
    if deepest > MAX_BRACKETS:
        raise ValueError(f"has {deepest} brackets within each other, at most {MAX_BRACKETS} are read")
    if len(re.findall(r"[^\s()]+", text)) > 2 * MAX_NAMES:
        raise ValueError(f"has more than {MAX_NAMES} names")


def _parsed(text: str) -> Any:
    try:
        parsed = _parser()(text)
    except ConfigurationError:
        raise
    except Exception as error:  # the library raises AttributeError, IndexError and others beside its own
        raise ValueError(f"is no licence expression: {str(error)[:200] or type(error).__name__}") from error
    if parsed is None:
        raise ValueError("is empty")
    return parsed


@cache
def _parser() -> Callable[[str], Any]:
    """The library's parser, without a list of its own: a name is what is written."""
    library = _library()
    licensing = library.Licensing()

    def parse(text: str) -> Any:
        return licensing.parse(text, simple=True)

    return parse


@cache
def _listed() -> Mapping[str, tuple[str, bool]]:
    """By its name in lower case: the SPDX list's identifier, and whether it is an exception."""
    found: dict[str, tuple[str, bool]] = {}
    older: dict[str, tuple[str, bool]] = {}
    for entry in _library().get_license_index():
        key = entry.get("spdx_license_key") or ""
        if not key or key.startswith("LicenseRef-"):
            continue
        row = (key, bool(entry.get("is_exception")))
        found[key.lower()] = row
        for name in entry.get("other_spdx_license_keys") or ():
            if not name.startswith("LicenseRef-"):
                older[name.lower()] = row
    return older | found


def _library() -> Any:
    try:
        import license_expression  # noqa: PLC0415 - an extra, and only for who judges licences
    except ImportError as error:
        message = "licence expressions need license-expression, which is not installed"
        raise ConfigurationError(message, where="licenses", hint=how_to_install("sbom")) from error
    return license_expression


def _read(node: Any) -> Expression:
    match type(node).__name__:
        case "LicenseWithExceptionSymbol":
            return With(_symbol(node.license_symbol.key), _symbol(node.exception_symbol.key, exception=True))
        case "AND":
            return _joined(And, [_read(part) for part in node.args])
        case "OR":
            return _joined(Or, [_read(part) for part in node.args])
        case _:
            return _symbol(node.key)


def _joined(kind: type[And] | type[Or], parts: list[Expression]) -> Expression:
    flat: dict[str, Expression] = {}
    for part in parts:
        for each in part[0] if isinstance(part, kind) else (part,):
            flat[str(each)] = each
    if len(flat) == 1:
        return next(iter(flat.values()))
    return kind(tuple(flat[key] for key in sorted(flat)))


def _symbol(text: str, *, exception: bool = False) -> Symbol:
    if _REFERENCE.match(text) or (exception and _ADDITION.match(text)):
        return Symbol(text, "reference")
    if not _NAME.match(text):
        raise ValueError(f"{text[:80]!a} is no name of a licence")
    listed = _listed()
    key, is_exception = listed.get(text.lower(), ("", exception))
    if not key and text.endswith("+"):
        key, is_exception = listed.get(text[:-1].lower(), ("", exception))
        key = key and f"{key}+"
    if key and is_exception is exception:
        return Symbol(key, "id")
    return Symbol(text, "unknown")


def _bracketed(part: Expression) -> str:
    return f"({part})" if isinstance(part, And | Or) else str(part)
