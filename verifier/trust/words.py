"""A policy in words.

* every signer and every rule has a sentence; what is denied by default is said, too
* every key that a policy gives changes what is said of it here, or called weak
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.trust.evaluate import unevaluated
from verifier.trust.model import ArtifactRule, TrustPolicy
from verifier.trust.sections.table import SECTIONS
from verifier.trust.tables import builders, limits, signers, sigstore, verifiers


def explain_policy(policy: TrustPolicy) -> list[str]:
    """What the policy says, a sentence an item, in the order of the file."""
    return list(_sentences(policy))


def _sentences(policy: TrustPolicy) -> Iterator[str]:
    yield f"This is the policy {policy.id}, {policy.digest}."
    yield from signers.words(policy)
    yield from sigstore.words(policy)
    for rule in policy.artifacts:
        yield from _rule_sentences(rule)
    yield "Whatever no rule matches is denied."
    yield from builders.words(policy.builders)
    yield from verifiers.words(policy.verifiers)
    yield from limits.words(policy.limits)


def _rule_sentences(rule: ArtifactRule) -> Iterator[str]:
    for row in SECTIONS:
        section = rule.section(row.name)
        if section is not None:
            yield from section.words(rule)
    for name in unevaluated(rule):
        yield f"{rule.pattern}: {name} cannot be judged by this release, so it is denied."
