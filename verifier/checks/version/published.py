"""A version against what is published now, wherever that is: the memory of whoever keeps no ledger.

* the candidate is above what is published, or is it, byte for byte
* what is published counts as it is signed: under the rule of the artifact, by its signers, under its name
* what of it cannot be told denies (`version.previous-unknown`); that nothing is there denies too, unless the caller
  expects it, and then nothing was compared (`version.first-use`)
* who serves an older release that was signed once is not found out: what is served is what is published
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from verifier.checks.version.check import SHOWN
from verifier.checks.version.rules import version_rules
from verifier.core.digest import Digest
from verifier.core.outcome import Outcome, Passed, Reason, outcome_of
from verifier.core.value import Value
from verifier.trust.model import ArtifactRule
from verifier.trust.sections.version import VersionFrom, VersionRule
from verifier.versions.jumps import exceeds, parse_jump
from verifier.versions.schemes import Scheme, order_key

if TYPE_CHECKING:
    from verifier.versions.candidate import Candidate

OF_ITS_SIGNERS = frozenset({"signatures", "name", "version", "mode"})
"""The sections of a rule that what is published must meet as well: who has signed it, as what, with which version.

How old it is now, how it was built and what it calls are not asked again: a rule that has become stricter would keep
the release out that mends what it is stricter about.
"""
_NEEDED = "Before the first release, say --previous-may-be-absent."


class Published(Value):
    """What is published at the place `where`.

    Without a `candidate` there is a `problem`, in words, or it is `absent`. `digest` is that of the bytes that were
    read.
    """

    where: str
    digest: Digest | None = None
    candidate: Candidate | None = None
    problem: str = ""
    absent: bool = False


def compare_published(
    candidate: Candidate | None, rule: ArtifactRule, published: Sequence[Published], *, may_be_absent: bool
) -> tuple[Outcome, bool]:
    """Judge `candidate` against all that is `published`; and whether it was compared with any of it, and stands."""
    order = VersionRule.of(rule).order
    if not published:
        return Passed(), False
    if not isinstance(order, VersionFrom):
        message = 'the rule has version = "none": there is no version to compare'
        hint = (
            'Say where the version stands and how it orders, as in version = { from = "manifest.revision", '
            'scheme = "semver" }; a revision of Git has no order.'
        )
        return outcome_of([_unknown(published[0], message, hint=hint)]), False
    reasons = [reason for each in published for reason in _against(candidate, rule, order, each, may_be_absent)]
    compared = candidate is not None and any(each.candidate is not None for each in published)
    return outcome_of(reasons), compared and not any(reason.is_error for reason in reasons)


def _against(
    candidate: Candidate | None,
    rule: ArtifactRule,
    order: VersionFrom,
    published: Published,
    may_be_absent: bool,
) -> Iterator[Reason]:
    before, scheme = published.candidate, Scheme(order.scheme)
    if published.absent and may_be_absent:
        message = "nothing is published there yet: there was nothing to compare with"
        yield Reason(code="version.first-use", subject=published.where, message=message)
    elif published.absent:
        yield _unknown(published, "nothing is published there", hint=_NEEDED)
    elif before is None:
        yield _unknown(published, published.problem or "it has no version")
    elif not _orders(scheme, before.version):
        yield _unknown(published, f"what is published there is {before.version[:SHOWN]!r}, which is not {scheme}")
    elif candidate is not None and _orders(scheme, candidate.version):
        yield from _step(candidate, before, rule, order, published)


def _step(
    candidate: Candidate, before: Candidate, rule: ArtifactRule, order: VersionFrom, published: Published
) -> Iterator[Reason]:
    """What is wrong with the step from what is published to the candidate; both can be ordered."""
    scheme, jump = Scheme(order.scheme), version_rules(rule, order).max_jump
    mine, theirs = order_key(scheme, candidate.version), order_key(scheme, before.version)
    subject, here = candidate.version[:SHOWN], f"published at {published.where}"
    seen = f"{before.version[:SHOWN]}, {here}"
    if mine < theirs:
        yield Reason(code="version.rollback", subject=subject, message=f"version {subject} is lower than {seen}")
    elif mine == theirs and candidate.digest != before.digest:
        message = f"version {subject} is {here} with {before.digest} and now comes with {candidate.digest}"
        yield Reason(code="version.equivocation", subject=subject, message=message)
    elif mine > theirs and candidate.digest == before.digest and scheme is not Scheme.SIGNED_TIME:
        message = f"{candidate.digest} is {seen}, and now comes as {subject}"
        yield Reason(code="version.relabelled", subject=subject, message=message)
    elif mine > theirs and jump is not None and exceeds(parse_jump(scheme, jump), before.version, candidate.version):
        message = f"version {subject} is further ahead of {seen}, than {jump}"
        yield Reason(code="version.fast-forward", subject=subject, message=message)


def _orders(scheme: Scheme, version: str) -> bool:
    try:
        order_key(scheme, version)
    except ValueError:
        return False
    return True


def _unknown(published: Published, message: str, *, hint: str = "") -> Reason:
    return Reason(code="version.previous-unknown", subject=published.where, message=message, hint=hint)
