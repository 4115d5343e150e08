"""An event as PostgreSQL is told of it: what the database itself fills in is left out. Pure.

The members come as JSON texts in an array, `said`, those of the first migration sorted by name, then those that came
later: `SAID` is where each stands in it, as SQL.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from verifier.formats.json.write import compact
from verifier.ledger.interface import EventKind, LedgerEvent
from verifier.ledger.record import placed_text

_FILLED_IN = ("effect", "sequence", "state")


def members_of(event: LedgerEvent) -> str:
    """The members of an event's text as JSON, in order, one a line, but for those that the database fills in."""
    members: dict[str, object] = json.loads(placed_text(event, 0, None, None))
    return "\n".join(compact(members.get(name)) for name in (*TOLD, *REMEMBERED))


_EVENT = LedgerEvent(time=datetime.min.replace(tzinfo=UTC), kind=EventKind.DENIED, scope="kind:name")
MEMBERS: tuple[str, ...] = tuple(json.loads(placed_text(_EVENT, 0, None, None)))
"""Every member of an event, in the order of its text."""
TOLD: tuple[str, ...] = tuple(name for name in MEMBERS if name not in _FILLED_IN)
"""Those of them that a caller says."""
REMEMBERED: tuple[str, ...] = ("layers", "tag")
"""What a caller says behind these since the second migration: null, and left out of the text, where it is nothing."""
SAID: Mapping[str, str] = MappingProxyType(
    {name: f"said[{place}]" for place, name in enumerate((*TOLD, *REMEMBERED), start=1)}
)
