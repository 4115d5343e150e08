"""Evidence: everything that speaks for an artifact, proven or refused, and nothing dropped on the way.

* only what a signature back end has proven is parsed any further
* an attestation about another artifact is refused, whoever signed it
* an attestation of another kind counts neither for nor against, and is named
* what was named as evidence and could not be judged to its end is undecided, which denies: a veto may be in it. A
  stranger's well-formed signature was judged to its end, and is harmless
* one piece under several names is one, and in which order the pieces come makes no difference to what is decided
* what lies beside the artifact is looked for in one format after the other, as long as the rule is not satisfied; that
  it could not be looked for denies
* what a signer says counts where the policy listens to that signer: a builder's signature is not a release's
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from verifier.core.artifact import Artifact
from verifier.core.costs.budget import Budget
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused, Rejected, refuse
from verifier.core.limits import MAX_ATTESTATIONS, MAX_FINDINGS
from verifier.core.outcome import Reason
from verifier.core.value import replace
from verifier.core.verdict import EvidenceItem
from verifier.evidence.inspection import Evidence, distinct
from verifier.evidence.item import evidence_item
from verifier.kinds.kind import Kind
from verifier.trust.evaluate import provenance_of, sbom_of, signers_for, vulnerabilities_of
from verifier.trust.model import ArtifactRule, TrustPolicy
from verifier.trust.sections.signatures import SignatureRule

if TYPE_CHECKING:
    from verifier.engine.attestations import Attestations, Found


Beside = Callable[[str], "Sequence[Document | Refused]"]
"""What lies beside an artifact in one place ("bundle", "sig", "att"), or beside what it is made of ("parts:bundle",
"parts:legacy"); asked at most once for each."""


def gather(  # noqa: PLR0913 - keyword-only but for the first three
    kind: Kind,
    artifact: Artifact,
    documents: Sequence[Document | Refused],
    *,
    rule: ArtifactRule,
    policy: TrustPolicy,
    now: datetime,
    budget: Budget | None = None,
    beside: Beside | None = None,
) -> tuple[Evidence, tuple[EvidenceItem, ...]]:
    """Verify every signature in and beside `artifact`; the items list each piece once, for the report.

    `documents` are those that were given; `beside` is asked for those that lie where the artifact does, and for a
    further format only where what was found so far does not satisfy the rule; for none where it is signed inside, and
    that satisfies it. `budget` pays for all of it, or one that is made here.
    """
    budget = Budget(policy.limits) if budget is None else budget
    embedded, inside = kind.inside(artifact, rule, signers_for(policy, rule), now, budget)
    wanted = SignatureRule.of(rule)
    embedded = replace(embedded, threshold=wanted.threshold)
    if not documents and beside is None:
        return embedded, inside
    gathering = _Gathering(artifact, rule, policy, now, budget)
    gathering.add(documents)
    evidence = gathering.evidence(embedded)
    places = [place for format_ in wanted.accepted for place in _PLACES[format_]]
    for number, place in enumerate(places if beside is not None else ()):
        # What signs itself needs nothing beside it; for what cannot, one format is looked for: a veto may lie there.
        if (number or embedded.signers) and _suffices(evidence, rule) and not _may_veto(place, places, policy):
            continue
        gathering.add(beside(place) if beside is not None else (), found=True)
        evidence = gathering.evidence(embedded)
    listens = bool(policy.verifiers) or sbom_of(rule) is not None or vulnerabilities_of(rule) is not None
    if beside is not None and listens and artifact.parts() and evidence.signers and _signed(evidence, rule):
        # What is to be used is signed: whether somebody has denied what it is made of is worth asking now, and so is
        # what its parts are made of.
        gathering.add(beside(f"parts:{wanted.accepted[0]}"), found=True)
        evidence = gathering.evidence(embedded)
    return evidence, tuple(dict.fromkeys((*inside, *gathering.items())))


_PLACES: Final = {"bundle": ("bundle",), "legacy": ("sig", "att")}
"""Where what is in a format lies, in the order in which it is looked for."""


def _may_veto(place: str, places: Sequence[str], policy: TrustPolicy) -> bool:
    """Whether somebody's verdict may lie there, though the signatures suffice: in the format that is looked for."""
    return place == "att" and places[0] == "sig" and bool(policy.verifiers)


