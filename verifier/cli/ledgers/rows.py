"""A row for a scope, a row for an event: text for people, in which no digest is broken, canonical JSON for programs."""

from __future__ import annotations

from typing import Literal

from verifier.cli import output
from verifier.cli.options.option import option
from verifier.core.clock import format_rfc3339
from verifier.core.text.marks import marked
from verifier.ledger.document import scope_line
from verifier.ledger.interface import LedgerEvent
from verifier.ledger.record import canonical, event_text
from verifier.reports.escape import printable
from verifier.versions.state import ScopeState

RowStyle = Literal["text", "json"]
"""How rows are written: not every format of reports, which are about one verdict, has rows."""
ROW_FORMAT: RowStyle = option("--format", "Format of the rows.", default="text")


def print_scope(name: str, state: ScopeState | None, style: RowStyle = "text") -> None:
    """Where a scope stands."""
    if style == "json":
        output.line(canonical({"scope": name, "state": None}) if state is None else scope_line(name, state))
        return
    output.parts(list(map(printable, _of_scope(name, state))))


def print_event(event: LedgerEvent, style: RowStyle) -> None:
    """What happened."""
    if style == "json":
        output.line(event_text(event))
        return
    version = "" if event.version is None else marked(f"{event.epoch or 0}:{event.version}")
    parts = [format_rfc3339(event.time), event.kind.value.ljust(10), event.scope or "(the whole ledger)", version]
    tag = "" if event.tag is None else f"tag {event.tag.name}"
    parts += [str(event.digest or ""), tag, ", ".join(event.reasons), event.detail, event.comment, event.actor]
    output.parts([printable(part) for part in (f"{event.sequence:>4}", *parts) if part])


def _of_scope(name: str, state: ScopeState | None) -> list[str]:
    if state is None:
        return [name, "nothing is known"]
    parts = [name]
    if state.mark is None:
        parts.append("nothing accepted yet")
    else:
        parts.append(f"{marked(str(state.mark))} ({state.mark.scheme})")
        parts += [str(state.mark.digest), format_rfc3339(state.mark.seen_at)]
    if state.floor is not None:
        parts.append(f"floor {marked(str(state.floor))}")
    parts += [f"quarantined {item}" for item in state.quarantined_digests]
    return [*parts, *(f"quarantined {marked(str(item))}" for item in state.quarantined_versions)]
