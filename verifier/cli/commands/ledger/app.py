"""`verify ledger`: make it, look at it, carry it elsewhere, restrict what it accepts."""

from __future__ import annotations

from verifier.cli import output, stores
from verifier.cli.commands.ledger import check, restrict, transfer
from verifier.cli.ledger_rows import ROW_FORMAT, RowStyle, event_row, scope_row
from verifier.cli.options.ledger import LedgerPlace
from verifier.cli.options.option import argument, option
from verifier.cli.spread import spread
from verifier.cli.typed.command import App

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
        moment = sound.check(store)
        states = dict(moment.states)
        names = states if scope is None else (restrict.checked_scope(scope),)
        for name in names:
            output.line(scope_row(name, states.get(name), style))
        head = moment.head
        output.hint(f"{store.url}: {len(names)} scopes, {head.sequence} events, sound; head {head}")
    return output.EXIT_ACCEPTED


@app.command("history")
@spread
def history(
    *,
    place: LedgerPlace,
    scope: str | None = _SCOPE,
    limit: int = option("--limit", "The newest N events.", default=50, least=1),
    style: RowStyle = ROW_FORMAT,
) -> int:
    """What was accepted, denied and ordered, oldest first."""
    from verifier.ledger.history import history as events_of  # noqa: PLC0415

    only = None if scope is None else restrict.checked_scope(scope)
    with place.existing() as store:
        for event in (events := list(events_of(store, only, limit=limit))):
            output.line(event_row(event, style))
        if not events:
            output.hint(f"{store.url}: nothing has happened in {only or 'it'} yet")
    return output.EXIT_ACCEPTED


app.command("export")(transfer.export)
app.command("import")(transfer.import_)
app.command("check")(check.check_history)
app.command("salvage")(check.salvage)
app.command("floor")(restrict.floor)
app.command("quarantine")(restrict.quarantine)
