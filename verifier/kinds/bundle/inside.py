"""What is signed inside a bundle: OPA's `.signatures.json`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from verifier.core.artifact import Artifact
from verifier.core.costs.budget import Budget
from verifier.core.digest import Digest
from verifier.core.errors import Refused, refuse
from verifier.core.signers.signer import Signer
from verifier.core.verdict import EvidenceItem
from verifier.evidence.inspection import Evidence
from verifier.evidence.item import evidence_item
from verifier.kinds.bundle.artifact import Bundle
from verifier.signatures.opa_jws import verify_opa_signatures
from verifier.trust.model import ArtifactRule
from verifier.trust.sections.signatures import SignatureRule


def inside(
    artifact: Artifact, rule: ArtifactRule, signers: Sequence[Signer], now: datetime, budget: Budget
) -> tuple[Evidence, tuple[EvidenceItem, ...]]:
    """Verify the signature that the bundle carries, if it carries one."""
    if not isinstance(artifact, Bundle) or artifact.signatures is None:
        return Evidence(), ()
    subject, digest = f"{artifact.reference}/.signatures.json", Digest.of(artifact.signatures)
    try:
        signature = verify_opa_signatures(
            artifact.signatures, signers=signers, now=now, mode=artifact.mode, subject=subject, budget=budget
        )
        _demand_scope(signature.scope, rule, subject)
    except Refused as refusal:
        return Evidence(embedded_refusals=refusal.reasons), (evidence_item("opa-signature", digest, None, None),)
    item = evidence_item("opa-signature", digest, signature.signer, signature.signed_time)
    return Evidence(embedded=signature, notes=signature.findings), (item,)


def _demand_scope(scope: str | None, rule: ArtifactRule, subject: str) -> None:
    wanted = SignatureRule.of(rule).scope
    if wanted is not None and scope != wanted:
        raise refuse("signature.scope-mismatch", subject, f"the scope is {scope!r}, the policy demands {wanted!r}")
