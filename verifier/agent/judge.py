"""Judging for others: by the policy, the keys and the ledger as they are now, and by what was proven before.

* before each question it is looked whether policy, keys and ledger are still what was read: where one is not, all is
  read anew, and what cannot be read answers nobody (`agent.unusable`), as it would stop whoever asks
* who names another policy or ledger is not answered (`agent.elsewhere`): it decides by what it was told
* by a verdict it is `loading.loader` that judges, and remembers; in full it is the recipe, each time anew: there is no
  verification logic here
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from verifier.agent.identity import identity_of, server_identity
from verifier.agent.inquiry import Inquiry
from verifier.agent.settings import AgentSettings, AgentSurroundings
from verifier.agent.watch import Watch
from verifier.core.document import Document
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.outcome import Reason
from verifier.core.uris import VERIFIER_ID
from verifier.core.verdict import Verdict
from verifier.core.version import VERSION
from verifier.engine.recipe import verify_artifact
from verifier.engine.request import Request
from verifier.gateway.events import Event, told
from verifier.ledger.absent import Unopened
from verifier.ledger.interface import Ledger
from verifier.ledger.open import open_ledger_url
from verifier.loading.cache.store import Cache
from verifier.loading.loader import Loader
from verifier.sources.content import Remote
from verifier.trust.evaluate import resource_uri_of, rule_for
from verifier.trust.model import TrustPolicy

_REOPEN_S: Final = 1.0
"""Between attempts to open a ledger that is lost: who asks meanwhile is told that it is."""
_MOST_NAMES: Final = 4096
"""Names that a loader remembers something of: then it begins anew, for names may be anybody's."""
_ACTOR: Final = "agent"
"""Who has accepted, as a ledger's log has it."""


class NotAnsweredError(Exception):
    """The agent does not decide this question; `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Judged(NamedTuple):
    """A decision, and what is to be said beside it of the policy's files and of the ledger."""

    verdict: Verdict
    told: tuple[Reason, ...]


Artifact = Callable[[int], bytes | Refused]
"""An artifact of at most so many bytes, or why it is none."""


class _Standing:
    """What was read together. Closed once it was retired and nobody uses it."""

    def __init__(self, policy: TrustPolicy, ledger: Ledger, watch: Watch, told: Sequence[Reason]) -> None:
        self.policy, self.ledger, self.watch, self.told = policy, ledger, watch, tuple(told)
        self.opened_at = time.monotonic()
        self.users, self.retired = 0, False
        self.names: set[str] = set()
        self.loader: Loader | None = None


