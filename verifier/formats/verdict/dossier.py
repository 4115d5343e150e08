"""What a report is made of: the verdicts of one run, and what is known beside them.

* a report of whatever format is given a dossier; it shows what its medium has room for
* nothing in it decides: the verdicts have, and `worst` only finds the one that the exit status is of
* what nobody has looked up is None or empty, and a report says so where it would show it
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from verifier.core.value import Value
from verifier.core.verdict import Verdict

if TYPE_CHECKING:
    from verifier.core.digest import Digest
    from verifier.formats.audit.result import AuditResult
    from verifier.formats.bom.component import Component


class Happened(Value):
    """One event of a scope, as a ledger has written it down.

    `what` is the ledger's word ("accepted", "denied", "floor", "quarantine", ...), `version` is `epoch:version`,
    `codes` are the reason codes of a denial, `comment` is what the operator said.
    """

    time: datetime
    what: str
    version: str | None = None
    digest: Digest | None = None
    codes: tuple[str, ...] = ()
    comment: str = ""


class Dossier(Value):
    """The verdicts of one run, in the order that was asked, and what is known beside them.

    `references` are where the artifacts were, as they were typed and without secrets, one for each verdict; empty where
    nobody knows. `history` is the scope's of the first verdict, oldest first; `components` are the artifact's by its
    SBOM, and `components_before` those of the version that was accepted last; `audit` is the audit of its dependencies.
    `retold` says that all of it was read from files, and that nothing was verified in this run.
    """

    verdicts: tuple[Verdict, ...]
    references: tuple[str, ...] = ()
    history: tuple[Happened, ...] = ()
    components: tuple[Component, ...] | None = None
    components_before: tuple[Component, ...] | None = None
    audit: AuditResult | None = None
    retold: bool = False

    def __post_init__(self) -> None:
        if not self.verdicts:
            raise ValueError("a dossier is about at least one verdict")
        if self.references and len(self.references) != len(self.verdicts):
            raise ValueError("a dossier has a reference for each verdict, or none")

    @property
    def worst(self) -> Verdict:
        """The verdict that the exit status is of: a denial before what could not be decided before a pass."""
        return max(self.verdicts, key=lambda each: (not each.passed, not each.passed and not each.undecided))
