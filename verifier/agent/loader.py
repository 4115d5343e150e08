"""A loader that asks an agent first: the decision is the agent's, the bytes are this process' own.

* what is handed on are the bytes that were read here, once, and are hashed here: an agent is given a sealed copy and
  sends none; a decision about any other digest is none
* who may answer is as for the hook (`agent.client`): root, this user, or one that was named, as the kernel says
* an answer counts where it is by this very policy, this ledger, about this question, as of the time that was asked for
* without one the loader beside decides, and the verdict has why as a warning; where an agent is required it is a
  denial with the same code
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from verifier.agent.answering import status_of
from verifier.agent.client import DEADLINE_S, Unanswered, ask, question_of
from verifier.agent.identity import identity_of
from verifier.agent.judge import ledger_identity
from verifier.agent.wire import BY_VERDICT
from verifier.core.clock import CLOCK_SKEW, format_rfc3339
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.outcome import Reason
from verifier.core.uris import VERIFIER_ID
from verifier.core.value import Value, replace
from verifier.core.verdict import PolicyReference, Subject, Verdict
from verifier.core.version import VERSION
from verifier.engine.finding import Finding
from verifier.engine.settle import settle
from verifier.engine.situation import Recording, Situation, require_aware
from verifier.engine.verification import Verification, handed_on, required
from verifier.files.sealed import can_seal, sealed
from verifier.formats.json import strict_json
from verifier.formats.verdict import document as report
from verifier.ledger.absent import NoLedger
from verifier.loading.loader import Loader
from verifier.loading.preload import read
from verifier.trust.evaluate import resource_uri_of, rule_for

_KIND = "bundle"
"""What agents judge."""


class _Call(Value):
    """What one call asks. `resource_uri` is where the bytes come from, whoever says it."""

    name: str
    resource_uri: str
    content: bytes | Path | Refused
    verdict: Document | Refused
    now: datetime
    correlation_id: str
    levels: tuple[str, ...]
    record: bool


class AgentLoader:
    """Safe between threads; each call is a conversation of its own, of at most `deadline_s`."""

    def __init__(
        self,
        loader: Loader,
        agent: Path,
        *,
        policy: Path,
        users: frozenset[int] = frozenset(),
        required: bool = False,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        """`policy` is the file that the loader's policy was read from, and `agent` the socket.

        `users` may answer beside root and this process' own user.
        """
        self._loader, self._agent, self._file = loader, agent, policy
        self._users, self._required, self._deadline_s = users, required, deadline_s

    def load(  # noqa: PLR0913 - keyword-only, as `Loader.load`
        self,
        artifact: bytes | Path | Refused,
        verdict: bytes | Document | Refused,
        *,
        name: str,
        resource_uri: str = "",
        now: datetime,
        correlation_id: str,
        levels: Sequence[str] = (),
        record: bool = True,
    ) -> Verification:
        """Decide as `Loader.load` does about a bundle, by a verdict; nothing that is read or answered raises."""
        require_aware(now)
        policy, stated = self._loader.policy, _stated(verdict)
        rule = rule_for(policy, _KIND, name)
        content = read(artifact, policy)[0] if rule is not None else artifact
        call = _Call(
            name=name,
            resource_uri=resource_uri or (rule and resource_uri_of(rule)) or _location(artifact, name),
            content=content,
            verdict=stated,
            now=now,
            correlation_id=correlation_id,
            levels=tuple(levels),
            record=record,
        )
        if rule is None or not isinstance(content, bytes) or isinstance(stated, Refused):
            return self._by_itself(call)  # a denial, whoever is asked
        try:
            return handed_on(self._answered(call, content, stated), content)
        except Unanswered as why:
            told = Reason(code=why.code, subject=str(self._agent), message=why.message)
        if self._required:
            return self._denied(told, call, Digest.of(content))
        loaded = self._by_itself(call)
        return replace(loaded, verdict=loaded.verdict.with_warnings((told.as_warning(),)))

    require = required(load)
    """The verified bytes of what `load` accepts; raises `Denied` for what it does not. Takes the same."""

    def _by_itself(self, call: _Call) -> Verification:
        """What was read is what is judged, whoever does it."""
        return self._loader.load(
            call.content,
            call.verdict,
            name=call.name,
            resource_uri=call.resource_uri,
            now=call.now,
            correlation_id=call.correlation_id,
            levels=call.levels,
            record=call.record,
        )

    def _denied(self, told: Reason, call: _Call, digest: Digest) -> Verification:
        policy = self._loader.policy
        found = Finding(
            subject=Subject(kind=_KIND, name=call.name, resource_uri=call.resource_uri, digest=digest),
            reasons=(told,),
            policy=PolicyReference(uri=policy.id, digest=policy.digest),
        )
        alone = Situation(
            ledger=NoLedger(),
            scope=f"{_KIND}:{call.name}",
            recording=Recording.NEVER,
            now=call.now,
            correlation_id=call.correlation_id,
            verifier_id=VERIFIER_ID,
            verifier_version={"policy-verifier": VERSION},
        )
        return handed_on(settle(lambda _: found, alone), None)

    def _answered(self, call: _Call, content: bytes, verdict: Document) -> Verdict:
        """The agent's decision about exactly this; raises `Unanswered`."""
        if self._loader.policy.sigstore.by_library:
            raise Unanswered("agent.elsewhere", "the sigstore library has to verify here, and an agent may not ask it")
        if not can_seal():
            raise Unanswered("agent.unreachable", "this system has no sealed memory files, which agents need (Linux)")
        question = self._question(call, verdict)
        with ExitStack() as held:
            descriptors = []
            for each in (content, verdict.content):
                try:
                    descriptors.append(sealed(each))
                except OSError as error:
                    raise Unanswered("agent.unreachable", f"no sealed copy can be made: {error.strerror}") from None
                held.callback(os.close, descriptors[-1])
            trusted, deadline_s = self._users, self._deadline_s
            said = ask(str(self._agent), question, descriptors, trusted=trusted, deadline_s=deadline_s)
        return self._understood(*said, call, Digest.of(content))

    def _question(self, call: _Call, verdict: Document) -> bytes:
        try:
            policy, ledger = identity_of(str(self._file)), ledger_identity(self._loader.ledger_url)
        except (OSError, ValueError, ConfigurationError):
            policy = ledger = ""
        if not policy or not ledger:
            raise Unanswered("agent.elsewhere", "the loader's policy or ledger is nothing that an agent could have too")
        fields = [
            ("by", BY_VERDICT),
            ("kind", _KIND),
            ("artifact", call.name),
            ("folder", "/"),
            ("name", call.name),
            ("policy", policy),
            ("ledger", ledger),
            ("resource-uri", call.resource_uri),
            ("correlation-id", call.correlation_id),
            ("record", "1" if call.record else "0"),
            ("format", "json"),
            ("detail", "usual"),
            ("columns", "100"),
            ("colours", "0"),
            *(("level", level) for level in call.levels),
            ("document", verdict.name),
            ("bytes", str(len(verdict.content))),
        ]
        return question_of(fields)

    def _understood(self, status: int, said: str, call: _Call, digest: Digest) -> Verdict:
        """What a report says, read strictly and decided again upon its reasons; it must be about what was asked."""
        try:
            verdict = report.read(strict_json.loads(said.encode(), subject="answer"), subject="answer")
        except Refused as refusal:
            raise Unanswered("agent.protocol", f"its report: {refusal.reasons[0].message}") from None
        subject = verdict.subject
        about = (subject.kind, subject.name, subject.resource_uri, subject.digest, verdict.correlation_id)
        asked = (_KIND, call.name, call.resource_uri, digest, call.correlation_id)
        if status != status_of(verdict) or (verdict.passed and about != asked):
            raise Unanswered("agent.protocol", "its report is about something else, or contradicts its answer")
        if verdict.policy.digest != self._loader.policy.digest:
            raise Unanswered(
                "agent.elsewhere", "its policy is the file as it is now, which is not the loader's any more"
            )
        if abs(verdict.time_verified - call.now) > CLOCK_SKEW:
            at, asked_for = format_rfc3339(verdict.time_verified), format_rfc3339(call.now)
            raise Unanswered("agent.elsewhere", f"it judges as of {at}, and {asked_for} was asked for")
        return verdict


def _stated(verdict: object) -> Document | Refused:
    """The verdict, as a document; raises `ConfigurationError` for what is none."""
    if isinstance(verdict, bytes):
        return Document(name="verdict", content=verdict)
    if isinstance(verdict, (Document, Refused)):
        return verdict
    hint = "Give what CI has signed, as bytes; the `Loader` alone verifies in full without one."
    raise ConfigurationError(f"is a {type(verdict).__name__}, expected a verdict", where="verdict", hint=hint)


def _location(artifact: bytes | Path | Refused, name: str) -> str:
    """As `loading.preload.question_of` states it."""
    return artifact.absolute().as_uri() if isinstance(artifact, Path) else f"{_KIND}:{name}"
