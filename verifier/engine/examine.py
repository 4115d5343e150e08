"""Verifying in full: what an artifact is worth by itself and by the evidence beside it.

* the artifact is read once, its evidence verified once, each check asked once
* the organisation's own rules see all of that and what the ledger says of the scope: where it says something else, they
  are asked again
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from verifier.checks.table import CHECKS
from verifier.checks.version.compare import compare
from verifier.core.artifact import Artifact
from verifier.core.costs.budget import Budget
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.outcome import Answer, Outcome, outcome_of, reasons_of
from verifier.core.value import replace
from verifier.core.verdict import EvidenceItem, Input, PolicyReference, Subject, inputs_of
from verifier.engine.evidence import Beside, gather
from verifier.engine.finding import Finding, root_judged
from verifier.engine.levels import dependency_levels_of, levels_of
from verifier.engine.organisation import judge_organisation
from verifier.engine.request import Request, unread
from verifier.evidence.inspection import Evidence, Inspection
from verifier.kinds.kind import Kind, Reading
from verifier.kinds.table import kind_of
from verifier.ledger.view import NOT_CONSULTED, View
from verifier.sources.content import Remote, read_content
from verifier.trust.effective import rule_digest
from verifier.trust.evaluate import (
    attesters_for,
    freshness_of,
    is_base,
    mode_of,
    organisation_of,
    sbom_of,
    vulnerabilities_of,
)
from verifier.trust.model import ArtifactRule
from verifier.trust.sections.version import VersionFrom, VersionRule

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.engine.others.bases import NamedBase
    from verifier.evidence.sbom import SbomJudgement
    from verifier.evidence.vulnerabilities import VulnerabilityJudgement
    from verifier.kinds.image.wish import ImageWish
    from verifier.ledger.view import KnownLayers
    from verifier.versions.candidate import Candidate
    from verifier.versions.memory import Memory

_LONGEST_VERSION = 256
"""Characters of a version that a verdict repeats: none that can be ordered has more (`versions.schemes`)."""


def examine(request: Request, rule: ArtifactRule) -> tuple[Callable[[View], Finding], bytes | None]:
    """What finds, given a ledger's view, what the artifact is worth; and its bytes. Never raises for what it reads."""
    # 2. One strict reading, for the digest and for the meaning (docs/bundle-reading.md).
    kind = kind_of(request.kind)
    budget = Budget(request.policy.limits)
    reading = reading_of(request, rule, budget)
    artifact = read_artifact(request, kind, rule, reading)
    if isinstance(artifact, Finding):
        found = artifact
        return (lambda _: found), None
    # 3. Who has signed it, who has built it? Only signature back ends can say so, and only of allowed signers.
    inspection, items, unread_parts = _inspect(request, kind, rule, artifact, reading)
    # 4. The checks: pure functions of what was gathered.
    outcomes = tuple(check(inspection) for _, check in (*CHECKS, *kind.checks))
    # 4b. What is published now, where the caller says where: what is to follow it must be above it, or be it.
    outcome, above, seen = _published(request, rule, inspection)
    # 4c. What an image is built on, where the caller names that: judged as whatever else may be used.
    bases = _bases(request)
    examined = Examined(
        request=request,
        kind=kind,
        inspection=inspection,
        outcomes=(
            *unread_parts,
            *outcomes,
            *(() if outcome is None else (outcome,)),
            *(each.outcome for each in bases if each.outcome is not None),
            *_beside(request, artifact, outcomes),
        ),
        items=(*items, *seen, *(each.item for each in bases if each.item is not None)),
        built_on=tuple(known for each in bases for known in each.known),
        above_published=above,
        rule_digest=rule_digest(request.policy, rule),
    )
    return examined.finding, None if isinstance(request.source, Digest) else artifact.content


