"""`verify ledger`: make it, look at it, carry it elsewhere, restrict what it accepts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from verifier.cli import output, stores
from verifier.cli.commands import ledger_restrict
from verifier.cli.ledger_rows import event_row, scope_row
from verifier.cli.options import shared as o
from verifier.core.errors import ConfigurationError

app = typer.Typer(help="The ledger: what was accepted, and what may follow.", no_args_is_help=True)

_Scope = Annotated[str | None, typer.Argument(metavar="SCOPE", help="kind:name, or kind:name@channel.")]
_ExpectHead = Annotated[str | None, typer.Option("--expect-head", help="Deny a ledger that never had this head.")]


@app.command("init")
def init(url: o.LedgerUrl = None) -> int:
    """Create an empty ledger; an existing one is never replaced."""
    output.hint(f"created the ledger {stores.create(url)}")
    return output.EXIT_ACCEPTED


@app.command("show")
def show(
    scope: _Scope = None,
    url: o.LedgerUrl = None,
    style: o.Style = o.Format.TEXT,
    expect_head: _ExpectHead = None,
) -> int:
    """Show where scopes stand. Checks the ledger first, its whole history included."""
    from verifier.ledger.history import check, require_head  # noqa: PLC0415

    with stores.existing(url) as store:
        if expect_head is not None:
            require_head(store, stores.expected_head(expect_head))
        moment = check(store)
        states = dict(moment.states)
        names = states if scope is None else (ledger_restrict.checked_scope(scope),)
        for name in names:
            output.line(scope_row(name, states.get(name), style))
        head = moment.head
        output.hint(f"{store.url}: {len(names)} scopes, {head.sequence} events, sound; head {head}")
    return output.EXIT_ACCEPTED


@app.command("history")
def history(
    scope: _Scope = None,
    url: o.LedgerUrl = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="The newest N events.")] = 50,
    style: o.Style = o.Format.TEXT,
) -> int:
    """What was accepted, denied and ordered, oldest first."""
    from verifier.ledger.history import history as events_of  # noqa: PLC0415

    only = None if scope is None else ledger_restrict.checked_scope(scope)
    with stores.existing(url) as store:
        for event in (events := list(events_of(store, only, limit=limit))):
            output.line(event_row(event, style))
        if not events:
            output.hint(f"{store.url}: nothing has happened in {only or 'it'} yet")
    return output.EXIT_ACCEPTED


@app.command("export")
def export(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="Default: standard output.")] = None,
    url: o.LedgerUrl = None,
) -> int:
    """Write the ledger as JSON Lines. The same ledger gives the same bytes."""
    from verifier.files.write import appearing, unwritable  # noqa: PLC0415
    from verifier.ledger.transfer import export_ledger  # noqa: PLC0415

    with stores.existing(url) as store:
        moment = store.scopes()
        lines = export_ledger(store, moment)
        if file is None:
            for line in lines:
                output.document(line)
            return output.EXIT_ACCEPTED
        try:
            with appearing(file, mode=0o644) as draft, draft.open("w", encoding="ascii", newline="") as stream:
                stream.writelines(lines)
        except (OSError, ValueError) as error:
            raise unwritable(file, error) from error
        output.hint(f"wrote {file}; keep its head elsewhere: {moment.head}")
    return output.EXIT_ACCEPTED


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An exported ledger.")],
    url: o.LedgerUrl = None,
    reason: ledger_restrict.Why = "",
    actor: ledger_restrict.Actor = None,
    now: o.Now = None,
) -> int:
    """Merge an exported ledger. Marks, floors and quarantine move up or stay; all of it or nothing."""
    from verifier.ledger.transfer import import_ledger  # noqa: PLC0415

    circumstances = ledger_restrict.circumstances_of(actor, reason, now)
    try:
        stream = file.open("rb")
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", where=str(file)) from error
    with stream, stores.existing(url) as store:
        imported = import_ledger(store, stream, circumstances)
        for name in imported.scopes:
            output.line(scope_row(name, store.fetch(name).state, o.Format.TEXT))
        output.hint(f"{store.url}: {len(imported.scopes)} scopes moved up; the export's head is {imported.head}")
    return output.EXIT_ACCEPTED


app.command("floor")(ledger_restrict.floor)
app.command("quarantine")(ledger_restrict.quarantine)
