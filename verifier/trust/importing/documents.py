"""Documents of Kubernetes and OPA: YAML or JSON, several behind `---`, or in a List, read strictly.

* the subset of YAML whose meaning no reader disputes (`formats.opa.yaml`): no anchors, no tags, no duplicate keys
* bounded in bytes, documents and depth
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from verifier.core.errors import refuse
from verifier.formats.json.fields import Fields
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.opa.digest import parse_yaml_or_json
from verifier.trust.importing.draft import MAX_DOCUMENT_BYTES, MAX_DOCUMENTS, MAX_ITEMS

CODE: Final = "policy.malformed"
_MOST_NESTED: Final = 64
_SEPARATOR: Final = re.compile(rb"^---(?:[ \t][^\r\n]*)?\r?$", re.MULTILINE)
_COMMENTS: Final = re.compile(rb"(?:[ \t]*(?:#[^\n]*)?(?:\n|\Z))*\Z")


def documents(content: bytes, *, where: str) -> tuple[Fields, ...]:
    """Every document, in order, those of a List one by one; raises `Refused`."""
    if len(content) > MAX_DOCUMENT_BYTES:
        raise refuse("input.too-large", where, f"{len(content):,} bytes, expected at most {MAX_DOCUMENT_BYTES:,}")
    pieces = [each for each in _SEPARATOR.split(content) if not _COMMENTS.match(each)]
    if len(pieces) > MAX_DOCUMENTS:
        raise refuse("input.too-large", where, f"more than {MAX_DOCUMENTS} documents")
    found = [each for piece in pieces for each in _items(_read(piece, where), where)]
    return tuple(Fields.of(each, code=CODE, subject=where) for each in found)


def _read(piece: bytes, where: str) -> JsonValue:
    return parse_yaml_or_json(piece, subject=where, max_depth=_MOST_NESTED).value


def _items(value: JsonValue, where: str) -> Iterator[JsonValue]:
    if isinstance(value, dict) and value.get("kind") == "List":
        yield from Fields.of(value, code=CODE, subject=where).array("items", most=MAX_ITEMS)
    else:
        yield value


def beside(fields: Fields, *known: str) -> tuple[str, ...]:
    """Where members stand that are none of the known ones."""
    return tuple(fields.at(name) for name in fields.value if name not in known)
