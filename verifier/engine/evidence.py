"""Evidence: everything that speaks for an artifact, proven or refused, and nothing dropped on the way.

* only what a signature back end has proven is parsed any further
* an attestation about another artifact is refused, whoever signed it
* an attestation of another kind counts neither for nor against, and is named
* what was named as evidence and could not be judged to its end is undecided, which denies: a veto may be in it. A
  stranger's well-formed signature was judged to its end, and is harmless
* one piece under several names is one, and in which order the pieces come makes no difference to what is decided
* what a signer says counts where the policy listens to that signer: a builder's signature is not a release's
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.core.artifact import Artifact
from verifier.core.costs.budget import Budget
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused, Rejected, refuse
from verifier.core.limits import MAX_ATTESTATIONS, MAX_FINDINGS
from verifier.core.outcome import Reason
from verifier.core.value import replace
from verifier.core.verdict import EvidenceItem
from verifier.evidence.inspection import Evidence
from verifier.evidence.item import evidence_item
from verifier.kinds.kind import Kind
from verifier.trust.evaluate import signers_for
from verifier.trust.model import ArtifactRule, TrustPolicy
from verifier.trust.sections.signatures import SignatureRule

if TYPE_CHECKING:
    from verifier.engine.attestations import Found


def gather(
    kind: Kind,
    artifact: Artifact,
    documents: Sequence[Document | Refused],
    *,
    rule: ArtifactRule,
    policy: TrustPolicy,
    now: datetime,
    budget: Budget | None = None,
) -> tuple[Evidence, tuple[EvidenceItem, ...]]:
    """Verify every signature in and beside `artifact`; the items list each piece once, for the report.

    `budget` pays for all of it, or one that is made here.
    """
    budget = Budget(policy.limits) if budget is None else budget
    embedded, inside = kind.inside(artifact, rule, signers_for(policy, rule), now, budget)
    embedded = replace(embedded, threshold=SignatureRule.of(rule).threshold)
    if not documents:
        return embedded, inside
    told: list[Reason] = []
    judged = _judged(artifact, documents, rule, policy, now, budget, told)
    items = list(inside)
    refusals: list[Reason] = []
    undecided: list[Reason] = []
    stray = SignatureRule.of(rule).stray_attestations == "ignore"
    for digest, piece, answer in judged:
        if isinstance(answer, Refused):
            refusals += answer.reasons
            if not isinstance(answer, Rejected):
                undecided.append(_undecided(piece, answer, stray=stray))
        if digest is not None:
            items += _items(digest, answer)
    found = [answer for _, _, answer in judged if not isinstance(answer, Refused)]
    if not artifact.content and any(each.kind == "signature" for each in found):
        found, unseen = _of_files(artifact, found)
        refusals += unseen
    evidence = replace(
        embedded,
        releases=tuple(each.release for each in found if each.release),
        provenances=tuple(each.provenance for each in found if each.provenance),
        dependencies=tuple(each.dependency for each in found if each.dependency),
        detached_refusals=tuple(refusals),
        undecided=_worst_first(undecided),
        notes=(*embedded.notes, *told, *(reason for each in found for reason in each.findings)),
    )
    return evidence, tuple(dict.fromkeys(items))


def _judged(
    artifact: Artifact,
    documents: Sequence[Document | Refused],
    rule: ArtifactRule,
    policy: TrustPolicy,
    now: datetime,
    budget: Budget,
    notes: list[Reason],
) -> list[tuple[Digest | None, Document | Refused, Found | Refused]]:
    """Each piece of the documents, in their order, behind its digest if it has one, with what became of it.

    They are verified in an order that is not theirs, small ones first: what there is to spend on signatures is not for
    whoever comes first to use up.
    """
    from verifier.engine.attestations import Attestations  # noqa: PLC0415 - a dozen modules, only where there is something

    attestations = Attestations(artifact, rule, policy, now, budget)
    pieces = list(_pieces(documents, policy, budget, notes))
    contents = {piece.content: piece.name for _, piece in reversed(pieces) if isinstance(piece, Document)}
    answers: dict[bytes, Found | Refused] = {}
    for content in sorted(contents, key=lambda each: (len(each), each)):
        try:
            answers[content] = attestations.verify(content, subject=contents[content])
        except Refused as refusal:
            answers[content] = refusal
    return [
        (digest, piece, piece if isinstance(piece, Refused) else answers[piece.content]) for digest, piece in pieces
    ]


def _of_files(artifact: Artifact, found: list[Found]) -> tuple[list[Found], list[Reason]]:
    """What was found, without signatures by keys over a digest that nobody says is a file's; and why they are left out.

    It may be the digest of an envelope's encoding, or of a token: whoever has its signature would have a file's. Where
    a statement by a trusted signer is about it, it is an artifact's; a certificate of minutes signs nothing else.
    """
    known = any(each.kind not in ("signature", "dependency-verdict") for each in found)
    by_keys = [each for each in found if each.kind == "signature" and any(who.kind == "key" for who in each.signers)]
    if known or not by_keys or artifact.digest == Digest.of(b""):
        return found, []
    message = f"a signature over {artifact.digest} may be that of an envelope or a token, and no statement is about it"
    hint = "Give the file itself, or an attestation about the digest."
    reason = Reason(code="signature.unsupported", subject=artifact.reference, message=message, hint=hint)
    return [each for each in found if each not in by_keys], [reason]


def _items(digest: Digest, answer: Found | Refused) -> list[EvidenceItem]:
    if isinstance(answer, Refused):
        return [evidence_item("attestation", digest, None, None)]
    return [evidence_item(answer.kind, digest, signer, answer.signed_time) for signer in answer.signers]


def _undecided(piece: Document | Refused, refusal: Refused, *, stray: bool) -> Reason:
    """That a piece was not judged to its end: an error, unless the rule says that stray documents may be there.

    Beyond the budget it always is one: what a stranger has added must not hide what somebody else's document says.
    """
    from verifier.signatures.budget import Exhausted  # noqa: PLC0415 - as above

    first = refusal.reasons[0]
    subject = piece.name if isinstance(piece, Document) else first.subject
    reason = Reason(code="attestation.undecided", subject=subject, message=f"{first.code}: {first.message}")
    spent = isinstance(refusal, Exhausted) or first.code == "input.too-costly"
    return reason.as_warning() if stray and not spent else reason


def _worst_first(undecided: list[Reason]) -> tuple[Reason, ...]:
    """Those that deny, then the others, as many as anybody reads."""
    return tuple(sorted(dict.fromkeys(undecided), key=lambda reason: not reason.is_error)[:MAX_FINDINGS])


def _pieces(
    documents: Sequence[Document | Refused], policy: TrustPolicy, budget: Budget, notes: list[Reason]
) -> Iterator[tuple[Digest | None, Document | Refused]]:
    """Each attestation of each document, behind its digest; what cannot be taken apart is refused in its place, behind
    the digest of what was given, if anything was. `notes` is given what stands beside them and counts for nothing."""
    from verifier.signatures.budget import Exhausted  # noqa: PLC0415 - as above

    for number, (digest, piece) in enumerate(_every_piece(documents, policy, budget, notes)):
        if number == MAX_ATTESTATIONS:
            message = f"more than {MAX_ATTESTATIONS} attestations of one artifact are given"
            subject = piece.name if isinstance(piece, Document) else piece.reasons[0].subject
            yield None, Exhausted(Reason(code="input.too-large", subject=subject, message=message))
            return
        yield digest, piece


def _every_piece(
    documents: Sequence[Document | Refused], policy: TrustPolicy, budget: Budget, notes: list[Reason]
) -> Iterator[tuple[Digest | None, Document | Refused]]:
    from verifier.formats.intoto.attestation_files import split_attestations  # noqa: PLC0415 - as above

    limit = policy.limits.document_bytes
    for document in documents:
        if isinstance(document, Refused):
            yield None, document
            continue
        whole = Digest.of(document.content)
        if len(document.content) > limit:
            message = f"{len(document.content)} bytes; at most {limit} are allowed"
            yield whole, refuse("input.too-large", document.name, message)
            continue
        budget.grant(sent=len(document.content))
        try:
            pieces, unbelieved = split_attestations(document.content, subject=document.name, budget=budget)
        except Refused as refusal:
            from verifier.formats.foreign.named import named  # noqa: PLC0415 - only for what was refused

            yield whole, named(refusal, document.content, place="attestation")
            continue
        notes += (Reason(code="attestation.ignored", subject=document.name, message=each) for each in unbelieved)
        for number, piece in enumerate(pieces, start=1):
            if isinstance(piece, Refused):
                yield whole, piece
                continue
            name = document.name if len(pieces) == 1 else f"{document.name}#{number}"
            yield Digest.of(piece), Document(name=name, content=piece)
