"""One line for a scope, one line for an event: text for people, canonical JSON for programs."""

from __future__ import annotations

from typing import Literal

from verifier.cli.options.option import option
from verifier.core.clock import format_rfc3339
from verifier.ledger.document import scope_line
from verifier.ledger.interface import LedgerEvent
from verifier.ledger.record import canonical, event_text
from verifier.reports.escape import printable
from verifier.versions.state import ScopeState, in_epoch, spoken

RowStyle = Literal["text", "json"]
"""How rows are written: not every format of reports, which are about one verdict, has rows."""
ROW_FORMAT: RowStyle = option("--format", "Format of the rows.", default="text")


def scope_row(name: str, state: ScopeState | None, style: RowStyle = "text") -> str:
    """Where a scope stands."""
    if style == "json":
        return canonical({"scope": name, "state": None}) if state is None else scope_line(name, state)
    if state is None:
        return f"{printable(name)}  nothing is known"
    parts = [name]
    if state.mark is None:
        parts.append("nothing accepted yet")
    else:
        parts += [
            f"{spoken(state.mark)} ({state.mark.scheme})",
            str(state.mark.digest),
            format_rfc3339(state.mark.seen_at),
        ]
    if state.floor is not None:
        parts.append(f"floor {spoken(state.floor)}")
    parts += [f"quarantined {item}" for item in (*state.quarantined_digests, *state.quarantined_versions)]
    return printable("  ".join(parts))


def event_row(event: LedgerEvent, style: RowStyle) -> str:
    """What happened."""
    if style == "json":
        return event_text(event)
    version = "" if event.version is None else in_epoch(event.epoch or 0, event.version)
    parts = [format_rfc3339(event.time), event.kind.value.ljust(10), event.scope or "(the whole ledger)", version]
    tag = "" if event.tag is None else f"tag {event.tag.name}"
    parts += [str(event.digest or ""), tag, ", ".join(event.reasons), event.detail, event.comment, event.actor]
    return printable("  ".join(part for part in (f"{event.sequence:>4}", *parts) if part))
