"""Whether two documents are one, whoever wrote them down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verifier.formats.json.strict_json import JsonValue
from verifier.formats.json.write import canonical


def canonical_text(document: JsonValue | Mapping[str, JsonValue]) -> str:
    """One text for one document: members in order, and an integer that some write as `1.0` as the integer."""
    return canonical(_integers(document))


def _integers(document: Any) -> Any:
    """A copy with integers for floats that are some; by a list of what is left, as documents may be deep."""
    copied: list[Any] = [None]
    left: list[tuple[Any, Any, Any]] = [(copied, 0, document)]
    while left:
        into, key, value = left.pop()
        if isinstance(value, Mapping):
            into[key] = {}
            left += [(into[key], name, each) for name, each in value.items()]
        elif isinstance(value, list):
            into[key] = [None] * len(value)
            left += [(into[key], number, each) for number, each in enumerate(value)]
        else:
            into[key] = int(value) if isinstance(value, float) and value.is_integer() else value
    return copied[0]
