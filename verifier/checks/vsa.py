"""May a verdict that somebody else made be relied on? SLSA's steps for consumers, and ours.

Source: https://slsa.dev/spec/v1.2/verification_summary#how-to-verify. Step 1, the envelope's signature, is proven by
the type of `signers`. One reason code each, and every reason that applies:

* a verdict about other bytes, or another resource, does not count; nor does one that names digests of two contents
* a verifier counts only together with the signer that the policy pairs it with
* FAILED never allows, and neither does PASSED beside the level FAILED
* a required level is met by a higher one of the same track, and by nothing unevaluated
* a verdict under a policy that is not accepted here does not count
* an expired verdict does not count; where an age is demanded, a verdict without a time is not fresh
* a verdict from the future is a wrong clock
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from verifier.checks.levels import level_met
from verifier.core.clock import format_rfc3339
from verifier.core.digest import Digest, Digests
from verifier.core.outcome import Outcome, Reason, outcome_of
from verifier.core.uris import VERIFICATION_SUMMARY
from verifier.core.value import Value, field
from verifier.formats.intoto.statement import Statement, contradicting_digest, matching_subject
from verifier.formats.intoto.vsa import VerificationSummary
from verifier.signatures.interface import ProvenSigner


class TrustedVerifier(Value):
    """A pair that the policy believes: `signer` is the signer's name there, `id` the `verifier.id` it may use."""

    signer: str
    id: str


class VsaExpectations(Value):
    """What the consumer knows beforehand. No `verifiers` means that nobody is trusted.

    `content` is the artifact's where that is at hand, so that every digest of it can be compared. Empty
    `policy_digests` accept any policy, which only an ad-hoc verification should. `skew` is how far the
    verifier's clock may run ahead of this one.
    """

    digest: Digest
    resource_uri: str
    verifiers: tuple[TrustedVerifier, ...]
    content: bytes | None = field(default=None, repr=False)
    levels: tuple[str, ...] = ()
    policy_digests: tuple[Digest, ...] = ()
    max_age: timedelta | None = None
    now: datetime
    skew: timedelta = timedelta(minutes=5)


def check_vsa(
    statement: Statement, summary: VerificationSummary, signers: tuple[ProvenSigner, ...], expected: VsaExpectations
) -> Outcome:
    """Judge a verdict whose envelope `signers` are proven to have signed."""
    return outcome_of(
        (
            *_subject(statement, expected),
            *_type(statement),
            *_verifier(summary, signers, expected),
            *_resource(summary, expected),
            *_result(summary),
            *_levels(summary, expected),
            *_policy(summary, expected),
            *_time(summary, expected),
        )
    )


def _reason(code: str, message: str) -> Reason:
    return Reason(code=code, subject="verdict", message=message)


def _subject(statement: Statement, expected: VsaExpectations) -> Iterator[Reason]:
    called = Digests(expected.digest, content=expected.content)
    if (other := contradicting_digest(statement, called)) is not None:
        message = f"the verdict is about {expected.digest} and {other}, and the artifact has no such digest"
        yield _reason("verdict.subject-mismatch", message)
    elif matching_subject(statement, called) is None:
        seen = ", ".join(str(digest) for each in statement.subjects[:3] for digest in each.digests[:3])
        yield _reason("verdict.subject-mismatch", f"the verdict is about {seen}, the artifact is {expected.digest}")


def _type(statement: Statement) -> Iterator[Reason]:
    if statement.predicate_type != VERIFICATION_SUMMARY:
        message = f"the predicate's type is {statement.predicate_type!r}, expected {VERIFICATION_SUMMARY!r}"
        yield _reason("verdict.malformed", message)


def _verifier(
    summary: VerificationSummary, signers: tuple[ProvenSigner, ...], expected: VsaExpectations
) -> Iterator[Reason]:
    names = {signer.name for signer in signers}
    if not any(each.signer in names and each.id == summary.verifier_id for each in expected.verifiers):
        who = ", ".join(sorted(names)) or "nobody"
        message = f"verifier {summary.verifier_id!r} signed by {who} is not a pair that the policy names"
        yield _reason("verdict.verifier-untrusted", message)


def _resource(summary: VerificationSummary, expected: VsaExpectations) -> Iterator[Reason]:
    if summary.resource_uri != expected.resource_uri:
        message = f"the verdict is for {summary.resource_uri!r}, expected {expected.resource_uri!r}"
        yield _reason("verdict.resource-mismatch", message)


def _result(summary: VerificationSummary) -> Iterator[Reason]:
    if summary.verification_result != "PASSED" or "FAILED" in summary.verified_levels:
        codes = ", ".join(summary.extension.reasons) if summary.extension else ""
        yield _reason("verdict.failed", f"the verifier denied the artifact{': ' + codes if codes else ''}")


def _levels(summary: VerificationSummary, expected: VsaExpectations) -> Iterator[Reason]:
    for level in expected.levels:
        if not level_met(level, summary.verified_levels):
            seen = ", ".join(summary.verified_levels) or "no level"
            yield _reason("verdict.level-missing", f"the verdict has {seen}, expected {level}")


def _policy(summary: VerificationSummary, expected: VsaExpectations) -> Iterator[Reason]:
    if expected.policy_digests and summary.policy_digest not in expected.policy_digests:
        seen = summary.policy_digest or "no digest"
        wanted = ", ".join(map(str, expected.policy_digests))
        yield _reason("verdict.policy-unknown", f"policy {summary.policy_uri!r} has {seen}, expected {wanted}")


def _time(summary: VerificationSummary, expected: VsaExpectations) -> Iterator[Reason]:
    now, made = expected.now, summary.time_verified
    expires = summary.extension.expires if summary.extension else None
    if expires is not None and now >= expires:
        message = f"the verdict expired at {format_rfc3339(expires)}, now is {format_rfc3339(now)}"
        yield _reason("verdict.expired", message)
    if expected.max_age is not None and made is None:
        yield _reason("verdict.expired", f"the verdict has no time, expected one at most {expected.max_age} old")
    if expected.max_age is not None and made is not None and now - made > expected.max_age:
        message = f"the verdict was made at {format_rfc3339(made)}, expected at most {expected.max_age} ago"
        yield _reason("verdict.expired", message)
    if made is not None and made - now > expected.skew:
        message = f"the verdict was made at {format_rfc3339(made)}, now is {format_rfc3339(now)}"
        yield _reason("clock.skew", message)
