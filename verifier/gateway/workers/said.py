"""What stands in a record, read strictly: another type, or a missing key, is not understood."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.gateway.workers.channel import NotUnderstoodError, Said


def text(said: Said, key: str) -> str:
    """A text."""
    value = said.get(key)
    if not isinstance(value, str):
        raise _wrong(key)
    return value


def number(said: Said, key: str) -> int:
    """A whole number, not negative."""
    value = said.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _wrong(key)
    return value


def flag(said: Said, key: str) -> bool:
    """True or false."""
    value = said.get(key)
    if not isinstance(value, bool):
        raise _wrong(key)
    return value


def texts(said: Said, key: str) -> tuple[str, ...]:
    """Several texts."""
    found = []
    for each in _items(said, key):
        if not isinstance(each, str):
            raise _wrong(key)
        found.append(each)
    return tuple(found)


def pairs(said: Said, key: str) -> list[tuple[bytes, bytes]]:
    """Fields of HTTP, each name with its value."""
    found = []
    for each in _items(said, key):
        if not isinstance(each, list) or len(each) != 2 or not all(isinstance(part, str) for part in each):
            raise _wrong(key)
        try:
            found.append((each[0].encode("latin-1"), each[1].encode("latin-1")))
        except UnicodeEncodeError:
            raise _wrong(key) from None
    return found


def counts(said: Said, key: str) -> dict[str, int]:
    """How many of each."""
    value = said.get(key)
    if not isinstance(value, dict):
        raise _wrong(key)
    return {each: number(value, each) for each in value}


def named(fields: Sequence[tuple[bytes, bytes]]) -> list[list[str]]:
    """Fields of HTTP as `pairs` reads them."""
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in fields]


def _items(said: Said, key: str) -> list[object]:
    value = said.get(key)
    if not isinstance(value, list):
        raise _wrong(key)
    return value


def _wrong(key: str) -> NotUnderstoodError:
    return NotUnderstoodError(f"{key!r} is missing or of another type")
