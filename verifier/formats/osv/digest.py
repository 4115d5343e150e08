"""The digest of a record as it was read, members sorted: two files with one digest say the same."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from verifier.formats.json.strict_json import JsonValue
from verifier.formats.json.write import canonical


def digest_of(tree: Mapping[str, JsonValue]) -> str:
    """The SHA-256, in hex, of a record's canonical JSON."""
    return sha256(canonical(tree).encode()).hexdigest()
