"""`verify ledger export` and `import`: a ledger carried elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import output, stores
from verifier.cli.commands.ledger import check
from verifier.cli.ledgers import orders
from verifier.cli.ledgers.rows import print_scope
from verifier.cli.options.ledger import LedgerPlace
from verifier.cli.options.operator import Transfer
from verifier.cli.options.option import Group, argument, destination, option
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError

if TYPE_CHECKING:
    from verifier.ledger.interface import Head


@spread
def export(
    *,
    place: LedgerPlace,
    file: Path | None = destination("FILE", "Default: standard output.", default=None),
) -> int:
    """Write the ledger as JSON Lines. The same ledger gives the same bytes."""
    from verifier.files.write import writing_new  # noqa: PLC0415
    from verifier.ledger.transfer import export_ledger  # noqa: PLC0415

    with place.existing() as store:
        moment = store.scopes()
        lines = export_ledger(store, moment)
        if file is None:
            for line in lines:
                output.document(line)
            return output.EXIT_ACCEPTED
        with writing_new(file, mode=0o644) as stream:
            stream.writelines(lines)
        output.hint(f"wrote {file}; keep its head elsewhere: {moment.head}")
    return output.EXIT_ACCEPTED


class Vouched(Group):
    """Who says that the document is what was exported: whoever kept its head, or nobody."""

    panel = "Document"
    expect_head: str | None = option(
        "--expect-head", "The head that was kept of it: SEQUENCE@sha256:HEX.", default=None
    )
    unvouched: bool = option("--unvouched", "Import it though nobody knows its head.", default=False)

    def head(self) -> Head | None:
        """The head that the document must have, None where that does not matter; raises `ConfigurationError`."""
        if (self.expect_head is None) != self.unvouched:
            message = "say whose the document is: an export is not signed, and may deny every version of a scope"
            hint = "Give the head that was kept of it; or --unvouched, where you have exported it yourself just now."
            raise ConfigurationError(message, where="--expect-head, --unvouched", hint=hint)
        if self.expect_head is not None:
            return stores.expected_head(self.expect_head)
        output.hint("warning: nobody vouches for the document's head: what it denies, it denies for ever")
        return None


@spread
def import_(
    *,
    file: Path = argument("FILE", "An exported ledger."),
    vouched: Vouched,
    place: LedgerPlace,
    transfer: Transfer,
    dry_run: bool = option("--dry-run", "Show what would come of it, and write nothing.", default=False),
) -> int:
    """Merge an exported ledger. Marks, floors and quarantine move up or stay, in the epoch that is; all or nothing."""
    from verifier.ledger.transfer import import_ledger, would_import  # noqa: PLC0415

    circumstances, head = transfer.circumstances(), vouched.head()
    try:
        stream = file.open("rb")
    except (OSError, ValueError) as error:
        raise check.unopened(file, error) from error
    with stream, place.existing(read_only=dry_run) as store:
        if dry_run:
            for name, state in would_import(store, stream, circumstances, expect_head=head):
                print_scope(name, state)
            output.hint(f"{store.url}: {orders.UNWRITTEN}")
            return output.EXIT_ACCEPTED
        imported = import_ledger(store, stream, circumstances, expect_head=head)
        for name in imported.scopes:
            print_scope(name, store.fetch(name).state)
        output.hint(f"{store.url}: {len(imported.scopes)} scopes moved up; the export's head is {imported.head}")
    return output.EXIT_ACCEPTED
