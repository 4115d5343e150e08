"""Answers "not modified" without an application: what most requests ask, and all that a long poll is told by default.

* a bundle's answer is made once for each version and second, and written to everybody whom one judgement answers
* host and client are asked about each request, under the configuration of now, before anything else is
* who is to be told anything else (a newer bundle, that nothing stands, that it may not ask) is left to the application,
  which reads the request from its first byte

The judgement is the same: it began after the request was there (`bundles.bundle`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from verifier.gateway.clients import CERTIFIED
from verifier.gateway.front.heads import CONDITIONS, Head, Heads
from verifier.gateway.pages.answers import Known, Withheld
from verifier.gateway.pages.conditions import is_unchanged

if TYPE_CHECKING:
    from verifier.gateway.bundles.asking import Asker
    from verifier.gateway.clients import Clients
    from verifier.gateway.hosts import Hosts

Fields = Sequence[tuple[bytes, bytes]]
_PROOF: Final[Mapping[bool, Mapping[str, object]]] = {each: {CERTIFIED: each} for each in (False, True)}


class Stands(Protocol):
    """A bundle, as far as it is asked about at the desk: `bundles.bundle.ServedBundle`, or a worker's of that name."""

    @property
    def name(self) -> str: ...

    @property
    def standing(self) -> Known | Withheld: ...

    def tell(self, asker: Asker, ticket: int) -> None: ...

    def hold(self, asker: Asker) -> None: ...

    def let_go(self, asker: Asker) -> None: ...


class Rules(Protocol):
    """What is in force now: `serving.Serving`, or what a worker knows of it."""

    @property
    def by_path(self) -> Mapping[str, Stands]: ...

    @property
    def hosts(self) -> Hosts: ...

    @property
    def clients(self) -> Clients: ...

    @property
    def longest_wait(self) -> float: ...


class Behind(Protocol):
    """Who answers everything else: `app.Gateway`, or a worker's relay to it."""

    @property
    def draining(self) -> bool: ...

    @property
    def serving(self) -> Rules: ...

    def count(self, bundle: str, status: int) -> None: ...


class Desk:
    """What all connections of one event loop share."""

    def __init__(self, gateway: Behind, common: Callable[[], Fields]) -> None:
        """`common` gives the fields of every answer, the same list until they change."""
        self.heads = Heads()
        self._gateway, self._common = gateway, common
        self._written: tuple[bytes, Fields, bytes] = (b"", (), b"")

    @property
    def draining(self) -> bool:
        """Whether nobody is held any more."""
        return self._gateway.draining

    def bundle(self, head: Head, *, certified: bool) -> Stands | None:
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
        return min(head.wait, self._gateway.serving.longest_wait) if head.wait else 0.0

    def count(self, bundle: Stands, status: int) -> None:
        """Count an answer."""
        self._gateway.count(bundle.name, status)

    def unchanged(self, head: Head, standing: Known | Withheld) -> bytes | None:
        """What "not modified" is said with; None where something else is to be said."""
        if not isinstance(standing, Known) or not is_unchanged(head.fields[CONDITIONS], standing.etag):
            return None
        etag, common, whole = self._written
        if etag != standing.etag or common is not self._common():
            common = self._common()
            whole = _written(standing, common)
            self._written = (standing.etag, common, whole)
        return whole


def _written(standing: Known, common: Fields) -> bytes:
    fields = (*common, *standing.unchanged["headers"])
    lines = (name + b": " + value for name, value in fields)
    return b"\r\n".join((b"HTTP/1.1 304 Not Modified", *lines, b"", b""))
