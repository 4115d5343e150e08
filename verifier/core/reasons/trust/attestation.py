"""Reason codes of attestations and what they are about."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, note, undecided

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
    undecided(
        "attestation.undecided",
        "evidence that was named could not be judged to its end",
        cause="It could not be read or taken apart, is beyond a limit, or a trusted signer signed what is not "
        "understood: a denial by somebody whom the policy believes may be in it.",
        remedy="Mend it or leave it out; where stray documents may lie beside the artifact, the policy says so "
        '(`stray_attestations = "ignore"`).',
        threat="T-210",
    ),
    note(
        "attestation.ignored",
        "an attestation was read and not used",
        cause="Its predicate type says nothing about a release; it counts neither for nor against.",
        remedy="Nothing to do, unless you expected it to count as a signature.",
    ),
)
