"""The runtime hook: bytes are handed on where a trusted verifier allows exactly them, and the ledger takes them.

* a verdict counts for these bytes, this artifact and this resource, under this very rule, until it expires
* the version that it states is recorded before the bytes go out; where the policy orders versions, it must state one
* the policy and the ledger are asked every time: a floor, a quarantine, a revocation binds at the next load
* what the ledger says already is not written again and again, for a minute (`engine.recording`)
* the bytes that are handed on are the bytes that were hashed, in a type that nothing else can make
* without a usable verdict the artifact is denied or, where the caller says so, verified in full
* a verifier's no, and the ledger's, are final: verifying in full stands in for a verdict that is missing, not for those

There is no verification logic here: what is found of an artifact is `loading.find`, what becomes of it
`engine.settle`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused
from verifier.core.uris import VERIFIER_ID
from verifier.core.value import replace
from verifier.core.verdict import Verdict
from verifier.core.version import VERSION
from verifier.engine.settle import by_rule, settle
from verifier.engine.situation import Recording, Situation, require_aware
from verifier.engine.verification import Verification, VerifiedBytes, handed_on
from verifier.ledger.absent import ledger_of
from verifier.loading.find import find_out
from verifier.loading.question import Ages, Asked, Fallback, Question
from verifier.sources.content import read_content
from verifier.trust.effective import rule_digest
from verifier.trust.evaluate import ending_of, ledger_scope, rule_for
from verifier.trust.model import TrustPolicy

if TYPE_CHECKING:
    from verifier.ledger.interface import Ledger
    from verifier.rego.interface import RuleEngine
    from verifier.sources.chain import Whereabouts

__all__ = ["Fallback", "Verification", "VerifiedBytes", "preload"]


def preload(  # noqa: PLR0913 - keyword-only, as on the command line
    artifact: bytes | Path,
    policy: TrustPolicy,
    verdict: bytes | Document | Refused | None,
    ledger: Ledger | Refused,
    *,
    kind: str = "bundle",
    name: str,
    resource_uri: str = "",
    now: datetime,
    correlation_id: str,
    levels: Sequence[str] = (),
    fallback: Fallback = "deny",
    attestations: Sequence[Document | Refused] = (),
    record: bool = True,
    judges: Mapping[str, RuleEngine] | None = None,
    compiled: Path | None = None,
) -> Verification:
    """Decide whether an artifact may be loaded, by a verdict (VSA) that somebody else made.

    `resource_uri` is where it is fetched from: by default the policy's, else the file's own. `levels` must all be
    met. With `fallback="full"` an artifact without a usable verdict is verified like by `verify`, with
    `attestations` beside it; with `None` for a verdict it always is. Without `record` the ledger is only asked. What
    could not be read may be given as its `Refused`. `compiled` is a folder of our own in which what the compiler finds
    in modules is kept, for verifying in full; `judges` is as in `engine.request.Request`. Raises `ConfigurationError`
    for what no artifact can be judged by, never for what it reads. `loading.loader` does the same over and over, and
    remembers.
    """
    question = question_of(
        artifact,
        verdict,
        kind=kind,
        name=name,
        resource_uri=resource_uri,
        levels=levels,
        fallback=fallback,
        attestations=attestations,
    )
    require_aware(now)
    recording = Recording.NEWS if record else Recording.NOT
    alone = situation(question, ledger_of(ledger), recording, now=now, correlation_id=correlation_id)
    rule = rule_for(policy, kind, name)
    if rule is None:
        return handed_on(settle_without_rule(question, artifact, policy, alone), None)
    # 1. The bytes, read once, and what there is to say of them.
    content, digest = read(artifact, policy)
    asked = Asked(
        question=question,
        content=content,
        digest=digest,
        policy=policy,
        rule=rule,
        rule_digest=rule_digest(policy, rule),
        now=now,
        verifier_id=VERIFIER_ID,
        judges=judges or {},
        compiled=compiled,
    )
    find = find_out(asked, Ages())
    # 2. What the ledger says of that, and what it is told.
    settled = settle(lambda view: find(view).finding, under_rule(alone, asked))
    # 3. What was hashed is what is handed on.
    return handed_on(settled, content)


def question_of(  # noqa: PLR0913 - keyword-only, as `preload`
    artifact: bytes | Path | Refused,
    verdict: bytes | Document | Refused | None,
    *,
    kind: str,
    name: str,
    resource_uri: str,
    levels: Sequence[str],
    fallback: Fallback,
    attestations: Sequence[Document | Refused],
    whereabouts: Whereabouts | None = None,
) -> Question:
    """What a caller asks, as a value."""
    return Question(
        kind=kind,
        name=name,
        resource_uri=resource_uri,
        location=artifact.absolute().as_uri() if isinstance(artifact, Path) else f"{kind}:{name}",
        verdict=Document(name="verdict", content=verdict) if isinstance(verdict, bytes) else verdict,
        levels=tuple(levels),
        fallback=fallback,
        attestations=tuple(attestations),
        whereabouts=whereabouts,
    )


def read(artifact: bytes | Path | Refused, policy: TrustPolicy) -> tuple[bytes, Digest] | tuple[Refused, None]:
    """The bytes with their digest, or why there are none."""
    if isinstance(artifact, Refused):
        return artifact, None
    try:
        content = read_content(artifact, limits=policy.limits)
    except Refused as refusal:
        return refusal.kept(), None
    return content, Digest.of(content)


def situation(
    question: Question,
    ledger: Ledger,
    recording: Recording,
    *,
    now: datetime,
    correlation_id: str,
    actor: str = "preload",
    verifier_id: str = VERIFIER_ID,
) -> Situation:
    """In which a question is settled that no rule says anything of."""
    return Situation(
        ledger=ledger,
        scope=ledger_scope(None, question.kind, question.name),
        recording=recording,
        now=now,
        correlation_id=correlation_id,
        actor=actor,
        verifier_id=verifier_id,
        verifier_version={"policy-verifier": VERSION},
    )


def under_rule(alone: Situation, asked: Asked) -> Situation:
    """The situation `alone`, where there is a rule that says what to compare."""
    question, rule = asked.question, asked.rule
    return replace(
        alone,
        scope=ledger_scope(rule, question.kind, question.name),
        compare=by_rule(rule, asked.now),
        warned=ending_of(rule),
        levels=question.levels,
    )


def settle_without_rule(
    question: Question, artifact: bytes | Path | Refused, policy: TrustPolicy, alone: Situation
) -> Verdict:
    """The denial of what no rule matches; nothing of it is read."""
    from verifier.engine.request import Request, without_rule  # noqa: PLC0415 - the light path has no use for it

    request = Request(
        source=b"" if isinstance(artifact, Refused) else artifact,
        kind=question.kind,
        name=question.name,
        policy=policy,
        now=alone.now,
        correlation_id=alone.correlation_id,
        resource_uri=question.resource_uri,
    )
    found = without_rule(request)
    return settle(lambda _: found, alone)
