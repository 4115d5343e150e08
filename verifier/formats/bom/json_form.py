"""A document of plain values as JSON, numbered by its own content.

* ASCII, whatever a name holds: a terminal shows it and does nothing else; half of a surrogate pair is written as text
* one line for each component and each entry of the graph, so that two documents differ where their contents do
* the number is made of all the other bytes: equal numbers, equal documents
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any, Final

from verifier.formats.bom.unwritable import has_halves, without_halves
from verifier.formats.json.write import compact

UNNUMBERED: Final = "00000000-0000-0000-0000-000000000000"
"""What stands in the place of the number until the rest of the document is known."""
_LISTS: Final = frozenset(
    {
        *("components", "dependencies", "compositions", "vulnerabilities"),
        *("packages", "relationships", "hasExtractedLicensingInfos"),
    }
)


def numbered(make: Callable[[], dict[str, Any]], key: str) -> tuple[dict[str, Any], bytes]:
    """The document that `make` makes, with its number where `UNNUMBERED` stands in the text under `key`; and its bytes.

    What a stranger wrote stands behind that key.
    """
    document = make()
    content = _lines(document)
    if has_halves(content):
        document = without_halves(make())
        content = _lines(document)
    number = _uuid(content)
    document[key] = document[key].replace(UNNUMBERED, number)
    return document, content.replace(UNNUMBERED.encode(), number.encode(), 1)


def _uuid(content: bytes) -> str:
    """A UUID of version 8 from the SHA-256 of the content. Source: RFC 9562 section 5.8."""
    named = bytearray(hashlib.sha256(content).digest()[:16])
    named[6] = named[6] & 0x0F | 0x80
    named[8] = named[8] & 0x3F | 0x80
    digits = named.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _lines(document: dict[str, Any]) -> bytes:
    # DEL is the one control character that JSON leaves as it is.
    return "".join(_pieces(document)).replace("\x7f", "\\u007f").encode("ascii")


def _pieces(document: dict[str, Any]) -> Iterator[str]:
    opening = "{\n"
    for key, value in document.items():
        yield f'{opening}"{key}": '
        opening = ",\n"
        if key in _LISTS and value:
            yield "[\n"
            yield ",\n".join(map(compact, value))
            yield "\n]"
        else:
            yield compact(value)
    yield "\n}\n"
