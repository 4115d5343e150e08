"""Which ledger is asked, and what is written into it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from verifier.cli import stores
from verifier.cli.documents import documents
from verifier.cli.options.option import Group, option, refuse_without
from verifier.core.document import Document
from verifier.core.errors import ConfigurationError, Refused

if TYPE_CHECKING:
    from verifier.ledger.interface import Ledger


class LedgerPlace(Group):
    """Where the ledger is that a command is about."""

    panel = "Ledger"
    ledger: str | None = option("--ledger", "sqlite:PATH or postgresql://... (default: a per-user file).", default=None)

    def existing(self, *, read_only: bool = False) -> AbstractContextManager[Ledger]:
        """The ledger, for a command that is about nothing else; raises `Refused` where there is none."""
        return stores.existing(self.ledger, read_only=read_only)

    def url(self) -> str:
        """Its URL, whether or not it can be opened."""
        return stores.url_of(self.ledger)

    def create(self) -> str:
        """Make it, where there is none; its URL, without secrets."""
        return stores.create(self.ledger)


class Recording(LedgerPlace):
    """The ledger that a verification asks, and may be told of the decision."""

    ledger_init: bool = option("--ledger-init", "Create the ledger if it is missing.", default=False)
    record: bool = option(
        "--record/--no-record", "Write the decision into the ledger; an acceptance advances it.", default=False
    )

    def require_name(self, name: str | None) -> None:
        """Refuse a ledger without a `name` where no policy says which sequence of versions the artifact belongs to.

        A file's name often holds the version: each release would then be compared with nothing.
        """
        given = {"--record": self.record, "--ledger": self.ledger is not None, "--ledger-init": self.ledger_init}
        flag = next((flag for flag, is_given in given.items() if is_given), None)
        if flag is not None and name is None:
            message = f"is needed beside {flag} where there is no --policy: a ledger keeps one sequence for each name"
            raise ConfigurationError(message, where="--name", hint="Say it without the version, as in --name authz.")

    def opened(self) -> AbstractContextManager[Ledger]:
        """The ledger, `Unopened` where it cannot be used, `NoLedger` where none was asked for and none is there."""
        return stores.opened(self.ledger, create_missing=self.ledger_init, record=self.record)


class Published(Group):
    """What is published now, for whoever keeps no ledger."""

    panel = "Ledger"
    previous: tuple[str, ...] = option(
        "--previous",
        "What is published now: the version must be above it, or be it. A file, https://... or oci://...; repeatable.",
        default=(),
        metavar="REF",
    )
    previous_attestation: tuple[str, ...] = option(
        "--previous-attestation",
        "With --previous: attestations beside what is published; repeatable.",
        default=(),
        metavar="FILE",
    )
    previous_may_be_absent: bool = option(
        "--previous-may-be-absent", "With --previous: that nothing is there yet is no denial.", default=False
    )

    def __post_init__(self) -> None:
        """Where nothing is published there is nothing to say of it."""
        if not self.previous:
            given = {
                "--previous-attestation": self.previous_attestation,
                "--previous-may-be-absent": self.previous_may_be_absent,
            }
            refuse_without("--previous", given)

    def require_order(self, version_from: str | None) -> None:
        """Refuse a comparison where no policy says how versions order, and no flag does either."""
        if self.previous and version_from is None:
            message = "needs --version-from and --version-scheme, or a --policy: nothing else orders versions"
            raise ConfigurationError(message, where="--previous")

    def attestations(self) -> tuple[Document | Refused, ...]:
        """The documents beside what is published, or why one cannot be read."""
        return documents(self.previous_attestation)


class Advancing(LedgerPlace):
    """The ledger that decides what may be loaded: it has to be there."""

    record: bool = option("--record/--no-record", "Advance the ledger, or only ask it.", default=True)

    def opened(self) -> AbstractContextManager[Ledger]:
        """The ledger, `Unopened` where it cannot be used."""
        return stores.needed(self.ledger)


class Compared(Group):
    """The ledger that a version is only compared with."""

    panel = "Ledger"
    ledger: str | None = option("--ledger", "Compare its version with this ledger: sqlite:///PATH.", default=None)

    def consulted(self) -> AbstractContextManager[Ledger]:
        """The ledger, `Unopened` where it cannot be used, `NoLedger` where none was named."""
        return stores.consulted(self.ledger)