def _suffices(evidence: Evidence, rule: ArtifactRule) -> bool:
    """Whether nothing that lies in another format could change that the rule is satisfied, or that it is denied."""
    if any(each.is_error for each in evidence.undecided):
        return True
    built = provenance_of(rule) is None or bool(evidence.provenances)
    return built and _listed(evidence, rule) and _scanned(evidence, rule) and _signed(evidence, rule)


def _signed(evidence: Evidence, rule: ArtifactRule) -> bool:
    """Whether as many have signed as the rule asks for."""
    return len(distinct(evidence.signers)) >= SignatureRule.of(rule).threshold


def _listed(evidence: Evidence, rule: ArtifactRule) -> bool:
    """Whether there is an SBOM, if there has to be one."""
    sbom = sbom_of(rule)
    return sbom is None or not sbom.required or bool(evidence.sboms)


def _scanned(evidence: Evidence, rule: ArtifactRule) -> bool:
    """Whether there is a scan, where one counts; what a database says of it is looked for nowhere."""
    return vulnerabilities_of(rule) is None or bool(evidence.scans)


class _Gathering:
    """What was found so far; what is added is verified once, whatever it is called and however often it comes."""

    def __init__(
        self, artifact: Artifact, rule: ArtifactRule, policy: TrustPolicy, now: datetime, budget: Budget
    ) -> None:
        self._artifact, self._rule, self._policy, self._budget = artifact, rule, policy, budget
        self._now = now
        self._attestations: Attestations | None = None
        self._answers: dict[bytes, Found | Refused] = {}
        self._judged: list[_Judged] = []
        self._told: list[Reason] = []

    def add(self, documents: Sequence[Document | Refused], *, found: bool = False) -> None:
        """Verify each piece of the documents; those that were `found` nobody has named.

        They are verified in an order that is not theirs, small ones first: what there is to spend on signatures is not
        for whoever comes first to use up.
        """
        if not documents:
            return
        from verifier.engine.attestations import Attestations  # noqa: PLC0415 - a dozen modules, only where there is something

        if self._attestations is None:
            self._attestations = Attestations(self._artifact, self._rule, self._policy, self._now, self._budget)
        # What is attached is one document; a file may hold several.
        split = (
            _wholes(documents, self._budget)
            if found
            else _every_piece(documents, self._policy, self._budget, self._told)
        )
        pieces = list(_few(split))
        contents = {piece.content: piece.name for _, piece in reversed(pieces) if isinstance(piece, Document)}
        for content in sorted(contents.keys() - self._answers.keys(), key=lambda each: (len(each), each)):
            try:
                self._answers[content] = self._attestations.verify(content, subject=contents[content])
            except Refused as refusal:
                self._answers[content] = refusal.kept()
        self._judged += [
            _Judged(digest, piece, piece if isinstance(piece, Refused) else self._answers[piece.content], found)
            for digest, piece in pieces
        ]

    def evidence(self, embedded: Evidence) -> Evidence:
        """All of it."""
        stray = SignatureRule.of(self._rule).stray_attestations == "ignore"
        refused = [each for each in self._judged if isinstance(each.answer, Refused)]
        found = [each.answer for each in self._judged if not isinstance(each.answer, Refused)]
        unseen: list[Reason] = []
        if not self._artifact.content and any(each.kind == "signature" for each in found):
            found, unseen = _of_files(self._artifact, found)
        return replace(
            embedded,
            releases=tuple(each.release for each in found if each.release),
            provenances=tuple(each.provenance for each in found if each.provenance),
            sboms=tuple(each.sbom for each in found if each.sbom),
            scans=tuple(each.scan for each in found if each.scan),
            dependencies=tuple(each.dependency for each in found if each.dependency),
            detached_refusals=(*(reason for each in refused for reason in each.refusals()), *unseen),
            undecided=_worst_first([reason for each in refused for reason in each.undecided(stray=stray)]),
            notes=(*embedded.notes, *self._told, *(reason for each in found for reason in each.findings)),
        )

    def items(self) -> Iterator[EvidenceItem]:
        """Each piece that has a digest, for the report."""
        for each in self._judged:
            if each.digest is not None:
                yield from _items(each.digest, each.answer)


