"""The one writer of JSON: whoever writes it picks a form.

* `canonical` and `compact` are for programs, which compare, hash and sign them: they hold no NaN and no infinity
* `canonical` is one text for one value: members sorted by their names' code points
* `spaced` and `indented` are for people, and for compilers that say themselves what they do not take
* `line` and `page` go to a terminal, a log, a browser: printable ASCII only, whatever the value holds
* `ascii_only` escapes every character beyond ASCII; otherwise half a surrogate pair makes a text that cannot be encoded

Members keep their order but for `canonical`. Each raises `TypeError` for what is no JSON value, `ValueError` or
`RecursionError` for what holds itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from json import JSONEncoder
from json.encoder import encode_basestring_ascii
from typing import Any, Final


def _by_ascii_only(**form: Any) -> Mapping[bool, Callable[[object], str]]:
    return {ascii_only: JSONEncoder(ensure_ascii=ascii_only, **form).encode for ascii_only in (True, False)}


# Whole bundles are hashed in this form, after a parser has made them: looking for cycles would cost a fifth of it.
_CANONICAL: Final = _by_ascii_only(sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False)
_COMPACT: Final = _by_ascii_only(separators=(",", ":"), allow_nan=False)
_SPACED: Final = _by_ascii_only()


def canonical(value: object, *, ascii_only: bool = True) -> str:
    """Sorted, without spaces; raises `ValueError` for a number that is none."""
    return _CANONICAL[ascii_only](value)


def quoted(text: str) -> str:
    """A string as `canonical` writes it: for who writes one shape over and over, whose members are sorted already."""
    return encode_basestring_ascii(text)


def compact(value: object, *, ascii_only: bool = True) -> str:
    """Without spaces; raises `ValueError` for a number that is none."""
    return _COMPACT[ascii_only](value)


def spaced(value: object, *, ascii_only: bool = True) -> str:
    """On one line, with a space after each comma and colon."""
    return _SPACED[ascii_only](value)


def indented(value: object, by: int) -> str:
    """On many lines, each indented by so many spaces a level, in ASCII."""
    return JSONEncoder(indent=by).encode(value)


def line(value: object) -> str:
    """One line, to be shown, with its end."""
    return _visible(spaced(value))


def page(value: object) -> str:
    """Many lines, to be shown, with the end of the last one."""
    return _visible(indented(value, 2))


def sheet(document: Mapping[str, object]) -> str:
    """As `page`, but every item of a list on one line: of documents with very long lists, which no person reads whole.

    It is made ten times as fast.
    """
    return _visible("{\n" + ",\n".join(_members(document, "  ")) + "\n}")


def _members(document: Mapping[str, object], margin: str) -> Iterator[str]:
    for name, value in document.items():
        yield f"{margin}{spaced(name)}: {_value(value, margin)}"


def _value(value: object, margin: str) -> str:
    if isinstance(value, Mapping) and value:
        return "{\n" + ",\n".join(_members(value, margin + "  ")) + f"\n{margin}}}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"{margin}  {spaced(each)}" for each in value) + f"\n{margin}]"
    return spaced(value)


def _visible(text: str) -> str:
    # DEL is the one control character that JSON leaves as it is.
    return text.replace("\x7f", "\\u007f") + "\n"
