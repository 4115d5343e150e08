"""Files that hold attestations, taken apart: one JSON document, JSON Lines, or what npm's registry answers.

* each attestation keeps its own bytes; nothing is serialised anew, but for npm's, which are inside another document
* a blank line separates nothing and means nothing
* whether a piece is an attestation at all is for the signature back ends to say

Source: https://github.com/in-toto/attestation/blob/main/spec/v1/bundle.md (JSON Lines);
https://github.com/npm/attestation.
"""

from __future__ import annotations

import json

from verifier.core.errors import refuse
from verifier.formats import strict_json

MAX_PIECES = 4_096
"""Attestations in one file: each costs public-key operations."""


def split_attestations(content: bytes, *, subject: str) -> tuple[bytes, ...]:
    """The attestations in `content`, in order; refuses a file that holds too many."""
    lines = [line for line in content.split(b"\n") if line.strip()]
    if len(lines) > 1 and all(line.lstrip().startswith(b"{") and line.rstrip().endswith(b"}") for line in lines):
        return _bounded(tuple(lines), subject)
    if b'"attestations"' in content and (inner := _npm(content, subject)):
        return _bounded(inner, subject)
    return (content,)


def _npm(content: bytes, subject: str) -> tuple[bytes, ...]:
    """npm's answer: `{"attestations": [{"predicateType", "bundle"}]}`; nothing for any other document."""
    document = strict_json.loads(content, subject=subject)
    entries = document.get("attestations") if isinstance(document, dict) and len(document) == 1 else None
    if not isinstance(entries, list):
        return ()
    bundles = [entry.get("bundle") for entry in entries if isinstance(entry, dict)]
    if len(bundles) != len(entries) or not all(isinstance(bundle, dict) for bundle in bundles):
        raise refuse("attestation.invalid", subject, "an entry of `attestations` has no bundle")
    return tuple(json.dumps(bundle, separators=(",", ":")).encode() for bundle in bundles)


def _bounded(pieces: tuple[bytes, ...], subject: str) -> tuple[bytes, ...]:
    if len(pieces) > MAX_PIECES:
        raise refuse("input.too-large", subject, f"{len(pieces)} attestations; at most {MAX_PIECES} are read")
    return pieces
