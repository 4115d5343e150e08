"""What happens in the gateway, as values: whoever runs it decides where they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from verifier.core.value import Value, field

Level = Literal["info", "warning", "error"]


class Event(Value):
    """One event; `name` is stable, `facts` are texts, numbers and lists of texts, which may be hostile."""

    name: str
    level: Level = "info"
    correlation_id: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


Observe = Callable[[Event], None]
"""May be called from any thread; must return soon and raise nothing."""
