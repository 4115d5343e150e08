"""An operator's order about the ledger: who gives it, why, and when."""

from __future__ import annotations

from getpass import getuser

from verifier.cli import settings
from verifier.cli.options.answer import NOW
from verifier.cli.options.option import Group, option
from verifier.ledger.advance import Circumstances

_WHY = "Why; kept in the history."


class Order(Group):
    """An order, which has to say why."""

    panel = "Order"
    reason: str = option("--reason", _WHY)
    actor: str | None = option("--actor", "Who orders it (default: the user's name).", default=None)
    now: str | None = NOW

    def circumstances(self) -> Circumstances:
        """Who acts, why and when."""
        return Circumstances(
            now=settings.now(self.now),
            actor=_user_name() if self.actor is None else self.actor,
            comment=self.reason,
            correlation_id=settings.correlation_id(None),
        )


class Transfer(Order):
    """An order that need not say why."""

    reason: str = option("--reason", _WHY, default="")


def _user_name() -> str:
    try:
        return getuser()
    except (OSError, KeyError, ImportError):  # a user without a name: KeyError before Python 3.13
        return ""
