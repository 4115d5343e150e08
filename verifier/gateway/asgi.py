"""What an ASGI server and an application hand each other; nothing else of ASGI is used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

CLIENT_GONE: Final = 499
"""What is counted of a client that went before its answer, as nginx counts it: nobody is told."""
