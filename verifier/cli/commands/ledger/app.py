"""`verify ledger`: make it, look at it, carry it elsewhere, restrict what it accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from verifier.cli import output, stores
from verifier.cli.commands.ledger import check, restrict, transfer
from verifier.cli.ledgers import orders
from verifier.cli.ledgers.filters import Asked, Filters
from verifier.cli.ledgers.rows import ROW_FORMAT, RowStyle, print_event, print_scope
from verifier.cli.ledgers.table import rows
from verifier.cli.options.ledger import LedgerPlace
from verifier.cli.options.option import argument, option
from verifier.cli.spread import spread
from verifier.cli.typed.command import App

if TYPE_CHECKING:
    from verifier.ledger.interface import Ledger

app = App("The ledger: what was accepted, and what may follow.")

_SCOPE = argument("SCOPE", "kind:name, or kind:name@channel.", default=None)


@app.command("init")
@spread
def init(*, place: LedgerPlace) -> int:
    """Create an empty ledger; an existing one is never replaced."""
    output.hint(f"created the ledger {place.create()}")
    return output.EXIT_ACCEPTED


@app.command("show")
@spread
def show(
    *,
    place: LedgerPlace,
    scope: str | None = _SCOPE,
    style: RowStyle = ROW_FORMAT,
    expect_head: str | None = option("--expect-head", "Deny a ledger that never had this head.", default=None),
) -> int:
    """Show where scopes stand. Checks the ledger first, its whole history included."""
    from verifier.ledger import history as sound  # noqa: PLC0415 - as others

    with place.existing() as store:
        if expect_head is not None:
            sound.require_head(store, stores.expected_head(expect_head))
        moment, events = sound.checked(store)
        states = dict(moment.states)
        names = states if scope is None else (restrict.checked_scope(scope),)
        for name in names:
            print_scope(name, states.get(name), style)
            if name not in states and not orders.is_known(store, name, None):
                output.hint(orders.meant(name, states))
        head = moment.head
        output.hint(f"{store.url}: {len(names)} scopes, {events} events, sound; head {head}")
    return output.EXIT_ACCEPTED


@app.command("history")
@spread
def history(
    *,
    place: LedgerPlace,
    scope: str | None = _SCOPE,
    filters: Filters,
    style: Literal["text", "json", "csv"] = option("--format", "Format of the rows.", default="text"),
) -> int:
    """What was accepted, denied and ordered, oldest first."""
    asked = filters.asked()
    only = None if scope is None else restrict.checked_scope(scope)
    with place.existing() as store:
        found = store.events(only, newest=filters.limit if asked == Asked() else None)
        events = asked.newest((entry.event for entry in found), filters.limit)
        if style == "csv":
            for line in rows(events):
                output.line(line)
        else:
            for event in events:
                print_event(event, style)
        if not events:
            output.hint(_nothing(store, only, is_filtered=asked != Asked()))
    return output.EXIT_ACCEPTED


def _nothing(store: Ledger, scope: str | None, *, is_filtered: bool) -> str:
    if scope is not None and not orders.is_known(store, scope, store.fetch(scope).state):
        known = orders.meant(scope, orders.known_scopes(store))
        return f"{store.url}: the ledger knows nothing of {scope}. {known}"
    return f"{store.url}: no event fits" if is_filtered else f"{store.url}: nothing has happened yet"


app.command("export")(transfer.export)
app.command("import")(transfer.import_)
app.command("check")(check.check_history)
app.command("salvage")(check.salvage)
app.command("floor")(restrict.floor)
app.command("quarantine")(restrict.quarantine)
