"""How an order about a ledger is given: for a scope that there is, looked at first, and confirmed where it is grave.

* a scope that the ledger does not know is a mistake, unless the order says that it is new
* `--dry-run` shows what would come of it, and writes nothing
* what would deny all that is there is asked about at a terminal; elsewhere it needs `--yes`
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from verifier.cli import output, stores
from verifier.cli.ledgers.rows import print_scope
from verifier.cli.options.option import Group, option
from verifier.cli.progress.room import make_room
from verifier.core.errors import ConfigurationError
from verifier.reports.escape import printable
from verifier.versions.state import ScopeState

if TYPE_CHECKING:
    from verifier.ledger.interface import Ledger

_FOR_EVER = "It is never undone. Look at it with --dry-run, then give --yes."
UNWRITTEN = "nothing was written (--dry-run): so it would stand"
_ASKED = "It is never undone. Go on? [y/N] "


class Care(Group):
    """What an order does before it is done."""

    panel = "Order"
    dry_run: bool = option("--dry-run", "Show what would come of it, and write nothing.", default=False)
    yes: bool = option("--yes", "Do not ask, whatever it denies from then on.", default=False)

    def opened(self, url: str | None) -> AbstractContextManager[Ledger]:
        """The ledger, which a dry run cannot write into."""
        return stores.existing(url, read_only=self.dry_run)

    def goes_on(self, why: str | None) -> bool:
        """Whether an order may be given that is grave because of `why`; raises `ConfigurationError`."""
        if why is None or self.yes:
            return True
        if self.dry_run:
            output.hint(f"warning: {why}. It would need --yes.")
            return True
        if not (sys.stdin is not None and sys.stdin.isatty()):
            raise ConfigurationError(why, where="--yes", hint=_FOR_EVER)
        output.hint(f"warning: {why}.")
        return _answered(_ASKED)


class Meant(Group):
    """Which scope an order may be about."""

    panel = "Order"
    new_scope: bool = option("--new-scope", "The ledger need not know the scope yet.", default=False)

    def state(self, store: Ledger, scope: str) -> ScopeState | None:
        """Where the scope stands; raises `ConfigurationError` for one that the ledger has never heard of."""
        state = store.fetch(scope).state
        if not self.new_scope and not is_known(store, scope, state):
            hint = f"{meant(scope, known_scopes(store))} One that is yet to come needs --new-scope."
            raise ConfigurationError(f"the ledger knows nothing of {printable(scope)}", where="SCOPE", hint=hint)
        return state


def is_known(store: Ledger, scope: str, state: ScopeState | None) -> bool:
    """Whether the ledger has heard of a scope, if only of denials in it."""
    return state is not None or any(True for _ in store.events(scope, newest=1))


def known_scopes(store: Ledger) -> tuple[str, ...]:
    """The scopes that stand somewhere, by name."""
    return tuple(name for name, _ in store.scopes().states)


def meant(scope: str, known: Iterable[str]) -> str:
    """Which one of the `known` was meant by `scope`, as a sentence."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for mistakes

    names = tuple(known)
    if close := get_close_matches(scope, names, n=1):
        return f"Did you mean {printable(close[0])}?"
    return "List them with `verify ledger show`." if names else "It knows none at all: is it the right ledger?"


def done(care: Care, scope: str, after: ScopeState, do: Callable[[], ScopeState], *, why: str | None) -> int:
    """Give an order that leads to the state `after`, or show it; the exit status."""
    if not care.goes_on(why):
        output.hint("verify: nothing was changed")
        return output.EXIT_DENIED
    if care.dry_run:
        print_scope(scope, after)
        output.hint(UNWRITTEN)
        return output.EXIT_ACCEPTED
    print_scope(scope, do())
    return output.EXIT_ACCEPTED


def _answered(question: str) -> bool:
    make_room()
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
