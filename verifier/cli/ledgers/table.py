"""A history as a table (RFC 4180) that a spreadsheet opens and takes for nothing but text.

* a cell that a spreadsheet would take for a formula begins with an apostrophe
* characters that do not show are written as escapes, so that a line is one event
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from verifier.core.clock import format_rfc3339
from verifier.ledger.interface import LedgerEvent
from verifier.reports.escape import printable

HEADINGS = (
    *("sequence", "time", "kind", "scope", "version", "scheme", "epoch", "digest", "codes", "detail", "comment"),
    *("actor", "correlationId", "policy", "rule", "verdict", "tag"),
)
_FORMULA = frozenset("=+-@\t\r|%")
"""How a cell begins that is more than text. Source: https://owasp.org/www-community/attacks/CSV_Injection."""


def rows(events: Iterable[LedgerEvent]) -> Iterator[str]:
    """The lines of the table, headings first."""
    yield _line(HEADINGS)
    for event in events:
        yield _line(_cells(event))


def _cells(event: LedgerEvent) -> Iterator[object]:
    yield from (event.sequence, format_rfc3339(event.time), event.kind.value, event.scope, event.version, event.scheme)
    yield from (event.epoch, event.digest, " ".join(event.reasons), event.detail, event.comment, event.actor)
    yield from (event.correlation_id, event.policy, event.rule, event.verdict, event.tag and event.tag.name)


def _line(cells: Iterable[object]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow([_cell(each) for each in cells])
    return written.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else printable(str(value))
    return f"'{text}" if text.lstrip()[:1] in _FORMULA and text.strip() else text
