"""What a worker knows of what is served: nothing but what the judge has told it, and nothing that outlives a question.

A bundle is asked about once for all of its clients that came meanwhile; who comes while the judge is asked shares the
next question, as `bundles.bundle` has it with its judgements.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from verifier.gateway.bundles.asking import Asker, tell_all
from verifier.gateway.pages.answers import Known, Withheld, known_by
from verifier.gateway.workers.terms import Terms

Ask = Callable[["AskedBundle"], None]


class AskedBundle:
    """One bundle, as a worker's desk asks about it."""

    def __init__(self, path: str, name: str, ask: Ask) -> None:
        """`ask` asks the judge; what that says comes to `heard`."""
        self.path, self.name, self._ask = path, name, ask
        self.standing: Known | Withheld = Withheld(reasons=())
        self._asking: list[tuple[Asker, int]] = []
        self._answered: list[tuple[Asker, int]] = []
        self._held: set[Asker] = set()
        self._is_asked = False

    @property
    def held(self) -> int:
        """Clients that wait for news."""
        return len(self._held)

    def tell(self, asker: Asker, ticket: int) -> None:
        """Tell `asker` what stands, by a judgement that begins after this call."""
        self._asking.append((asker, ticket))
        if len(self._asking) == 1 and not self._is_asked:
            asyncio.get_running_loop().call_soon(self._begin)  # whoever asks in this turn of the loop shares it

    def hold(self, asker: Asker) -> None:
        """Tell `asker` to look again when there may be news, until it is let go."""
        self._held.add(asker)

    def let_go(self, asker: Asker) -> None:
        """Hold it no more."""
        self._held.discard(asker)

    def release(self) -> None:
        """Let everybody who waits look again."""
        for asker in tuple(self._held):
            asker.look_again()

    def heard(self, etag: str) -> None:
        """What the judge says: the entity tag of what stands, "" for nothing."""
        before = self.standing
        if not etag:
            self.standing = Withheld(reasons=())
        elif not isinstance(before, Known) or before.etag != etag.encode():
            self.standing = known_by(etag.encode())
        self._is_asked = False
        answered, self._answered = self._answered, []
        self._begin()
        tell_all(answered, self.standing)

    def _begin(self) -> None:
        if self._asking and not self._is_asked:
            self._is_asked = True
            self._answered, self._asking = self._asking, []
            self._ask(self)


class AskedServing:
    """What is in force, in the shape of `serving.Serving`."""

    def __init__(self, terms: Terms, ask: Ask) -> None:
        self.by_path = {path: AskedBundle(path, name, ask) for path, name in zip(terms.paths, terms.names, strict=True)}
        self.hosts, self.clients = terms.host_rules(), terms.client_rules()
        self.longest_wait = terms.longest_wait / 1000

    def held(self) -> dict[str, int]:
        """Clients that wait for news, of each bundle."""
        return {bundle.name: bundle.held for bundle in self.by_path.values()}

    def release(self) -> None:
        """Let everybody who waits look again."""
        for bundle in self.by_path.values():
            bundle.release()
