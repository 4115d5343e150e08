"""What a policy's rule asks of versions, in the ledger's terms, whoever states the version."""

from __future__ import annotations

from verifier.trust.model import ArtifactRule
from verifier.trust.sections.version import VersionFrom
from verifier.versions.candidate import VersionRules
from verifier.versions.schemes import Scheme


def version_rules(rule: ArtifactRule, source: VersionFrom) -> VersionRules:
    """The policy's rule in the ledger's terms."""
    return VersionRules(
        scheme=Scheme(source.scheme),
        first_use=rule.first_use,
        floor=rule.floor,
        max_jump=rule.max_jump,
        freshness=rule.freshness,
    )
