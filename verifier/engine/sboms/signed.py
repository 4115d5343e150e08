"""Whether a believed signer has signed one bill of materials, whole, for one artifact.

* the predicate is the document, and a subject of the statement is the artifact; that alone counts
* what every attestation that was given is worth is said where none of them counts
"""

from __future__ import annotations

from datetime import datetime

from verifier.core.costs.budget import Budget as WholeBudget
from verifier.core.digest import Digest, Digests
from verifier.core.document import Document
from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.signers.signer import Signer
from verifier.core.value import Value
from verifier.evidence.contents import Contents
from verifier.formats.bom.same import canonical_text
from verifier.formats.intoto.attestation_files import split_attestations
from verifier.formats.intoto.sbom import is_sbom
from verifier.formats.intoto.statement import contradicting_digest, matching_subject, parse_statement
from verifier.formats.json import strict_json
from verifier.signatures.attestation import verify_attestation
from verifier.signatures.budget import Budget
from verifier.signatures.verified import VerifiedDigest
from verifier.trust.model import TrustPolicy


class Signature(Value):
    """Who has signed the document: the names of signers, each once; or `reasons` why nobody has."""

    signers: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


class SignedBy(Value):
    """Whom to believe, what was given, and what the document is to be about."""

    policy: TrustPolicy
    signers: tuple[Signer, ...]
    attestations: tuple[Document | Refused, ...]
    contents: Contents
    now: datetime


def signature_of(sbom: Document, asked: SignedBy) -> Signature:
    """Who has signed `sbom` for the artifact."""
    budget = WholeBudget(asked.policy.limits)
    refusals: list[Reason] = []
    names: dict[str, None] = {}
    try:
        text = canonical_text(strict_json.loads(sbom.content, subject=sbom.name, budget=budget))
    except Refused:
        hint = "Have it written as CycloneDX or SPDX in JSON: that is what attestations hold."
        message = "it is no JSON, and no attestation can hold it"
        return Signature(reasons=(Reason(code="sbom.unsigned", subject=sbom.name, message=message, hint=hint),))
    for given in asked.attestations:
        if isinstance(given, Refused):
            refusals += given.reasons
            continue
        try:
            budget.grant(sent=len(given.content))
            pieces, _ = split_attestations(given.content, subject=given.name, budget=budget)
        except Refused as refusal:
            refusals += refusal.reasons
            continue
        for piece in pieces:
            try:
                names |= dict.fromkeys(_signers(piece, given.name, text, asked, budget))
            except Refused as refusal:
                refusals += refusal.reasons
    if names:
        return Signature(signers=tuple(names))
    seen = "no attestation was given" if not asked.attestations else "no attestation that was given proves it"
    why = Reason(code="sbom.unsigned", subject=sbom.name, message=f"{seen} (--attestation FILE)")
    return Signature(reasons=(why, *dict.fromkeys(refusals)))


def _called(contents: Contents) -> Digests:
    """What is signed of the artifact: of an image its manifest, which comes first, and not its config beside it."""
    first: dict[str, Digest] = {}
    for each in contents.digests:
        first.setdefault(each.algorithm, each)
    return Digests(*first.values())


def _signers(piece: bytes | Refused, subject: str, text: str, asked: SignedBy, budget: WholeBudget) -> tuple[str, ...]:
    if isinstance(piece, Refused):
        raise piece.again()
    if not asked.contents.digests:
        raise refuse("sbom.unsigned", subject, f"a {asked.contents.kind} has no digest that could be signed")
    about = _called(asked.contents)
    proven = verify_attestation(
        piece,
        signers=asked.signers,
        sigstore=asked.policy.sigstore,
        digest=asked.contents.digests[0],
        content=None,
        now=asked.now,
        subject=subject,
        budget=Budget(whole=budget),
    )
    if isinstance(proven, VerifiedDigest):
        raise refuse("sbom.unsigned", subject, "it signs a digest, and holds no SBOM")
    statement = parse_statement(proven.payload, subject=subject, budget=budget)
    if not is_sbom(statement.predicate_type):
        raise refuse("sbom.unsigned", subject, f"its predicate type is {statement.predicate_type!r:.200}, no SBOM's")
    if (other := contradicting_digest(statement, about)) is not None:
        raise refuse(
            "attestation.subject-mismatch", subject, f"a subject of it has the digest {other}, not the artifact"
        )
    if matching_subject(statement, about) is None:
        seen = ", ".join(str(each) for each in statement.subjects[0].digests[:3])
        message = f"it is about {seen}, the artifact is {asked.contents.digests[0]}"
        raise refuse("attestation.subject-mismatch", subject, message)
    if canonical_text(statement.predicate) != text:
        raise refuse("sbom.unsigned", subject, "it holds another SBOM of this artifact")
    return tuple(each.name for each in proven.signers)
