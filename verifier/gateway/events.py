"""What happens in the gateway, as values: whoever runs it decides where they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from verifier.core.outcome import Reason
from verifier.core.value import Value, field

Level = Literal["info", "warning", "error"]


class Event(Value):
    """One event; `name` is stable, `facts` are texts, numbers and lists of texts, which may be hostile."""

    name: str
    level: Level = "info"
    correlation_id: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


def told(reasons: Sequence[Reason]) -> Mapping[str, object]:
    """What an event says of its reasons: all their codes, and of the first what was seen and what to do."""
    if not reasons:
        return {"codes": []}
    return {"codes": [each.code for each in reasons], "message": reasons[0].message, "hint": reasons[0].hint}


Observe = Callable[[Event], None]
"""May be called from any thread; must return soon and raise nothing."""
