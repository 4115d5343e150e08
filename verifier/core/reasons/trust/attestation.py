"""Reason codes of attestations and what they are about."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, note

ATTESTATION: tuple[ReasonCode, ...] = (
    error(
        "attestation.invalid",
        "an attestation is malformed",
        cause="The envelope, the statement or the bundle is not what DSSE, in-toto and Sigstore define.",
        remedy="Make it again with `verify attest`.",
        threat="T-210",
    ),
    error(
        "attestation.subject-mismatch",
        "an attestation is about something else",
        cause="None of its subjects has the artifact's digest, or it names another artifact.",
        remedy="Pass the attestation that belongs to this artifact.",
        threat="T-210",
    ),
    note(
        "attestation.ignored",
        "an attestation was read and not used",
        cause="Its predicate type says nothing about a release; it counts neither for nor against.",
        remedy="Nothing to do, unless you expected it to count as a signature.",
    ),
)
