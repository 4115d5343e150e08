"""The head that entries lead to, as a store hands them out, in one chain or in chains of a scope each. Pure."""

from __future__ import annotations

from verifier.core.digest import Digest
from verifier.ledger.chains.heads import End, Followed, linked
from verifier.ledger.interface import Entry, Head
from verifier.ledger.record import GENESIS, chain


def head_of_end(end: End) -> Head:
    """A head from its place and its digest in hex."""
    return Head(sequence=end[0], digest=Digest(algorithm="sha256", value=end[1]))


class Reached:
    """Entries taken in from the first one; what they say is judged elsewhere (`ledger.checker`)."""

    __slots__ = ("_chains",)

    def __init__(self) -> None:
        self._chains = Followed((GENESIS.sequence, GENESIS.digest.value))

    @property
    def head(self) -> Head:
        """Where they lead."""
        return head_of_end(self._chains.head)

    @property
    def last(self) -> Head:
        """The place of the newest, and its digest in the chain that it stands in."""
        return head_of_end(self._chains.last)

    def add(self, entry: Entry) -> None:
        """Take in the next one; raises `ValueError` where it does not go on from where its scope ended."""
        event = entry.event
        if event.previous is None:
            before = head_of_end(self._chains.last)
            after = chain(before, entry.text)
            self._chains.take(None, (after.sequence, after.digest.value))
            return
        self._chains.require_linked(event.scope, event.sequence, str(event.previous), str(event.beside))
        self._chains.take(event.scope, (entry.head.sequence, linked(entry.text)))