class Examined(Answer):
    """What was found of an artifact that was read: the inspection, and what each check says of it."""

    asks: ClassVar[str] = "its `finding`"
    request: Request
    kind: Kind
    inspection: Inspection
    outcomes: tuple[Outcome, ...]
    items: tuple[EvidenceItem, ...]
    rule_digest: Digest
    above_published: bool = False
    built_on: tuple[KnownLayers, ...] = ()
    """The layers of the bases that the caller names."""

    def finding(self, view: View) -> Finding:
        """All of it, and what the organisation's rules say where the ledger's `view` of the scope is this one."""
        policy, inspection = self.request.policy, self.inspection
        asked, of_ledger, artifact = bool(organisation_of(inspection.rule)), self.kind.of_ledger, inspection.artifact
        outcomes = (*self.outcomes, *self._of_ledger(view))
        if asked:
            outcomes = (*outcomes, self._organisation(view, outcomes))
        return Finding(
            subject=_subject(inspection, self.memory),
            reasons=tuple(dict.fromkeys(reason for outcome in outcomes for reason in reasons_of(outcome))),
            policy=PolicyReference(uri=policy.id, digest=policy.digest),
            rule_digest=self.rule_digest,
            evidence=self.items,
            inputs=tuple(dict.fromkeys((*inputs_of(self.items), *self._judged_by()))),
            parts=self.kind.parts(inspection.artifact),
            levels=levels_of(inspection),
            dependency_levels=dependency_levels_of(inspection),
            candidate=inspection.candidate,
            moments=tuple(inspection.ends(freshness_of(inspection.rule))),
            above_published=self.above_published,
            saw=view.revision if asked else None,
            memory=self.memory,
            asked=() if of_ledger is None else of_ledger.asked(artifact, inspection.rule),
        )

    def _judged_by(self) -> tuple[Input, ...]:
        """What was judged by, besides evidence: the trusted root, and databases of records."""
        policy, known = self.request.policy, self.inspection.vulnerabilities
        root = root_judged(policy, attesters_for(policy, self.inspection.rule), self.items)
        return root if known is None else (*root, *known.inputs)

    @property
    def memory(self) -> Memory | None:
        """What a ledger keeps of the artifact besides its version."""
        of_ledger = self.kind.of_ledger
        return None if of_ledger is None else of_ledger.memory(self.inspection.artifact)

    def _of_ledger(self, view: View) -> tuple[Outcome, ...]:
        """The checks that know what the ledger has said."""
        of_ledger, inspection = self.kind.of_ledger, self.inspection
        if of_ledger is None:
            return ()
        if known := (*self.built_on, *(view.known_layers or ())):
            artifact = of_ledger.knowing(inspection.artifact, known, self.request.policy)
            inspection = replace(inspection, artifact=artifact)
        return tuple(check(inspection) for _, check in of_ledger.checks)

    def _organisation(self, view: View, outcomes: tuple[Outcome, ...]) -> Outcome:
        """The organisation's rules see the version compared, too."""
        inspection, subject, memory = self.inspection, _subject(self.inspection, self.memory), self.memory
        if inspection.candidate is not None and view.state is not None:
            subject = replace(subject, epoch=view.state.epoch)
        compared = compare(
            inspection.candidate,
            inspection.rule,
            view,
            reference=self.request.reference,
            digests=(inspection.artifact.digest,) if memory is None else (memory.content, *memory.others),
            now=inspection.now,
            elsewhere=self.above_published,
        )
        return judge_organisation(self.request, self.kind, inspection, (*outcomes, compared.outcome), subject, view)


def reading_of(request: Request, rule: ArtifactRule, budget: Budget) -> Reading:
    """How the artifact that a request is about is read under its rule."""
    return Reading(
        name=request.name,
        resource_uri=request.expected_uri(rule),
        limits=request.policy.limits,
        mode=mode_of(rule),
        budget=budget,
        place=request.source.place if isinstance(request.source, Remote) else None,
        image=request.image if request.advisories is None else _looked_into(request, rule),
        kept=request.record and is_base(request.policy, rule, request.reference),
        whereabouts=request.whereabouts,
    )


def _looked_into(request: Request, rule: ArtifactRule) -> ImageWish | None:
    """What is asked for of an image: where there are records to hold its packages against, what is in it."""
    if vulnerabilities_of(rule) is None or request.kind != "image":
        return request.image
    from verifier.kinds.image.wish import ImageWish  # noqa: PLC0415 - few runs look into an image

    return replace(request.image or ImageWish(), contents=True)


def read_artifact(request: Request, kind: Kind, rule: ArtifactRule, reading: Reading) -> Artifact | Finding:
    """The artifact, or what there is to say where it cannot be read."""
    content = None
    try:
        if isinstance(request.source, Digest):
            if kind.known_by is None:
                raise TypeError(f"a {kind.name} is not known by its digest alone")
            return kind.known_by(request.source, reading)
        content = read_content(request.source, limits=reading.limits)
        reading.budget.grant(packed=len(content))
        return kind.read(content, reading)
    except Refused as refusal:
        return unread(request, rule, Digest.of(content) if content is not None else None, *refusal.reasons)


def _inspect(
    request: Request, kind: Kind, rule: ArtifactRule, artifact: Artifact, reading: Reading
) -> tuple[Inspection, tuple[EvidenceItem, ...], tuple[Outcome, ...]]:
    """All that a check may look at, and why there is not more of it."""
    policy = request.policy
    evidence, items = gather(
        kind,
        artifact,
        request.attestations,
        rule=rule,
        policy=policy,
        now=request.now,
        budget=reading.budget,
        beside=_looking_beside(artifact, reading),
    )
    unread_parts: tuple[Outcome, ...] = ()
    if evidence.signers:
        # What nobody has signed is denied whatever is in it: a stranger's text is not given to a compiler, nor fetched.
        evidence = replace(evidence, analyses=kind.modules(artifact, rule, request.rego))
        try:
            artifact = kind.deepen(artifact, rule, reading)
        except Refused as refusal:
            unread_parts = (outcome_of(refusal.reasons),)
    candidate, unstated = _candidate(kind, artifact, evidence, rule)
    judges = bool(evidence.signers) and not unread_parts
    inspection = Inspection(
        artifact=artifact,
        rule=rule,
        evidence=evidence,
        candidate=candidate,
        unstated=unstated,
        now=request.now,
        limits=policy.limits,
        builders={builder.name: builder for builder in policy.builders},
        sbom=_boms(request, kind, artifact, evidence, rule, reading) if judges else None,
        vulnerabilities=_vulnerabilities(request, kind, artifact, evidence, rule, reading) if judges else None,
    )
    return inspection, items, unread_parts


