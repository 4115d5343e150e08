"""Files that hold attestations, taken apart: one document, a JSON array of them, JSON Lines, or a service's answer.

* each attestation of JSON Lines keeps its own bytes; what stands inside another document is written anew
* a blank line separates nothing and means nothing
* more attestations than are read refuse the file, before the rest of it is looked at
* of JSON Lines every line that is not blank is a piece, whatever stands in the others: junk hides no attestation
* an array is read once, strictly; an element that is no object is refused by its number, and the others are pieces
* arrays do not nest, and what a service answers is taken apart once: not what comes out of it
* a layer of cosign's old scheme is one piece, whatever is in it
* whether a piece is an attestation at all is for the signature back ends to say

Source: https://github.com/in-toto/attestation/blob/main/spec/v1/bundle.md (JSON Lines).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Final, NamedTuple, TypeAlias

from verifier.core.costs.budget import Budget
from verifier.core.errors import Refused, refuse
from verifier.formats.intoto.answers import Answer, taken_apart
from verifier.formats.intoto.attestation_kind import is_array, is_layer
from verifier.formats.json import strict_json
from verifier.formats.json.write import compact

MAX_PIECES: Final = 4_096
"""Attestations in one file: each costs public-key operations."""

_AGAIN: Final = re.compile(rb"^\}\s*^\{", re.MULTILINE)
"""The end of one document and the beginning of the next, which no single document can hold."""
_ON_LINES: Final = "Write a document a line (`jq -c .`), or an array of them (`jq -s .`)."

Piece: TypeAlias = bytes | Refused
"""An attestation's bytes, or why it is none; the refusal names the piece's number."""


class Split(NamedTuple):
    """What a file holds, in order; `unbelieved` says what stands beside the attestations and counts for nothing."""

    pieces: tuple[Piece, ...]
    unbelieved: tuple[str, ...] = ()


def split_attestations(content: bytes, *, subject: str, budget: Budget | None = None) -> Split:
    """The attestations in `content`, in order; refuses a file that holds too many, or an array of none."""
    if is_layer(content):
        return Split((content,))
    documents = _json_lines(content, subject, budget)
    if len(documents) <= 1 and not is_array(content):
        answer = taken_apart(content, subject=subject, budget=budget)
        _require_few(len(answer.pieces), subject)
        return Split(answer.pieces, answer.unbelieved)
    pieces: list[Piece] = []
    unbelieved: list[str] = []
    for document in documents if len(documents) > 1 else _elements(content, subject, budget):
        answer = _answer(document, f"{subject}#{len(pieces) + 1}", budget)
        pieces += answer.pieces
        unbelieved += answer.unbelieved
        _require_few(len(pieces), subject)
    return Split(tuple(pieces), tuple(dict.fromkeys(unbelieved)))


def _answer(document: Piece, subject: str, budget: Budget | None) -> Answer:
    """What one of several documents comes to; what is wrong with it is its own."""
    if isinstance(document, Refused):
        return Answer((document,))
    try:
        return taken_apart(document, subject=subject, budget=budget)
    except Refused as refusal:
        return Answer((refusal,))


def _elements(content: bytes, subject: str, budget: Budget | None) -> Iterator[Piece]:
    """The elements of an array."""
    value = strict_json.loads(content, subject=subject, budget=budget)
    elements = value if isinstance(value, list) else []
    if not elements:
        raise refuse("attestation.invalid", subject, "the array is empty, expected attestations")
    _require_few(len(elements), subject)
    for number, element in enumerate(elements, start=1):
        if isinstance(element, dict):
            yield compact(element).encode()
        else:
            seen = "another array" if isinstance(element, list) else "no object"
            message = f"element {number} of the array is {seen}, expected an attestation"
            yield refuse("attestation.invalid", f"{subject}#{number}", message)


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
    if not objects and _AGAIN.search(content):
        message = "several documents stand one behind the other, each over several lines"
        raise refuse("json.trailing-data", subject, message, _ON_LINES)
    if not objects or (others and _is_one(content, subject, budget)):
        return ()
    _require_few(len(lines), subject)
    return tuple(lines)


def _is_one(content: bytes, subject: str, budget: Budget | None) -> bool:
    """Whether the lines are one document, such as one that was written for people to read."""
    try:
        strict_json.loads(content, subject=subject, budget=budget)
    except Refused as refusal:
        if refusal.reasons[0].code.startswith("input."):  # nobody has seen what it is: there was too much of it
            raise
        return False
    return True


def _require_few(count: int, subject: str) -> None:
    if count > MAX_PIECES:
        raise refuse("input.too-large", subject, f"more than {MAX_PIECES} attestations in one file")
