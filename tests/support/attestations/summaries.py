"""A verification summary's predicate, and a verdict to be made into one."""

from __future__ import annotations

from datetime import UTC, datetime

from verifier.core.digest import Digest
from verifier.core.outcome import Failed, Passed
from verifier.core.verdict import EvidenceItem, Input, LedgerTrace, PolicyReference, Subject, Verdict, decide

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ARTIFACT, POLICY, EVIDENCE = Digest.of(b"artifact"), Digest.of(b"policy"), Digest.of(b"evidence")
RULE = Digest.of(b"rule")
URI, VERIFIER = "https://example.org/authz.tar.gz", "https://example.org/verifier"

PREDICATE = {
    "verifier": {"id": VERIFIER},
    "timeVerified": "2026-11-21T11:00:00Z",
    "resourceUri": URI,
    "policy": {"uri": "https://example.org/policy", "digest": {"sha256": POLICY.value}},
    "verificationResult": "PASSED",
    "verifiedLevels": ["SLSA_BUILD_LEVEL_3", "ACME_REVIEWED"],
}


def verdict(*reasons, **changes):
    decision, found = decide([Failed(reasons=reasons) if any(r.is_error for r in reasons) else Passed(reasons=reasons)])
    fields = {
        "decision": decision,
        "subject": Subject(
            kind="bundle", name="authz", resource_uri="https://e.org/b", digest=ARTIFACT, version="1.2.3", epoch=0
        ),
        "reasons": found,
        "policy": PolicyReference(uri="https://e.org/policy", digest=POLICY),
        "time_verified": NOW,
        "correlation_id": "c-1",
        "evidence": (EvidenceItem(kind="opa-signature", digest=EVIDENCE, signer="a", verified=True),) * 2,
        "inputs": (Input(kind="opa-signature", digest=EVIDENCE), Input(kind="attestation", digest=EVIDENCE)),
        "rule_digest": RULE,
        "levels": ("ACME_REVIEWED",),
        "ledger": LedgerTrace(url="sqlite:///l", scope="bundle:authz", before=None, after="0:1.2.3", recorded=True),
        "verifier_version": {"verifier": "0.1.0"},
    }
    return Verdict(**(fields | changes))
