"""The trusted roots in one file: one document, a JSON array of several, or JSON Lines as `gh attestation trusted-root`
writes them.

* each item is read strictly, and named by its line or its place: one that is wrong refuses all
* an empty line, an empty array, the same document twice and more than the bound are refused
* a single document may span lines; JSON Lines are what has a whole object in its first line, and more after it
"""

from __future__ import annotations

from typing import Final

from verifier.core.errors import refuse
from verifier.formats.json import strict_json
from verifier.formats.json.strict_json import JsonValue

MAX_ROOTS: Final = 16
"""Trusted roots of one file: GitHub gives two, an enterprise's own a third."""
_ROOT_DEPTH: Final = 16
"""Of one root; an array around several is one more."""
_CODE: Final = "attestation.invalid"


def root_documents(document: bytes, *, subject: str) -> tuple[tuple[str, JsonValue], ...]:
    """The documents with what each is called, which is `subject` for a single one; raises `Refused`."""
    lines = document.removesuffix(b"\n").split(b"\n")
    if len(lines) > 1 and lines[0].startswith(b"{") and lines[0].rstrip().endswith(b"}"):
        _require_few(len(lines), subject)
        return _distinct([_line(number, line, subject) for number, line in enumerate(lines, 1)])
    value = strict_json.loads(document, subject=subject, max_depth=_ROOT_DEPTH + 1)
    if not isinstance(value, list):
        return ((subject, value),)
    if not value:
        raise refuse(_CODE, subject, "the document is an array without a trusted root")
    _require_few(len(value), subject)
    return _distinct([(f"{subject}, item {number}", item) for number, item in enumerate(value, 1)])


def _line(number: int, line: bytes, subject: str) -> tuple[str, JsonValue]:
    name = f"{subject}, line {number}"
    if not line.strip():
        raise refuse(_CODE, name, f"line {number} is empty, expected one trusted root a line (JSON Lines)")
    return name, strict_json.loads(line, subject=name, max_depth=_ROOT_DEPTH)


def _require_few(count: int, subject: str) -> None:
    if count > MAX_ROOTS:
        raise refuse(_CODE, subject, f"the document holds {count} trusted roots, expected at most {MAX_ROOTS}")


def _distinct(named: list[tuple[str, JsonValue]]) -> tuple[tuple[str, JsonValue], ...]:
    for number, (name, value) in enumerate(named):
        first = next((other for other, seen in named[:number] if seen == value), None)
        if first is not None:
            raise refuse(_CODE, name, f"this is the same trusted root as {first}")
    return tuple(named)
