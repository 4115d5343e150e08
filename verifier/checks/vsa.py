"""May a verdict that somebody else made be relied on? SLSA's steps for consumers, and ours.

Source: https://slsa.dev/spec/v1.2/verification_summary#how-to-verify. Step 1, the envelope's signature, is proven by
the type of `signers`. One reason code each, and every reason that applies:

* a verdict about other bytes, or another resource, does not count; nor does one that names digests of two contents
* a verifier counts only together with the signer that the policy pairs it with
* FAILED never allows, and neither does PASSED beside the level FAILED
* a required level is met by a higher one of the same track, and by nothing unevaluated
* a verdict under another rule than the one that applies here does not count, whatever its policy's file is; what names
  no rule counts where somebody here has said that its policy does
* an expired verdict does not count; where an age is demanded, a verdict without a time is not fresh
* a verdict from the future is a wrong clock
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
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
    """A pair that the policy believes: `signer` is the signer's name there, `id` the `verifier.id` it may use.

    `policy_digests` are policies of its own under which its verdicts count.
    """

    signer: str
    id: str
    policy_digests: tuple[Digest, ...] = ()


class VsaExpectations(Value):
    """What the consumer knows beforehand. No `verifiers` means that nobody is trusted.

    `content` is the artifact's where that is at hand, so that every digest of it can be compared. `rule_digest` is
    that of the effective rule that applies here, `policy_digests` are policies that count besides. With neither any
    does, which only an ad-hoc verification should accept. `skew` is how far the verifier's clock may run ahead of this
    one.
    """

    digest: Digest
    resource_uri: str
    verifiers: tuple[TrustedVerifier, ...]
    content: bytes | None = field(default=None, repr=False)
    levels: tuple[str, ...] = ()
    rule_digest: Digest | None = None
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
            *_policy(summary, signers, expected),
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
    if not _pairs(summary, signers, expected):
        believed = {(each.signer, each.id) for each in expected.verifiers}
        message, hint = unpaired(summary.verifier_id, {signer.name for signer in signers}, believed)
        yield Reason(code="verdict.verifier-untrusted", subject="verdict", message=message, hint=hint)


def unpaired(verifier_id: str, signers: AbstractSet[str], believed: AbstractSet[tuple[str, str]]) -> tuple[str, str]:
    """What was seen and expected of a verdict by a pair that the policy does not name, and what to do."""
    who = ", ".join(sorted(signers)) or "nobody"
    named = ", ".join(f"{known!r} by {signer}" for signer, known in sorted(believed))
    message = f"the verdict is of verifier.id {verifier_id!r}, signed by {who}; the policy believes {named or 'nobody'}"
    if any(signer in signers for signer, _ in believed):
        stated = _to_be_typed(verifier_id)
        written = f'id = "{stated}"' if stated else "its id"
        return message, f"If it is right, write {written} into that [verifiers] table of the policy."
    return message, "If it is right, add a [verifiers] table with this signer and this id to the policy."


def _to_be_typed(stated: str) -> str:
    """What a stranger may have written, where it is the same word to a shell and in TOML; else ""."""
    from shlex import quote  # noqa: PLC0415 - only for what is denied

    return stated if quote(stated) == stated else ""


def _pairs(
    summary: VerificationSummary, signers: tuple[ProvenSigner, ...], expected: VsaExpectations
) -> tuple[TrustedVerifier, ...]:
    """The pairs that the policy names and that this verdict is by."""
    names = {signer.name for signer in signers}
    return tuple(each for each in expected.verifiers if each.signer in names and each.id == summary.verifier_id)


def _resource(summary: VerificationSummary, expected: VsaExpectations) -> Iterator[Reason]:
    if summary.resource_uri != expected.resource_uri:
        message = f"the verdict is for {summary.resource_uri!r}, expected {expected.resource_uri!r}"
        stated = _to_be_typed(summary.resource_uri) or "and what it states"
        hint = f"If the verdict is right, say so with --resource-uri {stated}, or in the policy's rule."
        yield Reason(code="verdict.resource-mismatch", subject="verdict", message=message, hint=hint)


def _result(summary: VerificationSummary) -> Iterator[Reason]:
    if summary.verification_result != "PASSED" or "FAILED" in summary.verified_levels:
        codes = ", ".join(summary.extension.reasons) if summary.extension else ""
        yield _reason("verdict.failed", f"the verifier denied the artifact{': ' + codes if codes else ''}")


def _levels(summary: VerificationSummary, expected: VsaExpectations) -> Iterator[Reason]:
    for level in expected.levels:
        if not level_met(level, summary.verified_levels):
            seen = ", ".join(summary.verified_levels) or "no level"
            yield _reason("verdict.level-missing", f"the verdict has {seen}, expected {level}")


def _policy(
    summary: VerificationSummary, signers: tuple[ProvenSigner, ...], expected: VsaExpectations
) -> Iterator[Reason]:
    named = (digest for pair in _pairs(summary, signers, expected) for digest in pair.policy_digests)
    policies, rule = (*expected.policy_digests, *named), expected.rule_digest
    if (not policies and rule is None) or (summary.policy_digest is not None and summary.policy_digest in policies):
        return
    made_under = summary.extension.rule_digest if summary.extension else None
    if rule is not None and made_under == rule:
        return
    if rule is not None and made_under is not None:
        message = f"it was made under the rule {made_under}, and the one that applies here is {rule}"
    else:
        seen, wanted = summary.policy_digest or "no digest", ", ".join(map(str, policies)) or f"the rule {rule}"
        message = f"policy {summary.policy_uri!r} has {seen}, expected {wanted}"
    yield _reason("verdict.policy-unknown", message)


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
