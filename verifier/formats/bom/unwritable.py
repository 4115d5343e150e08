"""What a text may hold and a document may not: how it is written, so that nothing is lost and nothing is silent.

* half of a surrogate pair (a byte of a name that was no UTF-8) is no Unicode: both forms have it as a visible escape
* XML 1.0 has no place for most control characters: there they are visible escapes, too, and are counted
"""

from __future__ import annotations

import re
from typing import Any, Final

_HALF: Final = re.compile("[\ud800-\udfff]")
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def has_halves(content: bytes) -> bool:
    """Whether JSON in ASCII may hold half of a surrogate pair."""
    return re.search(rb"\\ud[89a-f]", content) is not None


def without_halves(value: Any) -> Any:
    """The same plain values, every half of a surrogate pair written out."""
    if isinstance(value, str):
        return _HALF.sub(_shown, value)
    if isinstance(value, list):
        return [without_halves(each) for each in value]
    if isinstance(value, dict):
        return {key: without_halves(each) for key, each in value.items()}
    return value


def as_xml(text: str) -> tuple[str, int]:
    """The text with what XML cannot hold written out, and how many characters that were."""
    return _NOT_XML.subn(_shown, text)


def _shown(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
