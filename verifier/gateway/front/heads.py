"""Requests that were read before, byte for byte: whoever sends the same bytes again has asked the same again (T-213).

* a request is kept only once the parser has read it whole, within its bounds, from the first byte of a message to the
  last one of what came with it: nothing before it, nothing behind it, no body, a connection that stays open
* what is kept is what the request says, never what was answered: host, client and judgement are asked for every time
* so many are kept, of so many bytes; whoever fills that with requests of its own makes others slower, and nothing else

A fleet asks for one bundle in the same words, over and over: reading them anew is most of what an answer costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from verifier.core.value import Value, field
from verifier.gateway.pages.conditions import seconds_to_wait

MOST_HEADS: Final = 512
MAX_BYTES: Final = 2_048
LONGEST_S: Final = 1e9
"""No bound of its own: what a configuration allows is asked when the request is."""

CONDITIONS: Final = b"if-none-match"
BODY: Final = (b"content-length", b"transfer-encoding")
READ: Final = (CONDITIONS, b"prefer", b"host", b"authorization", b"x-correlation-id", b"traceparent", *BODY)
_ANOTHER_WAY: Final = (*BODY, b"expect", b"upgrade", b"connection")
"""Fields of requests that are read every time."""


class Head(Value):
    """What a request for a bundle says. `wait` is in seconds, without the gateway's bound."""

    raw: bytes = field(repr=False)
    path: str
    fields: Mapping[bytes, bytes] = field(repr=False)
    wait: float


class Heads:
    """The requests that were read; for one event loop."""

    def __init__(self) -> None:
        self._heads: dict[bytes, Head] = {}

    def find(self, raw: bytes) -> Head | None:
        """What these bytes say, where they were read before."""
        return self._heads.get(raw)

    def keep(self, raw: bytes, scope: Mapping[str, object], headers: Sequence[tuple[bytes, bytes]]) -> Head | None:
        """What was read from `raw`, the whole of it; None where it is no plain question for news."""
        if len(raw) > MAX_BYTES or scope["http_version"] != "1.1" or scope["method"] not in {"GET", "HEAD"}:
            return None
        if any(name in _ANOTHER_WAY for name, _ in headers):
            return None
        fields = fields_of(headers)
        if not fields[CONDITIONS]:
            return None  # it is answered with the bundle, whatever this saves
        if len(self._heads) >= MOST_HEADS:
            self._heads.clear()
        wait = seconds_to_wait(fields[b"prefer"], longest=LONGEST_S)
        head = self._heads[raw] = Head(raw=raw, path=str(scope["path"]), fields=fields, wait=wait)
        return head


def fields_of(headers: Iterable[tuple[bytes, bytes]]) -> Mapping[bytes, bytes]:
    """The fields that matter, each b"" where it is absent; several of one name are one list."""
    fields = dict.fromkeys(READ, b"")
    for name, value in headers:
        if name in fields:
            fields[name] = fields[name] + b", " + value if fields[name] else value
    return fields
