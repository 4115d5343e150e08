"""A ledger on which somebody else writes whenever it is asked anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from verifier.ledger.interface import Entry, Ledger


class Busy:
    """`write` happens before every question, and before every hundredth entry that is given."""

    def __init__(self, ledger: Ledger, write: Callable[[], object]) -> None:
        self._ledger, self._write = ledger, write

    def __getattr__(self, name: str) -> Any:
        self._write()
        return getattr(self._ledger, name)

    def __enter__(self) -> Busy:
        return self

    def __exit__(self, *_: object) -> None:
        self._ledger.close()

    def events(self, *scope: str, **bounds: int) -> Iterator[Entry]:
        for number, entry in enumerate(self._ledger.events(*scope, **bounds)):
            if number % 100 == 0:
                self._write()
            yield entry
