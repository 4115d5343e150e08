"""What a policy says of one artifact: which rule applies, to whom it listens, and what it demands.

* the most specific rule wins: an exact name beats a pattern, a longer prefix beats a shorter one
* an artifact that no rule matches has no rule: the caller denies it (`trust.no-policy`)
* a name that could be mistaken for another scope or pattern matches no rule
* a section of a rule that this release cannot judge is named, so that it is denied and not passed over
* what only some rules have is asked for here: the file of such a section is loaded where a rule has it
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from verifier.core.globs import glob_matches
from verifier.core.reading import ReadingMode
from verifier.core.signers.signer import Signer
from verifier.core.value import replace
from verifier.trust.model import ArtifactRule, TrustPolicy
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.version import VersionRule
from verifier.trust.vocabulary import is_plain_name

if TYPE_CHECKING:
    from datetime import timedelta

    from verifier.core.rego import RegoModule
    from verifier.trust.sections.capabilities import CapabilityRule
    from verifier.trust.sections.freshness import FreshnessRule
    from verifier.trust.sections.image import ImageRule
    from verifier.trust.sections.mode import ModeRule
    from verifier.trust.sections.offline_grace import OfflineGraceRule
    from verifier.trust.sections.organisation import OrganisationRule
    from verifier.trust.sections.provenance import ProvenanceRule
    from verifier.trust.sections.resource_uri import ResourceRule
    from verifier.trust.sections.sbom import SbomRule
    from verifier.trust.sections.vulnerabilities import VulnerabilityRule


_SHOWN = 64
"""Characters of a name that is none that a history repeats."""


def rule_for(policy: TrustPolicy, kind: str, name: str) -> ArtifactRule | None:
    """The most specific rule for the artifact `kind:name`, or None."""
    if not is_plain_name(name):
        return None
    reference = f"{kind}:{name}"
    matching = [rule for rule in policy.artifacts if glob_matches(rule.pattern, reference)]
    return max(matching, key=lambda rule: (not rule.pattern.endswith("*"), len(rule.pattern)), default=None)


def ledger_scope(rule: ArtifactRule | None, kind: str, name: str) -> str:
    """The ledger's scope for an artifact under its rule: `kind:name`, and `@channel` where the rule has one.

    Where the rule says `scope`, that stands for the names of all its artifacts. Under no rule, where the name may be
    anything, it is one that every ledger can hold and that no rule has.
    """
    if rule is None:
        return f"{kind}:{_harmless(name)}"
    return VersionRule.of(rule).sequence(kind, name)


def rule_of_scope(policy: TrustPolicy, scope: str) -> tuple[ArtifactRule | None, str]:
    """The rule under which the ledger's `scope` is written to, and what its artifacts are called: `kind:name`.

    Where several names are one sequence, nobody can tell which one was accepted: they are called as the rule's pattern.
    None where no rule of the policy writes there.
    """
    reference, _, channel = scope.partition("@")
    kind, _, name = reference.partition(":")
    own = rule_for(policy, kind, name)
    if own is not None and VersionRule.of(own).is_each_name and ledger_scope(own, kind, name) == scope:
        return own, reference
    for rule in policy.artifacts:
        versions = VersionRule.of(rule)
        shared = not versions.is_each_name and (versions.scope, versions.channel or "") == (name, channel)
        if shared and rule.pattern.startswith(f"{kind}:"):
            return rule, rule.pattern
    return None, reference


def is_base(policy: TrustPolicy, rule: ArtifactRule, reference: str) -> bool:
    """Whether some rule lets images be built on what is accepted under `rule` as `reference`."""
    named = (pattern for each in policy.artifacts for pattern in getattr(each.section("image"), "base", ()))
    return any(glob_matches(pattern, reference) or pattern == rule.pattern for pattern in named)


def _harmless(name: str) -> str:
    """A name as it is where it is plain, else what can be said of it: nothing is accepted under that."""
    if is_plain_name(name):
        return name
    shown = "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in name[:_SHOWN])
    return f"{shown}*"  # which no name has


def signers_for(policy: TrustPolicy, rule: ArtifactRule) -> tuple[Signer, ...]:
    """The signers whom the rule listens to, in its order, and behind them every revoked signer of the policy."""
    return _pinned(rule, policy.with_revoked(SignatureRule.of(rule).from_))


def attesters_for(policy: TrustPolicy, rule: ArtifactRule) -> tuple[Signer, ...]:
    """Whose statements are worth verifying: the rule's signers, its builders' and the verifiers', those whose SBOMs and
    scans it takes, and the revoked."""
    provenance = provenance_of(rule)
    builders = provenance.builders if provenance else ()
    paired = [each.signer for each in policy.builders if each.name in builders]
    paired += [each.signer for each in policy.verifiers]
    documents = (each for each in (sbom_of(rule), vulnerabilities_of(rule)) if each is not None)
    paired += [signer for each in documents for signer in each.from_]
    named = policy.with_revoked((*SignatureRule.of(rule).from_, *paired))
    return _pinned(rule, tuple(dict.fromkeys(named)))


def _pinned(rule: ArtifactRule, signers: tuple[Signer, ...]) -> tuple[Signer, ...]:
    """The signers as the rule has them: with their kids pinned, where it says so."""
    return tuple(replace(each, pin_kid=True) for each in signers) if SignatureRule.of(rule).pin_kid else signers


def verdict_signers(policy: TrustPolicy) -> tuple[Signer, ...]:
    """The signers whose verdicts the policy accepts, each once, and behind them every revoked signer."""
    return policy.with_revoked(dict.fromkeys(verifier.signer for verifier in policy.verifiers))


def organisation_for(policy: TrustPolicy, rule: ArtifactRule) -> tuple[RegoModule, ...]:
    """The organisation's Rego modules that the rule asks for, in its order."""
    modules = {module.path: module for module in policy.organisation}
    return tuple(modules[path] for path in organisation_of(rule))


