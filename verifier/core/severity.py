"""How a reason weighs. Apart from the catalogue, which most that is accepted has no need of."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How a reason weighs: only `ERROR` denies."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
