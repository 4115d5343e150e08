"""Rules of a policy, their sections given as their keys are called."""

from __future__ import annotations

from typing import ClassVar

from verifier.trust.model import ArtifactRule, RuleSection
from verifier.trust.sections.freshness import FreshnessRule
from verifier.trust.sections.mode import ModeRule
from verifier.trust.sections.offline_grace import OfflineGraceRule
from verifier.trust.sections.organisation import OrganisationRule
from verifier.trust.sections.resource_uri import ResourceRule
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.version import VersionOrder, VersionRule

_OF_VERSIONS = ("first_use", "floor", "max_jump", "channel", "sequence")
_MADE = {
    "freshness": lambda longest: FreshnessRule(longest=longest),
    "offline_grace": lambda longest: OfflineGraceRule(longest=longest),
    "mode": lambda mode: ModeRule(mode=mode),
    "organisation": lambda paths: OrganisationRule(paths=paths),
    "resource_uri": lambda uri: ResourceRule(uri=uri),
}


class Unheard(RuleSection):
    """A section of which nobody says that it is judged: every section of this release is."""

    name: ClassVar[str] = "unheard"


def artifact_rule(pattern: str, signatures: SignatureRule, version: VersionOrder, **given) -> ArtifactRule:
    """A rule for `pattern`; what `given` holds is a section, or what it consists of (`freshness=timedelta(days=1)`).

    The `scope` of versions is called `sequence`: signatures have one, too.
    """
    versions = {key.replace("sequence", "scope"): given.pop(key) for key in _OF_VERSIONS if key in given}
    others = (_section(name, value) for name, value in given.items() if value is not None)
    return ArtifactRule(pattern=pattern, sections=(signatures, VersionRule(order=version, **versions), *others))


def _section(name: str, value: object) -> RuleSection:
    return value if isinstance(value, RuleSection) else _MADE[name](value)