def asks_about_modules(rule: ArtifactRule) -> bool:
    """Whether the rule gives a Rego engine anything to do: packages and builtins stand in SBOMs, too."""
    sbom = sbom_of(rule)
    return capabilities_of(rule) is not None or bool(organisation_of(rule)) or (sbom is not None and sbom.compares)


def unevaluated(rule: ArtifactRule) -> tuple[str, ...]:
    """The sections that the rule sets and that this release does not judge: the caller must deny."""
    return tuple(section.name for section in rule.sections if not section.judged)


def freshness_of(rule: ArtifactRule) -> timedelta | None:
    """How old the newest signed time may be."""
    found = cast("FreshnessRule | None", rule.section("freshness"))
    return None if found is None else found.longest


def ending_of(rule: ArtifactRule) -> timedelta | None:
    """How long before its end it is said that something ends; None where nothing is."""
    found = cast("FreshnessRule | None", rule.section("freshness"))
    return None if found is None else found.ending


def offline_grace_of(rule: ArtifactRule) -> timedelta | None:
    """How long a loader may go on without its ledger."""
    found = cast("OfflineGraceRule | None", rule.section("offline_grace"))
    return None if found is None else found.longest


def mode_of(rule: ArtifactRule) -> ReadingMode:
    """How ambiguous input is read."""
    found = cast("ModeRule | None", rule.section("mode"))
    return ReadingMode.STRICT if found is None else found.mode


def provenance_of(rule: ArtifactRule) -> ProvenanceRule | None:
    """How it must have been built."""
    return cast("ProvenanceRule | None", rule.section("provenance"))


def capabilities_of(rule: ArtifactRule) -> CapabilityRule | None:
    """What it must not call."""
    return cast("CapabilityRule | None", rule.section("capabilities"))


def image_of(rule: ArtifactRule) -> ImageRule | None:
    """What an image may run as and hold."""
    return cast("ImageRule | None", rule.section("image"))


def sbom_of(rule: ArtifactRule) -> SbomRule | None:
    """What its bill of materials must be."""
    return cast("SbomRule | None", rule.section("sbom"))


def vulnerabilities_of(rule: ArtifactRule) -> VulnerabilityRule | None:
    """Which known vulnerabilities are accepted in it."""
    return cast("VulnerabilityRule | None", rule.section("vulnerabilities"))


def organisation_of(rule: ArtifactRule) -> tuple[str, ...]:
    """Paths of Rego files, as in the policy; `organisation_for` has their modules."""
    found = organisation_section(rule)
    return () if found is None else found.paths


def organisation_section(rule: ArtifactRule) -> OrganisationRule | None:
    """The organisation's rules, and who judges by them."""
    return cast("OrganisationRule | None", rule.section("organisation"))


def resource_uri_of(rule: ArtifactRule) -> str | None:
    """Where consumers fetch it."""
    found = cast("ResourceRule | None", rule.section("resource_uri"))
    return None if found is None else found.uri
