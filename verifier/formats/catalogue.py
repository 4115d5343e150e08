"""The catalogue of reason codes as a document: what `verify explain --format json` prints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from verifier.core.reasons.code import ReasonCode
from verifier.core.severity import Severity
from verifier.core.version import VERSION

SCHEMA: Final = "verifier/catalogue/v1"


def catalogue_document(rows: Iterable[ReasonCode]) -> dict[str, Any]:
    """These codes, in their order; docs/schemas/catalogue-v1.json describes it."""
    return {"schema": SCHEMA, "verifier": VERSION, "codes": [_row(row) for row in rows]}


def exit_status(row: ReasonCode) -> int:
    """The exit status of a verdict that has this reason, and no worse one."""
    if row.severity is not Severity.ERROR:
        return 0
    return 3 if row.undecided else 2 if row.code.startswith("configuration.") else 1


def _row(row: ReasonCode) -> dict[str, Any]:
    return {
        "code": row.code,
        "severity": row.severity.value,
        "exitStatus": exit_status(row),
        "title": row.title,
        "cause": row.cause,
        "remedy": row.remedy,
        "threat": row.threat,
    }
