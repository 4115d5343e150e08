"""What a policy's rule asks of versions, in the ledger's terms, whoever states the version."""

from __future__ import annotations

from verifier.trust.evaluate import freshness_of
from verifier.trust.model import ArtifactRule
from verifier.trust.sections.version import VersionFrom, VersionRule
from verifier.versions.candidate import VersionRules
from verifier.versions.schemes import Scheme


def version_rules(rule: ArtifactRule, source: VersionFrom) -> VersionRules:
    """The policy's rule in the ledger's terms."""
    versions = VersionRule.of(rule)
    return VersionRules(
        scheme=Scheme(source.scheme),
        first_use=versions.first_use,
        floor=versions.floor,
        max_jump=versions.max_jump,
        freshness=freshness_of(rule),
    )
