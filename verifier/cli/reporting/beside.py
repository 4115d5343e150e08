"""What is known beside a verdict, for reports that show it: the history of its scope, the components of its SBOM.

* it is looked up once the decision has fallen, and changes nothing of it
* what cannot be had is not there, and the report says so: a lost ledger is the verdict's own reason
* the newest `NEWEST` events are read, and no more
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from verifier.core.document import Document
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.verdict import Verdict
from verifier.formats.verdict.dossier import Happened

if TYPE_CHECKING:
    from verifier.formats.bom.component import Component
    from verifier.ledger.interface import Ledger, LedgerEvent

NEWEST: Final = 500
"""Events of a scope that a report shows: a year of a decision and a half a day."""


def beside(verdict: Verdict, ledger: Ledger, sboms: Sequence[Document]) -> dict[str, Any]:
    """The fields of a dossier that are known of the verdict's artifact."""
    scope = None if verdict.ledger is None else verdict.ledger.scope
    return {"history": () if scope is None else history_of(ledger, scope), "components": _listed(sboms)}


def history_of(ledger: Ledger, scope: str) -> tuple[Happened, ...]:
    """The newest events of a scope, oldest first; nothing where the ledger does not say."""
    from verifier.ledger.history import history  # noqa: PLC0415 - only where it is shown

    try:
        return happened(history(ledger, scope, limit=NEWEST))
    except Refused:
        return ()


def happened(events: Iterable[LedgerEvent]) -> tuple[Happened, ...]:
    """Events as reports show them."""
    return tuple(
        Happened(
            time=each.time,
            what=each.kind.value,
            version=None if each.version is None else f"{each.epoch or 0}:{each.version}",
            digest=each.digest,
            codes=each.reasons,
            comment=": ".join(text for text in (each.detail, each.comment) if text),
        )
        for each in events
    )


def _listed(sboms: Sequence[Document]) -> tuple[Component, ...] | None:
    """The components of the first document that can be read; None where there is none."""
    from verifier.sbom.reading import read_bom  # noqa: PLC0415 - only where there is one

    for each in sboms:
        try:
            return read_bom(each.content, subject=each.name).components
        except (Refused, ConfigurationError):
            continue
    return None
