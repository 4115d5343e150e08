"""Who asks about a bundle, and how all of them are told."""

from __future__ import annotations

import asyncio
from typing import Protocol

from verifier.gateway.pages.answers import Known, Withheld


class Asker(Protocol):
    """Who is told of a judgement, or held until there is news: a client, or a worker for all that it holds."""

    @property
    def clients(self) -> int:
        """How many are held with it."""

    def told(self, ticket: int, standing: Known | Withheld) -> None:
        """What stands, by the judgement that was asked for with `ticket`."""

    def look_again(self) -> None:
        """There may be news."""


def tell_all(answered: list[tuple[Asker, int]], standing: Known | Withheld) -> None:
    """Tell each with its ticket, in the running event loop."""
    try:
        while answered:
            asker, ticket = answered.pop()
            asker.told(ticket, standing)
    finally:
        if answered:  # one that is defective takes nobody with it: the event loop says so, and goes on with these
            asyncio.get_running_loop().call_soon(tell_all, answered, standing)
