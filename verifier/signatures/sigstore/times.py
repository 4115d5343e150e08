"""When something was signed at the latest, as logs and authorities prove it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from verifier.core.outcome import Reason
from verifier.core.value import Value


class Times(Value):
    """When something was signed at the latest, by the logs' promises and by trusted timestamps, in any order."""

    promised: tuple[datetime, ...]
    stamped: tuple[datetime, ...]
    findings: tuple[Reason, ...] = ()

    @property
    def all(self) -> tuple[datetime, ...]:
        """Every time there is."""
        return (*self.stamped, *self.promised)

    @property
    def earliest(self) -> datetime | None:
        """The first time at which the signature existed, or None where nobody says."""
        return min(self.all, default=None)


NOTHING_PROVEN: Final = Times(promised=(), stamped=())
"""Of what has neither an entry nor a timestamp."""
