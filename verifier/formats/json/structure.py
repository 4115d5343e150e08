"""The structure of a JSON text, counted before anything is made of it: elements, arrays, objects, keys, nesting.

* counts are exact for JSON; what is not JSON fails where it is parsed, and never makes more than was counted
* what stands in strings does not count, whatever it looks like
* memory stays within three times the bytes that are looked at, and time proportionate to them
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate, islice
from typing import TypeAlias

from verifier.core.costs.budget import Budget
from verifier.core.costs.prices import ARRAY, DOCUMENT, ELEMENT, KEY, OBJECT, TEXT, Price
from verifier.core.errors import refuse
from verifier.core.limits import MAX_JSON_VALUES

_CHUNK = 64 * 1024
"""Bytes from which strings are taken out at a time: a list of what is left of all would take ten times as much."""
_WIDTHS = ((re.compile(rb"[\xf0-\xff]"), 4), (re.compile(rb"[\xc4-\xff]"), 2))
"""Bytes of UTF-8 that make all of a text take four bytes a character, or two."""
_TEXT = re.compile(rb'"[^"]*"')
_DELTA = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1, ord('"'): 0}
_HIGH, _LOW = r"\\u[dD][89abAB][0-9a-fA-F]{2}", r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_LONE = rf"{_HIGH}(?!{_LOW})|{_LOW}(?<!{_HIGH}{_LOW})"  # compiled once a document has one


Counts: TypeAlias = tuple[int, int, int, int]
"""Commas, opening brackets of arrays and of objects, colons."""


def priced(counts: Counts) -> tuple[tuple[Price, int], ...]:
    """What a text with so many of each makes, and at which price."""
    commas, arrays, objects, keys = counts
    return (ELEMENT, 1 + commas), (ARRAY, arrays), (OBJECT, objects), (KEY, keys)


def pay_for_text(data: bytes | memoryview, budget: Budget, subject: str) -> None:
    """Pay for decoding a document, as far as it is ASCII; for a moment its bytes stand there three times."""
    budget.spend(DOCUMENT, subject=subject)
    budget.spend(TEXT, len(data), subject=subject)
    budget.pass_through(3 * len(data), subject=subject)


def pay_for_width(data: bytes | memoryview, budget: Budget, subject: str) -> None:
    """Pay for what is not ASCII: one wide character makes the whole text wide, and each text in it that has one."""
    width = next((width for wide, width in _WIDTHS if wide.search(data)), 1)
    budget.spend(TEXT, (width - 1) * len(data), subject=subject)
    budget.pass_through((3 + width) * len(data), subject=subject)


def pay_for_json(data: bytes, budget: Budget, subject: str) -> None:
    """Pay for a document that another reader is going to read."""
    pay_for_text(data, budget, subject)
    pay_for_width(data, budget, subject)
    counts = data.count(b","), data.count(b"["), data.count(b"{"), data.count(b":")
    paid(data, counts, MAX_JSON_VALUES, budget, subject)


def paid(data: bytes | memoryview, counts: Counts, max_values: int, budget: Budget | None, subject: str) -> Counts:
    """The counts, exact where it matters, once what they make is paid for; refuses more than `max_values`."""
    if 1 + sum(counts[:3]) > max_values or (budget is not None and not budget.affords(*priced(counts))):
        counts = exact(data)
    if (values := 1 + sum(counts[:3])) > max_values:
        raise refuse("json.too-many-values", subject, f"about {values} values; at most {max_values} are allowed")
    if budget is not None:
        for price, count in priced(counts):
            budget.spend(price, count, subject=subject)
    return counts


def exact(data: bytes | memoryview) -> Counts:
    """What stands outside of strings."""
    structure = _skeleton(data, b",[{:")
    return structure.count(b","), structure.count(b"["), structure.count(b"{"), structure.count(b":")


def deeper_than(data: bytes | memoryview, limit: int) -> bool:
    """Whether arrays and objects are nested deeper than `limit`."""
    brackets = _skeleton(data, b"[]{}")
    opening = _opening(brackets)
    # Most texts are wide, and not deep. What holds nothing is taken out of what holds it: two levels at most.
    if opening <= limit or _opening(brackets.replace(b"[]", b"").replace(b"{}", b"")) + 2 <= limit:
        return False
    # A value has as many closing brackets as opening ones: what follows these belongs to no value.
    return any(level > limit for level in accumulate(map(_DELTA.__getitem__, islice(brackets, 2 * opening))))


def _opening(brackets: bytes) -> int:
    return brackets.count(b"[") + brackets.count(b"{")


def lone_surrogates(text: str) -> Iterator[tuple[int, int]]:
    r"""Where `\u` escapes of half a surrogate pair begin and end."""
    masked = text.replace("\\\\", "__")  # what is left of backslashes begins an escape
    return ((match.start(), match.end()) for match in re.finditer(_LONE, masked))


def _skeleton(data: bytes | memoryview, kept: bytes) -> bytes:
    """The bytes `kept` of `data`, as far as they stand outside of strings."""
    bare = bytes(data)
    if b"\\" in bare:
        # Of a run of backslashes, pairs stand for themselves; what is left of it may hide a quotation mark.
        bare = bare.replace(b"\\\\", b"").replace(b'\\"', b"")
    others = bytes(set(range(256)) - set(kept) - set(b'"'))
    # Taking out two neighbouring quotes keeps what stands inside a string there.
    structure = bare.translate(None, others).replace(b'""', b"")
    return b"".join(_outside(structure)) if b'"' in structure else structure


def _outside(structure: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(structure):
        end = start + _CHUNK
        if structure.count(b'"', start, end) % 2:
            end = structure.find(b'"', end) + 1 or len(structure)
        yield _TEXT.sub(b"", structure[start:end])
        start = end
