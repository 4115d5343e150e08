"""Whether two documents are one, whoever wrote them down."""

from __future__ import annotations

import json
from collections.abc import Mapping

from verifier.formats.json.strict_json import JsonValue


def canonical_text(document: JsonValue | Mapping[str, JsonValue]) -> str:
    """One text for one document: members in order, and an integer that some write as `1.0` as the integer."""
    return json.dumps(_numbers(document), sort_keys=True)


def _numbers(value: JsonValue | Mapping[str, JsonValue]) -> JsonValue:
    if isinstance(value, Mapping):
        return {name: _numbers(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_numbers(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
