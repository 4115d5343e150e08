"""Exceptions as values: what somebody has decided about findings, and about packages that nobody can be asked about.

* each has an owner, a reason and an end, and the line that it stands on
* VEX documents are exceptions too (`audit.exceptions.vex`)
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from verifier.core.digest import Digest
from verifier.core.value import Value, field

if TYPE_CHECKING:  # most audits have neither exceptions nor statements
    from verifier.audit.exceptions.scope import Scope
    from verifier.formats.bom.vex import VexDocument

DEFAULT_MAX_DAYS: Final = 365
"""How long an exception lasts, and a statement after its timestamp."""
EXPIRED: Final = "vulnerability.exception-expired"
UNUSED: Final = "vulnerability.exception-unused"
Standing = Literal["not_affected", "affected"]


class Exemption(Value):
    """One `[[exception]]`: the finding with this id, primary or not, of this package does not count until `expires`.

    `status` "not_affected" says that the package is not affected after all, `justification` why, in a word of OpenVEX;
    "affected" that the risk is taken. `where` is FILE:LINE.
    """

    id: str
    package: Scope
    status: Standing
    justification: str = ""
    reason: str
    owner: str
    expires: datetime
    where: str


class AcceptedUnknown(Value):
    """One `[[unknown]]`: it is accepted that nobody can say anything about this package, until `expires`.

    `package` is a purl without a version, or, where it is a text, a name in whatever ecosystem.
    """

    package: Scope | str
    reason: str
    owner: str
    expires: datetime
    where: str

    @property
    def named(self) -> str:
        """What stands in the file."""
        return self.package if isinstance(self.package, str) else self.package.written


class Exceptions(Value):
    """One file of them, in its order; `digest` is that of its bytes, None where there is no file."""

    exemptions: tuple[Exemption, ...] = ()
    unknowns: tuple[AcceptedUnknown, ...] = ()
    digest: Digest | None = None


class NamedVex(Value):
    """One document, and what it is called in reports: the file's name."""

    name: str
    document: VexDocument


class VexInput(Value):
    """All documents. Their statements end `max_days` after their timestamps.

    `edges` are pairs of purls, of what needs and what it needs: what is within a package is what it needs.
    """

    documents: tuple[NamedVex, ...] = ()
    max_days: int = DEFAULT_MAX_DAYS
    edges: tuple[tuple[str, str], ...] = field(default=(), repr=False)


NO_VEX = VexInput()
