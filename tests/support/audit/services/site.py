"""A service on loopback that remembers what it was asked, and lies where a test says.

A request is what it is by method, path and body: those of a run can be gone through one by one, whoever asks first.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

Honest = Callable[[], Any]
Fault = Callable[[Any, Any], None]
"""Answers an exchange, given what the honest answer would have been."""


class Asked(NamedTuple):
    """One request."""

    method: str
    path: str
    body: bytes

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.body[:60].decode()}"


class Site:
    """What answers; `asked` are the requests so far, `faults` what becomes of which of them."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.faults: dict[Asked, Fault] = {}

    def say(self, exchange) -> None:
        asked = Asked(exchange.command, exchange.path, exchange.sent())
        self.asked.append(asked)
        status, value, fields = self.honest(asked)
        fault = self.faults.get(asked)
        if fault is not None:
            fault(exchange, value)
            return
        answer(exchange, value, status=status, **fields)

    def honest(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        """Status, value and fields of an honest answer."""
        raise NotImplementedError


def answer(exchange, value, *, status=200, **fields) -> None:
    """An answer in JSON, or of these bytes."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    exchange.answer(status, body, **({"Content_Type": "application/json"} | fields))