class _Judged(NamedTuple):
    """A piece, behind its digest if it has one; what became of it, and whether it was found beside the artifact."""

    digest: Digest | None
    piece: Document | Refused
    answer: Found | Refused
    found: bool

    def refusals(self) -> tuple[Reason, ...]:
        """Why it counts for nothing."""
        return self.answer.reasons if isinstance(self.answer, Refused) and not self._hides() else ()

    def undecided(self, *, stray: bool) -> tuple[Reason, ...]:
        """That it was not judged to its end."""
        if not isinstance(self.answer, Refused) or isinstance(self.answer, Rejected):
            return ()
        # What could not be asked for lies there for all that anybody knows: no stray document, and whatever it is.
        return self.answer.reasons if self._hides() else (_undecided(self.piece, self.answer, stray=stray),)

    def _hides(self) -> bool:
        return self.found and isinstance(self.answer, Refused) and self.answer.reasons[0].code in _HIDING


_HIDING: Final = frozenset(
    {"input.unreachable", "input.unreadable", "input.token-request-refused", "signature.too-many"}
)
"""What is said where something lies beside an artifact, or may, and nobody has seen it."""


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
    message = f"{first.code}: {first.message}"
    reason = Reason(code="attestation.undecided", subject=subject, message=message, follows=first.code)
    spent = isinstance(refusal, Exhausted) or first.code == "input.too-costly"
    return reason.as_warning() if stray and not spent else reason


def _worst_first(undecided: list[Reason]) -> tuple[Reason, ...]:
    """Those that deny, then the others, as many as anybody reads."""
    return tuple(sorted(dict.fromkeys(undecided), key=lambda reason: not reason.is_error)[:MAX_FINDINGS])


def _few(
    pieces: Iterable[tuple[Digest | None, Document | Refused]],
) -> Iterator[tuple[Digest | None, Document | Refused]]:
    """As many of the pieces as are judged, and that there are more."""
    from verifier.signatures.budget import Exhausted  # noqa: PLC0415 - as above

    for number, (digest, piece) in enumerate(pieces):
        if number == MAX_ATTESTATIONS:
            message = f"more than {MAX_ATTESTATIONS} attestations of one artifact are given"
            subject = piece.name if isinstance(piece, Document) else piece.reasons[0].subject
            yield None, Exhausted(Reason(code="input.too-large", subject=subject, message=message))
            return
        yield digest, piece


def _wholes(
    documents: Sequence[Document | Refused], budget: Budget
) -> Iterator[tuple[Digest | None, Document | Refused]]:
    """Each document as the one attestation that it is, behind its digest."""
    for each in documents:
        if isinstance(each, Refused):
            yield None, each
            continue
        budget.grant(sent=len(each.content))
        yield Digest.of(each.content), each


def _every_piece(
    documents: Sequence[Document | Refused], policy: TrustPolicy, budget: Budget, notes: list[Reason]
) -> Iterator[tuple[Digest | None, Document | Refused]]:
    """Each attestation of each document, behind its digest; what cannot be taken apart is refused in its place, behind
    the digest of what was given, if anything was. `notes` is given what stands beside them and counts for nothing."""
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

            yield whole, named(refusal, document.content, place="attestation").kept()
            continue
        notes += (Reason(code="attestation.ignored", subject=document.name, message=each) for each in unbelieved)
        for number, piece in enumerate(pieces, start=1):
            if isinstance(piece, Refused):
                yield whole, piece
                continue
            name = document.name if len(pieces) == 1 else f"{document.name}#{number}"
            yield Digest.of(piece), Document(name=name, content=piece)
