"""Which kinds of artifacts a rule can be for, and what a rule of each may say.

* a kind that is not here has no rules: a pattern that names it is an error
* a section that only some kinds know is an error in the rules of all others, for it would have no effect
* what knows how to read each kind lies above (`kinds.table`); both name the same kinds
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from verifier.core.value import Value


class RuleKind(Value):
    """What a policy needs to know of a kind: what errors call its artifacts, the sections that it has and not every
    kind has, where its version usually stands, and where else, beside the places that every kind has; one that ends in
    a dot or a colon takes whatever follows."""

    plural: str
    version_from: str
    sections: frozenset[str] = frozenset()
    versions: tuple[str, ...] = ()


KINDS: Mapping[str, RuleKind] = MappingProxyType(
    {
        "bundle": RuleKind(
            plural="policy bundles",
            version_from="manifest.revision",
            sections=frozenset({"mode", "capabilities"}),
            versions=("manifest.revision", "manifest.metadata."),
        ),
        "image": RuleKind(
            plural="images",
            version_from="attestation.version",
            sections=frozenset({"image", "tags"}),
            versions=("label:", "annotation:", "tag"),
        ),
        "artifact": RuleKind(plural="files", version_from="attestation.version"),
    }
)
"""By the word before the colon of a pattern."""


def kind_in(pattern: str) -> str:
    """The kind that an artifact pattern is for."""
    return pattern.partition(":")[0]


def kinds_with(section: str) -> tuple[str, ...]:
    """The kinds whose rules may have `section`: every kind, unless it is only some kinds' own."""
    return tuple(kind for kind, known in KINDS.items() if section in known.sections) or tuple(KINDS)