def _boms(
    request: Request, kind: Kind, artifact: Artifact, evidence: Evidence, rule: ArtifactRule, reading: Reading
) -> SbomJudgement | None:
    """What its bills of materials come to, where the rule asks for any."""
    if sbom_of(rule) is None:
        return None
    from verifier.engine.sboms.boms import Boms, judge_boms  # noqa: PLC0415 - few rules ask for one

    return judge_boms(Boms(kind, artifact, evidence, request.sboms, rule, request.now, reading.budget))


def _vulnerabilities(
    request: Request, kind: Kind, artifact: Artifact, evidence: Evidence, rule: ArtifactRule, reading: Reading
) -> VulnerabilityJudgement | None:
    """What is known of vulnerabilities in it, where the rule asks."""
    if vulnerabilities_of(rule) is None:
        return None
    from verifier.engine.vulnerabilities.judging import judge_vulnerabilities  # noqa: PLC0415 - few rules ask
    from verifier.engine.vulnerabilities.question import Asked  # noqa: PLC0415 - as above

    return judge_vulnerabilities(Asked(kind, artifact, evidence, rule, request.now, reading.budget, request.advisories))


def _looking_beside(artifact: Artifact, reading: Reading) -> Beside | None:
    """What looks for evidence where the artifact lies, about the document that evidence is about."""
    if reading.whereabouts is not None:
        before = [reading.whereabouts.beside]
        return lambda _: before.pop() if before else ()  # whoever looked has kept to the formats and their order
    if reading.place is None:
        return None
    from verifier.engine.others.parts import asking  # noqa: PLC0415 - most artifacts lie nowhere that could be asked

    return asking(reading.place, artifact, reading.limits)


def _published(
    request: Request, rule: ArtifactRule, inspection: Inspection
) -> tuple[Outcome | None, bool, tuple[EvidenceItem, ...]]:
    """What comes of comparing with what is published, whether the artifact stands above it, and what was looked at."""
    if not request.previous:
        return None, False, ()
    from verifier.checks.version.published import compare_published  # noqa: PLC0415 - few ask for it
    from verifier.engine.others.previous import published_now  # noqa: PLC0415 - as above

    seen = published_now(request, rule, lambda asked, bare: examine(asked, bare)[0](NOT_CONSULTED))
    published = [each.published for each in seen]
    outcome, above = compare_published(
        inspection.candidate, rule, published, may_be_absent=request.previous_may_be_absent
    )
    return outcome, above, tuple(each.item for each in seen if each.item is not None)


def _bases(request: Request) -> tuple[NamedBase, ...]:
    """The bases that the caller names, judged."""
    if request.image is None or not request.image.bases:
        return ()
    from verifier.engine.others.bases import named_bases  # noqa: PLC0415 - as above

    return named_bases(request, examine)


def _candidate(kind: Kind, artifact: Artifact, evidence: Evidence, rule: ArtifactRule) -> tuple[Candidate | None, str]:
    """What the ledger is going to be asked about, or None and why there is no version; or none is wanted."""
    order = VersionRule.of(rule).order
    if not isinstance(order, VersionFrom):
        return None, ""
    from verifier.checks.version.stated import candidate_from, why_none  # noqa: PLC0415 - only where there is an order

    candidate = candidate_from(artifact, evidence, order, kind.version)
    memory = None if kind.of_ledger is None else kind.of_ledger.memory(artifact)
    if candidate is not None and memory is not None:
        candidate = replace(candidate, digest=memory.content, others=memory.others)
    return candidate, "" if candidate is not None else why_none(artifact, evidence, order, kind.version)


def _beside(request: Request, artifact: Artifact, outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """What the artifact vouches for; nothing of it is read where nobody vouches for the artifact."""
    if request.beside is None or any(reason.is_error for each in outcomes for reason in reasons_of(each)):
        return ()
    return (outcome_of(request.beside(artifact.content)),)


def _subject(inspection: Inspection, memory: Memory | None) -> Subject:
    artifact, candidate = inspection.artifact, inspection.candidate
    return Subject(
        kind=artifact.kind,
        name=artifact.name,
        resource_uri=artifact.resource_uri,
        digest=artifact.digest,
        version=candidate.version[:_LONGEST_VERSION] if candidate else None,
        epoch=0 if candidate else None,
        index=memory.content if memory is not None and memory.content != artifact.digest else None,
    )
