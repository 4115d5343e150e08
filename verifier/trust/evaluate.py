"""Which rule of a policy applies, and to whom it listens.

* the most specific rule wins: an exact name beats a pattern, a longer prefix beats a shorter one
* an artifact that no rule matches has no rule: the caller denies it (`trust.no-policy`)
* a name that could be mistaken for another scope or pattern matches no rule
* a section of a rule that this release cannot judge is named, so that it is denied and not passed over
"""

from __future__ import annotations

from collections.abc import Iterable

from verifier.core.globs import glob_matches
from verifier.core.rego import RegoModule
from verifier.core.signers.signer import Signer
from verifier.trust.model import ArtifactRule, TrustPolicy


def rule_for(policy: TrustPolicy, kind: str, name: str) -> ArtifactRule | None:
    """The most specific rule for the artifact `kind:name`, or None."""
    if not is_plain_name(name):
        return None
    reference = f"{kind}:{name}"
    matching = [rule for rule in policy.artifacts if glob_matches(rule.pattern, reference)]
    return max(matching, key=lambda rule: (not rule.pattern.endswith("*"), len(rule.pattern)), default=None)


def signers_for(policy: TrustPolicy, rule: ArtifactRule) -> tuple[Signer, ...]:
    """The signers whom the rule listens to, in its order, and behind them every revoked signer of the policy.

    A revoked signer proves nothing, but its key must not count under another name that the rule does list.
    """
    return _with_revoked(policy, rule.signatures.from_)


def attesters_for(policy: TrustPolicy, rule: ArtifactRule) -> tuple[Signer, ...]:
    """Whose statements are worth verifying: the rule's signers, its builders' and the verifiers', and the revoked."""
    builders = rule.provenance.builders if rule.provenance else ()
    paired = [each.signer for each in policy.builders if each.name in builders]
    paired += [each.signer for each in policy.verifiers]
    return tuple(dict.fromkeys((*signers_for(policy, rule), *(policy.signers[name] for name in paired))))


def organisation_for(policy: TrustPolicy, rule: ArtifactRule) -> tuple[RegoModule, ...]:
    """The organisation's Rego modules that the rule asks for, in its order."""
    modules = {module.path: module for module in policy.organisation}
    return tuple(modules[path] for path in rule.organisation)


def verdict_signers(policy: TrustPolicy) -> tuple[Signer, ...]:
    """The signers whose verdicts the policy accepts, each once, and behind them every revoked signer (as above)."""
    return _with_revoked(policy, dict.fromkeys(verifier.signer for verifier in policy.verifiers))


def unevaluated(rule: ArtifactRule) -> tuple[str, ...]:
    """The sections that the rule sets and that this release does not judge: the caller must deny."""
    return tuple(section.name for section in rule.sections if not section.judged)


def distinct_keys(signers: Iterable[Signer]) -> int:
    """How many different keys and identities these are: one key under two names can sign only once."""
    return len({key_of(signer) for signer in signers})


def key_of(signer: Signer) -> object:
    """What makes a signer the same as another, whatever their names: equal for one key under two names."""
    if signer.keyless is not None:
        return signer.keyless
    if signer.secret is not None:
        return ("secret", signer.secret)
    # PEM is free in its line breaks and in the text around the block; the bytes between are the key.
    block = (signer.public_key or b"").partition(b"-----BEGIN PUBLIC KEY-----")[2].partition(b"-----END")[0]
    return b"".join(block.split())


def ledger_scope(rule: ArtifactRule, kind: str, name: str) -> str:
    """The ledger's scope for an artifact under its rule: `kind:name`, and `@channel` where the rule has one."""
    return f"{kind}:{name}@{rule.channel}" if rule.channel else f"{kind}:{name}"


def _with_revoked(policy: TrustPolicy, names: Iterable[str]) -> tuple[Signer, ...]:
    named = tuple(policy.signers[name] for name in names)
    return (*named, *(each for each in policy.signers.values() if each.revoked and each not in named))


def is_plain_name(name: str) -> bool:
    """Whether `name` can name an artifact: printable, without `*` (a pattern) and `@` (a channel)."""
    return bool(name.strip()) and name == name.strip() and name.isprintable() and not {"*", "@"} & set(name)
