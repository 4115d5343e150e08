"""The history of a scope, of an exported ledger."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from verifier.ledger.interface import LedgerEvent

_FIRST_LINE: Final = 64 * 1024
"""Bytes of an export's first line, at most."""
_EXPORT: Final = b"verifier/ledger/v1"


def is_export(path: Path) -> bool:
    """Whether a file begins as an export does."""
    try:
        if not path.is_file():  # a pipe would be waited for
            return False
        with path.open("rb") as stream:
            return _EXPORT in stream.readline(_FIRST_LINE)
    except (OSError, ValueError):  # whoever reads it whole says why
        return False


def exported(path: Path, scope: str, newest: int) -> Sequence[LedgerEvent]:
    """The newest events of a scope, oldest first; `ledger.corrupt` where the export does not hold together."""
    from verifier.ledger.document import read_document  # noqa: PLC0415 - only where there is one

    kept: deque[LedgerEvent] = deque(maxlen=newest)

    def take(event: LedgerEvent) -> None:
        if event.scope == scope:
            kept.append(event)

    with path.open("rb") as stream:
        read_document(stream, take)
    return tuple(kept)
