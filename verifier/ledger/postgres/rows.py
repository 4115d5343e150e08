"""An event as PostgreSQL is told of it: what the database itself fills in is left out. Pure."""

from __future__ import annotations

import json

from verifier.formats.json.write import compact
from verifier.ledger.interface import LedgerEvent
from verifier.ledger.record import placed_text


def members_of(event: LedgerEvent) -> str:
    """The members of an event's text as JSON, in order, one a line, but for the two that the database fills in."""
    members: dict[str, object] = json.loads(placed_text(event, 0, None))
    del members["sequence"], members["state"]
    return "\n".join(map(compact, members.values()))
