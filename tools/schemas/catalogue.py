"""docs/schemas/catalogue-v1.json: what `verify explain --format json` prints."""

from __future__ import annotations

from typing import Any

from verifier.core.severity import Severity
from verifier.formats.catalogue import SCHEMA


def catalogue() -> dict[str, Any]:
    """The schema, as a JSON value."""
    text = {"type": "string", "minLength": 1}
    row = {
        "code": {"type": "string", "pattern": r"^[a-z]+(\.[a-z0-9-]+)+$", "description": "Stable once released."},
        "severity": {"enum": [each.value for each in Severity], "description": "Only an error denies."},
        "exitStatus": {"enum": [0, 1, 2, 3], "description": "That of a verdict with this reason and no worse one."},
        "title": text | {"description": 'Completes "denied because: ".'},
        "cause": text,
        "remedy": text | {"description": "The one thing to do."},
        "threat": {"type": "string", "description": "A row of the threat model, or empty."},
    }
    codes = {"type": "object", "additionalProperties": False, "properties": row, "required": list(row)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://policy-verifier.dev/schemas/catalogue-v1.json",
        "title": "Catalogue of reason codes",
        "description": "What `verify explain --format json` prints. Fields are only ever added within one `schema`.",
        "type": "object",
        "properties": {
            "schema": {"const": SCHEMA},
            "verifier": {"type": "string", "description": "The release that has these codes."},
            "codes": {"type": "array", "items": codes},
        },
        "required": ["schema", "verifier", "codes"],
    }
