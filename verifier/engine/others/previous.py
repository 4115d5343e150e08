"""What is published now, read and verified under the rule of the artifact that is to follow it.

* each is read once, and judged by the bytes that were read
* what counts of it is its signers, its name, its version and how it is read (`OF_ITS_SIGNERS`)
* whatever goes wrong is kept in words, and denies (`checks.version.published`)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from verifier.checks.version.published import OF_ITS_SIGNERS, Published
from verifier.core.digest import Digest
from verifier.core.errors import Absent, Refused
from verifier.core.outcome import Reason
from verifier.core.text.shown import shown
from verifier.core.value import Value, replace
from verifier.core.verdict import EvidenceItem
from verifier.engine.finding import Finding
from verifier.engine.request import Request
from verifier.ledger.absent import NoLedger
from verifier.sources.content import Remote, read_content
from verifier.trust.model import ArtifactRule

KIND = "previous"
"""What a verdict's inputs and evidence call it."""
_SAID = 2
"""Errors of what is published that are repeated."""


class Seen(Value):
    """What is published at one place, and the row of it in the report, where anything was read."""

    published: Published
    item: EvidenceItem | None = None


Judge = Callable[[Request, ArtifactRule], Finding]
"""What is found of an artifact under a rule, without a ledger."""


def published_now(request: Request, rule: ArtifactRule, judge: Judge) -> tuple[Seen, ...]:
    """What is published wherever `request` says; never raises for what it reads."""
    bare = ArtifactRule(
        pattern=rule.pattern, sections=tuple(each for each in rule.sections if each.name in OF_ITS_SIGNERS)
    )
    return tuple(_seen(request, rule, bare, source, judge) for source in request.previous)


def _seen(
    request: Request,
    rule: ArtifactRule,
    bare: ArtifactRule,
    source: bytes | Path | Remote | Digest,
    judge: Judge,
) -> Seen:
    where = _where(source)
    content: bytes | Digest
    try:
        content = source if isinstance(source, Digest) else read_content(source, limits=request.policy.limits)
    except Absent:
        return Seen(published=Published(where=where, absent=True))
    except Refused as refusal:
        return Seen(published=Published(where=where, problem=_problem(refusal.reasons)))
    digest = content if isinstance(content, Digest) else Digest.of(content)
    asked = replace(
        request,
        source=source if isinstance(source, Remote) and source.place is not None else content,
        resource_uri=replace(request, source=source, previous=()).expected_uri(rule),
        attestations=request.previous_attestations,
        previous=(),
        previous_attestations=(),
        ledger=NoLedger(),
        record=False,
        rego=None,
        judges={},
        beside=None,
        whereabouts=None,
    )
    found = judge(asked, bare)
    signer = next((item.signer for item in found.evidence if item.verified and item.signer), None)
    item = EvidenceItem(kind=KIND, digest=digest, signer=signer, verified=found.passes)
    if not found.passes:
        errors = tuple(reason for reason in found.reasons if reason.is_error)
        return Seen(published=Published(where=where, digest=digest, problem=_problem(errors)), item=item)
    return Seen(published=Published(where=where, digest=digest, candidate=found.candidate), item=item)


def _where(source: bytes | Path | Remote | Digest) -> str:
    if isinstance(source, bytes):
        return "the previous bytes"
    return source.uri if isinstance(source, Remote) else shown(str(source))


def _problem(reasons: tuple[Reason, ...]) -> str:
    return "; ".join(_words(reasons))


def _words(reasons: tuple[Reason, ...]) -> Iterator[str]:
    for reason in reasons[:_SAID]:
        yield f"{reason.code}: {reason.message[:300]}"
    if len(reasons) > _SAID:
        yield f"and {len(reasons) - _SAID} more"
