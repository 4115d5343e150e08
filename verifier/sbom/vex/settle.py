"""What is known of a vulnerability in a component once all statements are heard.

* of statements about the same thing the newest counts; of equally new ones the one that silences least
* what is dated in the future does not count, and is told; what has no date is older than all that has one
* what is about something else silences nothing, and is told
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from verifier.core.clock import CLOCK_SKEW, format_rfc3339, shifted
from verifier.core.limits import MAX_FINDINGS
from verifier.core.outcome import Reason
from verifier.formats.bom.component import Component
from verifier.formats.bom.vex import VexDocument, VexStatement
from verifier.sbom.vex.inventory import Inventory
from verifier.sbom.vex.matching import about

_OLDEST: Final = datetime.min.replace(tzinfo=UTC)
_LOUDNESS: Final = {"affected": 3, "under_investigation": 2, "fixed": 1, "not_affected": 0}
_WHOLE: Final = -1
"""In the place of a component: the artifact as a whole."""


class Settled:
    """The statements that count for one artifact; `reasons` are warnings about those that do not."""

    def __init__(self, documents: Iterable[VexDocument], inventory: Inventory, now: datetime) -> None:
        self._by_name: dict[str, dict[int, list[VexStatement]]] = defaultdict(lambda: defaultdict(list))
        self._kept: list[tuple[Component, ...]] = []
        self.count = 0
        reasons: list[Reason] = []
        for document in documents:
            for statement in document.statements:
                reasons += self._heard(document, statement, inventory, now)
        self.reasons = (*reasons[:MAX_FINDINGS], *_more(len(reasons)))

    def statement(self, names: Iterable[str], component: Component | None = None) -> VexStatement | None:
        """What counts for a vulnerability of these names in `component`, or in the artifact as a whole.

        `component` is one of the very values that the inventory was made of.
        """
        places = (_WHOLE,) if component is None else (_WHOLE, id(component))
        found = (
            statement for name in names for place in places for statement in self._by_name.get(name, {}).get(place, ())
        )
        return max(found, key=_weight, default=None)

    def _heard(
        self, document: VexDocument, statement: VexStatement, inventory: Inventory, now: datetime
    ) -> Iterator[Reason]:
        if statement.timestamp is not None and statement.timestamp > shifted(now, CLOCK_SKEW):
            message = f"it is dated {format_rfc3339(statement.timestamp)}, which has not come yet: it does not count"
            yield Reason(code="vex.elsewhere", subject=statement.vulnerability, message=message)
            return
        matched = about(statement, inventory)
        if not matched.here:
            where = "; ".join(matched.elsewhere) or "it names no product"
            message = f"{statement.status} in {document.identifier or 'a document'} silences nothing here: {where}"
            yield Reason(code="vex.elsewhere", subject=statement.vulnerability, message=message)
            return
        self.count += 1
        self._kept.append(matched.components)  # so that no other component gets the identity of one of these
        places = [*([_WHOLE] if matched.artifact else []), *map(id, matched.components)]
        for name in statement.names:
            for place in places:
                self._by_name[name][place].append(statement)


def _weight(statement: VexStatement) -> tuple[datetime, int]:
    return statement.timestamp or _OLDEST, _LOUDNESS[statement.status]


def _more(count: int) -> Iterator[Reason]:
    if count > MAX_FINDINGS:
        message = f"{count - MAX_FINDINGS} more statements than the {MAX_FINDINGS} that are named silence nothing here"
        yield Reason(code="vex.elsewhere", subject="statements", message=message)
