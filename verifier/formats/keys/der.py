"""As much of DER as keys need: elements one inside another, each length written in the one shortest way.

* what ends before its length says is named as cut; what goes on behind it, as followed by more
* nothing is read twice, and nothing is searched for
"""

from __future__ import annotations

from typing import Final, NamedTuple

from verifier.formats.keys.text import NoPublicKeyError

INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
NULL: Final = 0x05
OBJECT_IDENTIFIER: Final = 0x06
SEQUENCE: Final = 0x30

_SHORT: Final = 0x80
_MOST_LENGTH_BYTES: Final = 3


class Element(NamedTuple):
    """One element: its tag, and its content."""

    tag: int
    content: bytes


def whole(der: bytes) -> Element:
    """The one element that `der` is."""
    element, end = _element(der, 0)
    if end != len(der):
        raise NoPublicKeyError(f"is a key in DER of {end} bytes, followed by {len(der) - end} that are no part of it")
    return element


def inside(element: Element) -> list[Element]:
    """The elements of a sequence."""
    elements, at = [], 0
    while at < len(element.content):
        found, at = _element(element.content, at)
        elements.append(found)
    return elements


def number(element: Element) -> int:
    """An integer that is not negative, in its shortest form."""
    content = element.content
    if element.tag != INTEGER or not content or content[0] >= _SHORT:
        raise _malformed()
    if len(content) > 1 and content[0] == 0 and content[1] < _SHORT:
        raise _malformed()
    return int.from_bytes(content, "big")


def encoded(tag: int, *contents: bytes) -> bytes:
    """An element in DER."""
    content = b"".join(contents)
    size = len(content)
    if size < _SHORT:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT | len(length))) + length + content


def encoded_number(value: int) -> bytes:
    """A number that is not negative, as an INTEGER."""
    return encoded(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _element(content: bytes, at: int) -> tuple[Element, int]:
    if len(content) - at < 2:
        raise _cut()
    tag, size, start = content[at], content[at + 1], at + 2
    if size >= _SHORT:
        count = size - _SHORT
        if not 1 <= count <= _MOST_LENGTH_BYTES:
            raise _malformed()
        length = content[start : start + count]
        size, start = int.from_bytes(length, "big"), start + count
        if len(length) == count and (length[0] == 0 or size < _SHORT):
            raise _malformed()
    if start + size > len(content):
        raise _cut()
    return Element(tag, content[start : start + size]), start + size


def _cut() -> NoPublicKeyError:
    return NoPublicKeyError("is a key that is cut: it ends before its own length says", "Get the whole file again.")


def _malformed() -> NoPublicKeyError:
    return NoPublicKeyError("is no key in DER: what is inside is not written as DER writes it")
