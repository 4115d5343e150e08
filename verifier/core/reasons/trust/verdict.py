"""Reason codes of verdicts that others made."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error

VERDICT: tuple[ReasonCode, ...] = (
    error(
        "verdict.malformed",
        "the verdict is not a verification summary",
        cause="The predicate lacks a required field, has one of the wrong type, or is of another type.",
        remedy="Ask for a SLSA verification summary (https://slsa.dev/verification_summary/v1).",
        threat="T-210",
    ),
    error(
        "verdict.failed",
        "the verdict says FAILED",
        cause="The verifier denied the artifact.",
        remedy="Read the verdict's reasons with `verify verdict`.",
        threat="T-210",
    ),
    error(
        "verdict.expired",
        "the verdict has expired",
        cause="Its expiry or the accepted maximum age has passed, or it carries no time at all.",
        remedy="Verify the artifact again.",
        threat="T-204",
    ),
    error(
        "verdict.subject-mismatch",
        "the verdict is about other bytes",
        cause="No subject of the verdict has the artifact's digest.",
        remedy="Fetch the verdict for exactly this artifact.",
        threat="T-210",
    ),
    error(
        "verdict.resource-mismatch",
        "the verdict is about another resource",
        cause="Its resourceUri is not the one from which the artifact is to be fetched.",
        remedy="Compare the two URIs that the message shows.",
        threat="T-210",
    ),
    error(
        "verdict.verifier-untrusted",
        "the verdict's verifier is not trusted",
        cause="The pair of signer and verifier.id is not one that the policy names.",
        remedy="Add a [verifiers] table for this pair, if it is right.",
        threat="T-210",
    ),
    error(
        "verdict.policy-unknown",
        "the verdict was made under another rule or policy",
        cause="It names another effective rule than the one that applies here: the rule, a signer, or a file that the "
        "policy names has changed. Or it names none, and its policy is not one that is accepted here.",
        remedy="Verify again under the current policy; another vendor's policies are named in [verifiers] or by "
        "--policy-digest.",
        threat="T-217",
    ),
    error(
        "verdict.scope-mismatch",
        "the verdict belongs to another scope",
        cause="It was made over another sequence of versions than the one that it is to be compared with.",
        remedy="Fetch the verdict for exactly this artifact; --name or --scope says which one it is.",
        threat="T-206",
    ),
    error(
        "verdict.level-missing",
        "the verdict lacks a required level",
        cause="verifiedLevels does not contain what was asked for.",
        remedy="Compare the levels that the message shows.",
        threat="T-210",
    ),
    error(
        "verdict.several",
        "several verdicts about the artifact say different things",
        cause="The file holds more than one usable verdict about it, and they state different versions or names.",
        remedy="Pass the one verdict that is to count, in a file of its own.",
        threat="T-206",
    ),
)
