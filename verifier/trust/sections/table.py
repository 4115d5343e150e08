"""Every section that a rule may have, in the order in which a policy is said and written. Adding one is a row here.

* a section is loaded where a rule has it, or lacks what no rule may lack: who judges one rule waits for no other's
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from verifier.core.value import Value

if TYPE_CHECKING:
    from verifier.trust.model import RuleSection


class Row(Value):
    """One section: its file, the class in it, and the keys of a rule that are its own."""

    name: str
    value: str
    keys: tuple[str, ...]
    required: bool = False

    def load(self) -> type[RuleSection]:
        """The section's class, which knows the rest."""
        section: type[RuleSection] = getattr(import_module(f"verifier.trust.sections.{self.name}"), self.value)
        return section


SECTIONS = (
    Row(
        name="signatures",
        value="SignatureRule",
        keys=("signatures", "stray_attestations", "pin_kid"),
        required=True,
    ),
    Row(name="name", value="NameRule", keys=("name", "name_binding")),
    Row(
        name="version",
        value="VersionRule",
        keys=("version", "first_use", "floor", "max_jump", "channel", "scope"),
        required=True,
    ),
    Row(name="tags", value="TagsRule", keys=("tags",)),
    Row(name="freshness", value="FreshnessRule", keys=("freshness", "freshness_warning")),
    Row(name="offline_grace", value="OfflineGraceRule", keys=("offline_grace",)),
    Row(name="mode", value="ModeRule", keys=("mode",)),
    Row(name="capabilities", value="CapabilityRule", keys=("capabilities",)),
    Row(name="image", value="ImageRule", keys=("image",)),
    Row(name="provenance", value="ProvenanceRule", keys=("provenance",)),
    Row(name="organisation", value="OrganisationRule", keys=("organisation",)),
    Row(name="resource_uri", value="ResourceRule", keys=("resource_uri",)),
    Row(name="sbom", value="SbomRule", keys=("sbom",)),
    Row(name="vulnerabilities", value="VulnerabilityRule", keys=("vulnerabilities",)),
)

KEYS = frozenset(key for row in SECTIONS for key in row.keys)
"""All that may stand in a rule."""
