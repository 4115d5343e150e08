"""`verify ledger check` and `salvage`: is a history sound, and what of one that is not can be saved?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import output, stores
from verifier.cli.options.ledger import LedgerPlace
from verifier.cli.options.option import destination, option
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError

if TYPE_CHECKING:
    from verifier.ledger.interface import Head


@spread
def salvage(
    *,
    place: LedgerPlace,
    file: Path = destination("FILE", "Where the export is written."),
) -> int:
    """Export a corrupt ledger, up to where it is sound. Import that into a new one, by the head that is printed."""
    from verifier.files.write import writing_new  # noqa: PLC0415
    from verifier.ledger.salvage import salvage as salvaged  # noqa: PLC0415

    with writing_new(file, mode=0o644) as stream:
        found = salvaged(place.url(), stream)
    output.hint(f"wrote {file}; its head is {found.head}")
    output.hint("it is all of the ledger's history" if found.why is None else f"what follows is not sound: {found.why}")
    return output.EXIT_ACCEPTED


@spread
def check_history(
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
        name, reached, events, scopes = _checked_file(file, head)
    else:
        name, reached, events, scopes = _checked_ledger(place, head)
    output.hint(f"{name}: {scopes} scopes, {events} events, sound; head {reached}")
    return output.EXIT_ACCEPTED


def _checked_ledger(place: LedgerPlace, head: Head | None) -> tuple[str, Head, int, int]:
    from verifier.ledger import history  # noqa: PLC0415 - as above

    with place.existing() as store:
        if head is not None:
            history.require_head(store, head)
        found, events = history.checked(store)
        return store.url, found.head, events, len(found.states)


def _checked_file(file: Path, head: Head | None) -> tuple[str, Head, int, int]:
    from verifier.ledger.document import read_document  # noqa: PLC0415
    from verifier.ledger.transfer import require_vouched  # noqa: PLC0415

    try:
        stream = file.open("rb")
    except (OSError, ValueError) as error:
        raise unopened(file, error) from error
    with stream:
        found = read_document(stream)
    if head is not None:
        require_vouched(found, head)
    return str(file), found.head, found.events, len(found.states)


def unopened(file: Path, error: OSError | ValueError) -> ConfigurationError:
    """The error for a file that cannot be opened."""
    reason = error.strerror if isinstance(error, OSError) else error
    return ConfigurationError(f"cannot be read: {reason}", where=str(file))
