"""Exceptions as values: what somebody has decided about findings, and about packages that nobody can be asked about.

* each has an owner, a reason and an end, and the line that it stands on
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from verifier.audit.exceptions.scope import Scope
from verifier.core.value import Value

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
    """One file of them, in its order."""

    exemptions: tuple[Exemption, ...] = ()
    unknowns: tuple[AcceptedUnknown, ...] = ()
