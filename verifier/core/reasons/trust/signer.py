"""Reason codes of whose key it is, and when it counts."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, note, warning

SIGNER: tuple[ReasonCode, ...] = (
    error(
        "signer.untrusted",
        "the signer is not one that the policy trusts",
        cause="No signer allowed for this artifact answers to the key id, or none of the allowed keys verifies it.",
        remedy="Add the signer to the policy only after checking out of band who it is.",
        threat="T-211",
    ),
    error(
        "signer.expired",
        "the signer's key is no longer valid",
        cause="The policy's `not_after` has passed.",
        remedy="Sign with the current key, or extend the date.",
        threat="T-211",
    ),
    error(
        "signer.not-yet-valid",
        "the signer's key is not valid yet",
        cause="The policy's `not_before` lies ahead.",
        remedy="Check the clock and the date in the policy.",
        threat="T-211",
    ),
    warning(
        "signer.wide-identity",
        "the signer is one of many whom the policy lets in",
        cause="The identity in the policy is a pattern that whoever may add a repository or an address there is of.",
        remedy="Name the repository, or better the workflow and its ref.",
        threat="T-210",
    ),
    note(
        "signer.unpinned",
        "any workflow, or any ref, of the repository is believed",
        cause="The repository is named, and not which of its workflows may sign, or of which branch or tag.",
        remedy="Name the workflow and the ref: --workflow FILE --ref refs/heads/main.",
        threat="T-210",
    ),
    error(
        "signer.revoked",
        "the signer's key is revoked",
        cause="The policy marks the signer as revoked.",
        remedy="Sign again with a key that is not.",
        threat="T-211",
    ),
)
