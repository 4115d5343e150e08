"""A document of plain values as JSON: what is compared line by line stands on lines of its own.

* ASCII, whatever a name holds: a terminal shows it and does nothing else, and half a surrogate pair is written as text
* one line for each component and each entry of the graph, so that two documents differ where their contents do
* the number of the document is made of its other bytes
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from verifier.formats.cyclonedx.writing.document import UNNUMBERED, serial_number
from verifier.formats.json.write import compact

_LISTS: Final = frozenset({"components", "dependencies", "compositions", "properties", "packages", "relationships"})


def json_lines(document: dict[str, Any]) -> bytes:
    """The document as it stands."""
    # DEL is the one control character that JSON leaves as it is.
    return "".join(_pieces(document)).replace("\x7f", "\\u007f").encode("ascii")


def numbered(document: dict[str, Any]) -> bytes:
    """The document with its serial number, which is set in `document`, too."""
    content = json_lines(document)
    document["serialNumber"] = serial_number(content)
    return content.replace(UNNUMBERED.encode(), document["serialNumber"].encode(), 1)


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
