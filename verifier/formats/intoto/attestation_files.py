"""Files that hold attestations, taken apart: one JSON document, JSON Lines, or what npm's registry answers.

* each attestation keeps its own bytes; nothing is serialised anew, but for npm's, which are inside another document
* a blank line separates nothing and means nothing
* more attestations than are read refuse the file, before the rest of it is looked at
* of JSON Lines every line that is not blank is a piece, whatever stands in the others: junk hides no attestation
* whether a piece is an attestation at all is for the signature back ends to say

Source: https://github.com/in-toto/attestation/blob/main/spec/v1/bundle.md (JSON Lines);
https://github.com/npm/attestation.
"""

from __future__ import annotations

from io import BytesIO

from verifier.core.costs.budget import Budget
from verifier.core.errors import Refused, refuse
from verifier.formats.json import strict_json
from verifier.formats.json.write import compact

MAX_PIECES = 4_096
"""Attestations in one file: each costs public-key operations."""


def split_attestations(content: bytes, *, subject: str, budget: Budget | None = None) -> tuple[bytes, ...]:
    """The attestations in `content`, in order; refuses a file that holds too many."""
    lines = _json_lines(content, subject, budget)
    if len(lines) > 1:
        return lines
    if b'"attestations"' in content and (inner := _npm(content, subject, budget)):
        return inner
    return (content,)


def _json_lines(content: bytes, subject: str, budget: Budget | None) -> tuple[bytes, ...]:
    """The lines that are not blank, where some could be objects and all together are none; nothing for any other."""
    lines: list[bytes] = []
    objects, others = 0, 0
    for line in BytesIO(content):
        text = line.strip()
        if not text:
            continue
        if text.startswith(b"{") and text.endswith(b"}"):
            objects += 1
        else:
            others += 1
        if len(lines) <= MAX_PIECES:
            lines.append(line.removesuffix(b"\n"))
    if not objects or (others and _is_one(content, subject, budget)):
        return ()
    if len(lines) > MAX_PIECES:
        raise _too_many(f"more than {MAX_PIECES}", subject)
    return tuple(lines)


def _is_one(content: bytes, subject: str, budget: Budget | None) -> bool:
    """Whether the lines are one document, such as one that was written for people to read."""
    try:
        strict_json.loads(content, subject=subject, budget=budget)
    except Refused:
        return False
    return True


def _npm(content: bytes, subject: str, budget: Budget | None) -> tuple[bytes, ...]:
    """npm's answer: `{"attestations": [{"predicateType", "bundle"}]}`; nothing for any other document."""
    document = strict_json.loads(content, subject=subject, budget=budget)
    entries = document.get("attestations") if isinstance(document, dict) and len(document) == 1 else None
    if not isinstance(entries, list):
        return ()
    if len(entries) > MAX_PIECES:
        raise _too_many(str(len(entries)), subject)
    bundles = [entry.get("bundle") for entry in entries if isinstance(entry, dict)]
    if len(bundles) != len(entries) or not all(isinstance(bundle, dict) for bundle in bundles):
        raise refuse("attestation.invalid", subject, "an entry of `attestations` has no bundle")
    return tuple(compact(bundle).encode() for bundle in bundles)


def _too_many(seen: str, subject: str) -> Refused:
    return refuse("input.too-large", subject, f"{seen} attestations; at most {MAX_PIECES} are read")
