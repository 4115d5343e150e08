"""Bundles changed in one place each: every value of their JSON, and bytes all along whatever is in base64.

Which places are changed follows from the bundle alone, so that each run tries the same.
"""

from __future__ import annotations

import base64
import binascii
import copy
import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

_FLIPPED = 5
"""Bytes that are flipped in each value in base64, evenly spread."""
_TWICE = "repeated"
_OTHERS = (None, "", 7, [], {})


class Mutation(NamedTuple):
    """`place` is the path of what was changed, `how` in which way; `document` is the bundle then."""

    place: tuple[str | int, ...]
    how: str
    document: bytes


def mutations(document: bytes) -> Iterator[Mutation]:
    """Every mutation of a bundle."""
    whole = json.loads(document)
    for place, value in _values(whole):
        if not place:
            continue
        yield _without(whole, place)
        yield _doubled(whole, place)
        for other in _OTHERS:
            if other != value or type(other) is not type(value):
                yield _with(whole, place, f"replaced by {other!r}", other)
        if isinstance(value, str):
            yield from _with_other_text(whole, place, value)
            yield from _with_other_bytes(whole, place, value)


def _values(value: object, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], object]]:
    yield place, value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in members:
        yield from _values(item, (*place, name))


def _with(whole: dict, place: tuple[str | int, ...], how: str, value: object) -> Mutation:
    changed = copy.deepcopy(whole)
    _holder(changed, place)[place[-1]] = value
    return Mutation(place, how, json.dumps(changed).encode())


def _without(whole: dict, place: tuple[str | int, ...]) -> Mutation:
    changed = copy.deepcopy(whole)
    del _holder(changed, place)[place[-1]]
    return Mutation(place, "dropped", json.dumps(changed).encode())


def _doubled(whole: dict, place: tuple[str | int, ...]) -> Mutation:
    """The item twice in its list, or the member twice in its object, which only text can say."""
    changed = copy.deepcopy(whole)
    holder, name = _holder(changed, place), place[-1]
    if isinstance(holder, list):
        holder.insert(name, copy.deepcopy(holder[name]))
        return Mutation(place, _TWICE, json.dumps(changed).encode())
    mark = hashlib.sha256(repr(place).encode()).hexdigest()
    holder[mark] = holder[name]
    return Mutation(place, _TWICE, json.dumps(changed).replace(mark, str(name)).encode())


def _holder(whole: dict, place: tuple[str | int, ...]) -> dict | list:
    for name in place[:-1]:
        whole = whole[name]
    return whole


def _with_other_text(whole: dict, place: tuple[str | int, ...], text: str) -> Iterator[Mutation]:
    for index in sorted({0, len(text) - 1}) if text else ():
        for other in ("A", "0", "*"):
            if text[index] != other:
                yield _with(whole, place, f"character {index} is {other!r}", text[:index] + other + text[index + 1 :])
    yield _with(whole, place, "followed by more", f"{text}\n")
    yield _with(whole, place, "cut off", text[:-1])


def _with_other_bytes(whole: dict, place: tuple[str | int, ...], text: str) -> Iterator[Mutation]:
    content = _bytes(text)
    if not content:
        return
    step = max(1, len(content) // _FLIPPED)
    for index in range(0, len(content), step):
        changed = bytearray(content)
        changed[index] ^= 1 << (index // step % 8)
        yield _with(whole, place, f"byte {index} flipped", base64.b64encode(changed).decode())
    yield _with(whole, place, "a byte more", base64.b64encode(content + b"\x00").decode())
    yield _with(whole, place, "a byte less", base64.b64encode(content[:-1]).decode())


def flipped(whole: dict, draw: Callable[[SearchStrategy], Any]) -> bytes:
    """`whole` with one bit changed in one value in base64, all of which `draw` chooses."""
    places = [(place, content) for place, value in _values(whole) if (content := _bytes(value))]
    place, content = draw(st.sampled_from(places))
    bit = draw(st.integers(0, 8 * len(content) - 1))
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return _with(whole, place, "", base64.b64encode(changed).decode()).document


def _bytes(value: object) -> bytes:
    """What a value in base64 holds; b"" for any other."""
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        return b""
