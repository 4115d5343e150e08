"""Findings in the cache on disk: one that is wrong, or about something else, is proven anew and said."""

from __future__ import annotations

from datetime import datetime

from verifier.core.errors import Refused
from verifier.core.outcome import Reason
from verifier.loading.cache.store import Cache
from verifier.loading.proof import Asked, Proof


def kept_finding(cache: Cache, key: str, asked: Asked) -> tuple[Proof | None, tuple[Reason, ...]]:
    """The finding on disk, if it is about what is asked."""
    try:
        proof = cache.proof(key)
    except Refused as refusal:
        return None, refusal.reasons
    if proof is None:
        return None, ()
    if (proof.verdict.subject.digest, proof.verdict.policy.digest) != (asked.digest, asked.policy.digest):
        message = f"the finding of {key} is about other bytes or another policy"
        return None, (Reason(code="cache.corrupt", subject=asked.question.reference, message=message),)
    return proof, ()


def keep_finding(cache: Cache, key: str, proof: Proof, now: datetime) -> tuple[Reason, ...]:
    """Put a finding that holds for a while on disk; why that failed."""
    if proof.since >= proof.until:
        return ()
    try:
        cache.keep_proof(key, proof, now=now)
    except Refused as refusal:
        return refusal.reasons
    return ()
