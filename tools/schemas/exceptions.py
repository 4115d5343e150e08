"""docs/schemas/exceptions-v1.json: the file of exceptions of an audit, for editors."""

from __future__ import annotations

from typing import Any, Final

from verifier.formats.openvex.reading import JUSTIFICATIONS

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string", "minLength": 1}
_OWNED: Final[dict[str, Schema]] = {
    "reason": {"description": "Why this is accepted.", **_TEXT},
    "owner": {"description": "Who answers for it.", **_TEXT},
    "expires": {
        "description": "When it ends: whatever it covered counts again from then on.",
        "anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}],
    },
}


def exceptions() -> Schema:
    """The schema, as a JSON value."""
    package = {"description": "A purl, with a version or without: pkg:pypi/jinja2@3.1.2. There are no wildcards."}
    exempted = {
        "id": {"description": "The id of the record, or an alias of it: CVE-2024-12345.", **_TEXT},
        "package": package | _TEXT,
        "status": {"enum": ["not_affected", "affected"], "description": "As in OpenVEX; affected accepts the risk."},
        "justification": {"enum": sorted(JUSTIFICATIONS), "description": "Why it is not affected, in OpenVEX' words."},
        **_OWNED,
    }
    unknown = {"package": {"description": "A name, or a purl without a version.", **_TEXT}, **_OWNED}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "https://policy-verifier.dev/schemas/exceptions-v1.json",
        "title": "Exceptions of an audit",
        "description": "Known vulnerabilities that are accepted, and packages about which nobody can say anything.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "version": {"const": 1, "description": "The format."},
            "exception": _array(exempted, required=("id", "package", "status", *_OWNED)),
            "unknown": _array(unknown, required=("package", *_OWNED)),
        },
    }


def _array(keys: dict[str, Schema], *, required: tuple[str, ...]) -> Schema:
    row = {"type": "object", "additionalProperties": False, "properties": keys, "required": list(required)}
    return {"type": "array", "items": row}
