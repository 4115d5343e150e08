"""`verify ledger export` and `import`: a ledger carried elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import output, stores
from verifier.cli.ledger_rows import scope_row
from verifier.cli.options.ledger import LedgerPlace
from verifier.cli.options.operator import Transfer
from verifier.cli.options.option import Group, argument, option
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError

if TYPE_CHECKING:
    from verifier.ledger.interface import Head


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
def salvage(
    *,
    place: LedgerPlace,
    file: Path = argument("FILE", "Where the export is written."),
) -> int:
    """Export a corrupt ledger, up to where it is sound. Import that into a new one, by the head that is printed."""
    from verifier.files.write import appearing, unwritable  # noqa: PLC0415
    from verifier.ledger.salvage import salvage as salvaged  # noqa: PLC0415

    try:
        with appearing(file, mode=0o644) as draft, draft.open("w", encoding="ascii", newline="") as stream:
            found = salvaged(place.url(), stream)
    except (OSError, ValueError) as error:
        raise unwritable(file, error) from error
    output.hint(f"wrote {file}; its head is {found.head}")
    output.hint("it is all of the ledger's history" if found.why is None else f"what follows is not sound: {found.why}")
    return output.EXIT_ACCEPTED


@spread
def check(
    *,
    place: LedgerPlace,
    file: Path | None = option("--file", "Check an exported ledger instead.", default=None),
    expect_head: str | None = option("--expect-head", "Deny a ledger that never had this head.", default=None),
) -> int:
    """Replay the history from its beginning: could the rules have done all of it? Reads, and changes nothing."""
    head = None if expect_head is None else stores.expected_head(expect_head)
    if file is not None:
        if place.ledger is not None:
            raise ConfigurationError("is about a ledger, --file about an export", where="--ledger")
        name, reached, scopes = _checked_file(file, head)
    else:
        name, reached, scopes = _checked_ledger(place, head)
    output.hint(f"{name}: {scopes} scopes, {reached.sequence} events, sound; head {reached}")
    return output.EXIT_ACCEPTED


def _checked_ledger(place: LedgerPlace, head: Head | None) -> tuple[str, Head, int]:
    from verifier.ledger import history  # noqa: PLC0415 - as above

    with place.existing() as store:
        if head is not None:
            history.require_head(store, head)
        found = history.check(store)
        return store.url, found.head, len(found.states)


def _checked_file(file: Path, head: Head | None) -> tuple[str, Head, int]:
    from verifier.ledger.document import read_document  # noqa: PLC0415
    from verifier.ledger.transfer import require_vouched  # noqa: PLC0415

    try:
        stream = file.open("rb")
    except (OSError, ValueError) as error:
        raise unreadable(file, error) from error
    with stream:
        found = read_document(stream)
    if head is not None:
        require_vouched(found, head)
    return str(file), found.head, len(found.states)


def unreadable(file: Path, error: OSError | ValueError) -> ConfigurationError:
    """The error for a file that cannot be opened."""
    reason = error.strerror if isinstance(error, OSError) else error
    return ConfigurationError(f"cannot be read: {reason}", where=str(file))


@spread
def import_(
    *,
    file: Path = argument("FILE", "An exported ledger."),
    vouched: Vouched,
    place: LedgerPlace,
    transfer: Transfer,
) -> int:
    """Merge an exported ledger. Marks, floors and quarantine move up or stay, in the epoch that is; all or nothing."""
    from verifier.ledger.transfer import import_ledger  # noqa: PLC0415

    circumstances, head = transfer.circumstances(), vouched.head()
    try:
        stream = file.open("rb")
    except (OSError, ValueError) as error:
        raise unreadable(file, error) from error
    with stream, place.existing() as store:
        imported = import_ledger(store, stream, circumstances, expect_head=head)
        for name in imported.scopes:
            output.line(scope_row(name, store.fetch(name).state))
        output.hint(f"{store.url}: {len(imported.scopes)} scopes moved up; the export's head is {imported.head}")
    return output.EXIT_ACCEPTED