class Judge:
    """Safe between threads. Made with what it reads at once; `ConfigurationError` where that cannot be used."""

    def __init__(self, settings: AgentSettings, around: AgentSurroundings) -> None:
        self._settings, self._around = settings, around
        self._lock = threading.Lock()
        self._reading = threading.Lock()
        self._standing = self._read()

    @property
    def policy(self) -> TrustPolicy:
        """The policy that was read last."""
        return self._standing.policy

    def close(self) -> None:
        """Close the ledger once the last question is answered."""
        with self._lock:
            self._standing.retired = True
            idle = self._standing.users == 0
        if idle:
            self._standing.ledger.close()

    def reload(self) -> None:
        """Read everything anew; `ConfigurationError`, and everything as it was, where it cannot be used."""
        with self._reading:
            self._replace(self._read())

    def judge(self, asked: Inquiry, artifact: Artifact, documents: Sequence[Document | Refused]) -> Judged:
        """The decision about an artifact; raises `NotAnsweredError` where it is not this agent's to make."""
        by = self._loaded if asked.by_verdict else self._judged
        try:
            # In this order: what whoever asks saw is what is looked for afterwards.
            self._require_same(asked)
            with self._current() as standing:
                content = artifact(standing.policy.limits.archive_bytes)
                return Judged(by(standing, asked, content, documents), standing.told)
        except ConfigurationError as error:
            raise NotAnsweredError("agent.unusable", str(error)) from error

    def _judged(
        self, standing: _Standing, asked: Inquiry, artifact: bytes | Refused, documents: Sequence[Document | Refused]
    ) -> Verdict:
        """As `verify bundle` and `verify artifact` judge: nothing is remembered but what standing is made of."""

        def read() -> bytes:
            if isinstance(artifact, Refused):
                raise artifact.again()
            return artifact

        request = Request(
            source=Remote(uri="", fetch=read),
            kind=asked.kind,
            name=asked.name,
            resource_uri=_stated(standing.policy, asked),
            policy=standing.policy,
            ledger=standing.ledger,
            record=asked.record,
            attestations=tuple(documents),
            rego=self._around.rego,
            judges=self._around.judges(standing.policy),
            now=self._around.clock(),
            correlation_id=asked.correlation_id or self._around.new_id(),
            actor=_ACTOR,
            verifier_id=VERIFIER_ID,
            verifier_version={"policy-verifier": VERSION},
        )
        return verify_artifact(request).verdict

    def _loaded(
        self, standing: _Standing, asked: Inquiry, artifact: bytes | Refused, documents: Sequence[Document | Refused]
    ) -> Verdict:
        """As a hook judges; what was found is remembered."""
        loaded = self._loader(standing, asked.name).load(
            artifact,
            documents[0],
            name=asked.name,
            resource_uri=_stated(standing.policy, asked),
            now=self._around.clock(),
            correlation_id=asked.correlation_id or self._around.new_id(),
            levels=asked.levels,
            record=asked.record,
        )
        return loaded.verdict

    def _loader(self, standing: _Standing, name: str) -> Loader:
        with self._lock:
            standing.names.add(name)
            if standing.loader is None or len(standing.names) > _MOST_NAMES:
                standing.names = {name}
                standing.loader = self._made(standing.policy, standing.ledger)
            return standing.loader

    def _made(self, policy: TrustPolicy, ledger: Ledger) -> Loader:
        cache = Cache(self._settings.cache) if self._settings.cache else None
        return Loader(policy, ledger, cache=cache, actor=_ACTOR, judges=self._around.judges(policy))

    def _require_same(self, asked: Inquiry) -> None:
        for what, theirs, ours in (
            ("policy", asked.policy, _known(self._settings.policy)),
            ("ledger", asked.ledger, ledger_identity(self._settings.ledger, self._settings.ledger_beside)),
        ):
            if theirs != ours:
                raise NotAnsweredError("agent.elsewhere", f"another {what} is named than this agent has")

    @contextmanager
    def _current(self) -> Iterator[_Standing]:
        """What holds now, for as long as the block runs."""
        if self._is_stale(self._standing):
            with self._reading:
                if self._is_stale(self._standing):
                    self._replace(self._read())
        with self._lock:
            standing = self._standing
            standing.users += 1
        try:
            yield standing
        finally:
            with self._lock:
                standing.users -= 1
                idle = standing.retired and standing.users == 0
            if idle:
                standing.ledger.close()

    def _is_stale(self, standing: _Standing) -> bool:
        if isinstance(standing.ledger, Unopened) and time.monotonic() - standing.opened_at >= _REOPEN_S:
            return True
        return not standing.watch.unchanged()

    def _read(self) -> _Standing:
        watch = Watch(self._around.clock())
        found = list[Reason]()
        policy = self._around.read_policy(self._settings.policy, watch.file, found.append)
        for each in found:
            self._around.observe(Event(name="agent.policy-finding", level="warning", facts=told((each,))))
        path = file_of(self._settings.ledger)
        if path is not None:
            watch.store(path)
        ledger = self._opened()
        return _Standing(policy, ledger, watch, (*found, *ledger.findings))

    def _opened(self) -> Ledger:
        try:
            ledger = open_ledger_url(self._settings.ledger)
        except Refused as refusal:
            self._around.observe(Event(name="agent.ledger-unusable", level="error", facts=told(refusal.reasons)))
            return Unopened(refusal)
        for finding in ledger.findings:
            self._around.observe(Event(name="agent.ledger-finding", level="warning", facts=told((finding,))))
        return ledger

    def _replace(self, standing: _Standing) -> None:
        with self._lock:
            before, self._standing = self._standing, standing
            before.retired = True
            idle = before.users == 0
        if idle:
            before.ledger.close()
        if before.policy.digest != standing.policy.digest:
            self._around.observe(Event(name="agent.policy-changed", facts={"policy": str(standing.policy.digest)}))


def _stated(policy: TrustPolicy, asked: Inquiry) -> str:
    """Where the artifact is fetched from: what was said, else what the policy says, else where it lies."""
    rule = rule_for(policy, asked.kind, asked.name)
    return asked.resource_uri or (rule and resource_uri_of(rule)) or asked.location


def file_of(url: str) -> Path | None:
    """The file that a ledger lies in, None for a database server's."""
    if url.startswith("postgresql:"):
        return None
    from verifier.ledger.sqlite.url import ledger_path  # noqa: PLC0415 - as `ledger.open`

    return ledger_path(url)


def ledger_identity(url: str, beside: tuple[str, ...] = ()) -> str:
    """What an agent and whoever asks it know a ledger by; "" where there is none, which nothing is the same as.
    `beside` is what variables add to a server's URL."""
    path = file_of(url)
    return server_identity(url, beside) if path is None else _known(path)


def _known(path: Path) -> str:
    try:
        return identity_of(str(path))
    except OSError:
        return ""
