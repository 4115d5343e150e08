"""Answers "not modified" without an application: what most requests ask, and all that a long poll is told by default.

* a bundle's answer is made once for each version and second, and written to everybody whom one judgement answers
* host and client are asked about each request, under the configuration of now, before anything else is
* who is to be told anything else (a newer bundle, that nothing stands, that it may not ask) is left to the application,
  which reads the request from its first byte

The judgement is the same: it began after the request was there (`bundles.bundle`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from verifier.gateway.clients import CERTIFIED
from verifier.gateway.front.heads import CONDITIONS, Head, Heads
from verifier.gateway.pages.answers import Served, Standing
from verifier.gateway.pages.conditions import is_unchanged

if TYPE_CHECKING:
    from verifier.gateway.app import Gateway
    from verifier.gateway.bundles.bundle import ServedBundle

Fields = Sequence[tuple[bytes, bytes]]
_PROOF: Final[Mapping[bool, Mapping[str, object]]] = {each: {CERTIFIED: each} for each in (False, True)}


class Desk:
    """What all connections of one event loop share."""

    def __init__(self, gateway: Gateway, common: Callable[[], Fields]) -> None:
        """`common` gives the fields of every answer, the same list until they change."""
        self.heads = Heads()
        self._gateway, self._common = gateway, common
        self._written: tuple[bytes, Fields, bytes] = (b"", (), b"")

    @property
    def draining(self) -> bool:
        """Whether nobody is held any more."""
        return self._gateway.draining

    def bundle(self, head: Head, *, certified: bool) -> ServedBundle | None:
        """The bundle that is asked for; None where the request is not answered here, or not at all."""
        serving = self._gateway.serving
        bundle = serving.by_path.get(head.path)
        if bundle is None or serving.hosts.rejection(head.fields[b"host"]) is not None:
            return None
        clients = serving.clients
        if not clients.anybody and clients.rejection(_PROOF[certified], head.fields[b"authorization"]) is not None:
            return None
        return bundle

    def seconds(self, head: Head) -> float:
        """How long who asks so may be held."""
        return min(head.wait, self._gateway.serving.settings.longest_wait.total_seconds()) if head.wait else 0.0

    def count(self, bundle: ServedBundle, status: int) -> None:
        """Count an answer."""
        self._gateway.count(bundle, status)

    def unchanged(self, head: Head, standing: Standing) -> bytes | None:
        """What "not modified" is said with; None where something else is to be said."""
        if not isinstance(standing, Served) or not is_unchanged(head.fields[CONDITIONS], standing.etag):
            return None
        etag, common, whole = self._written
        if etag != standing.etag or common is not self._common():
            common = self._common()
            whole = _written(standing, common)
            self._written = (standing.etag, common, whole)
        return whole


def _written(standing: Served, common: Fields) -> bytes:
    fields = (*common, *standing.unchanged["headers"])
    lines = (name + b": " + value for name, value in fields)
    return b"\r\n".join((b"HTTP/1.1 304 Not Modified", *lines, b"", b""))
