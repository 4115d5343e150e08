"""What came of the bills of materials of one artifact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.formats.json.strict_json import JsonValue

MATCHED_LEVEL: Final = "POLICY_VERIFIER_SBOM_MATCHES"
"""A `verifiedLevels` value of ours: a signed SBOM was held against what the artifact contains, and is true."""
QUALITY_LEVEL: Final = "POLICY_VERIFIER_SBOM_"
"""What such values begin with that name a profile which a signed SBOM satisfies."""
UNEVALUATED_LEVEL: Final = "SLSA_BUILD_LEVEL_UNEVALUATED"
"""SLSA's level of a dependency that is known, and of whose build nothing was verified."""


class SbomJudgement(Value):
    """What there is to say of the SBOMs that count for one artifact.

    `reasons` are all of it, errors, warnings and notes; `levels` what is reached where nothing denies. `dependencies`
    is how many packages the artifact contains, None where nobody has counted. `facts` are the documents and how they
    compare, for the organisation's rules.
    """

    reasons: tuple[Reason, ...]
    levels: tuple[str, ...] = ()
    dependencies: int | None = None
    facts: tuple[Mapping[str, JsonValue], ...] = field(default=(), repr=False)


def with_unevaluated(levels: Mapping[str, int], packages: int) -> Mapping[str, int]:
    """`levels` of the dependencies that provenance lists, and so many `packages` beside them, of whose builds nothing
    is known. An artifact that contains none has no dependency: the map is empty, as SLSA writes that."""
    unevaluated = levels.get(UNEVALUATED_LEVEL, 0) + packages
    return {**levels, UNEVALUATED_LEVEL: unevaluated} if unevaluated else levels
