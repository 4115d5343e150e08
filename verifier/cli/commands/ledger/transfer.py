"""`verify ledger export` and `import`: a ledger carried elsewhere."""

from __future__ import annotations

from pathlib import Path

from verifier.cli import output
from verifier.cli.ledger_rows import scope_row
from verifier.cli.options.ledger import LedgerPlace
from verifier.cli.options.operator import Transfer
from verifier.cli.options.option import argument
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError


@spread
def export(
    *,
    place: LedgerPlace,
    file: Path | None = argument("FILE", "Default: standard output.", default=None),
) -> int:
    """Write the ledger as JSON Lines. The same ledger gives the same bytes."""
    from verifier.files.write import write_new_lines  # noqa: PLC0415
    from verifier.ledger.transfer import export_ledger  # noqa: PLC0415

    with place.existing() as store:
        moment = store.scopes()
        lines = export_ledger(store, moment)
        if file is None:
            for line in lines:
                output.document(line)
            return output.EXIT_ACCEPTED
        write_new_lines(file, lines, mode=0o644)
        output.hint(f"wrote {file}; keep its head elsewhere: {moment.head}")
    return output.EXIT_ACCEPTED


@spread
def import_(
    *,
    file: Path = argument("FILE", "An exported ledger."),
    place: LedgerPlace,
    transfer: Transfer,
) -> int:
    """Merge an exported ledger. Marks, floors and quarantine move up or stay; all of it or nothing."""
    from verifier.ledger.transfer import import_ledger  # noqa: PLC0415

    circumstances = transfer.circumstances()
    try:
        stream = file.open("rb")
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", where=str(file)) from error
    with stream, place.existing() as store:
        imported = import_ledger(store, stream, circumstances)
        for name in imported.scopes:
            output.line(scope_row(name, store.fetch(name).state))
        output.hint(f"{store.url}: {len(imported.scopes)} scopes moved up; the export's head is {imported.head}")
    return output.EXIT_ACCEPTED
