"""`sbom`: what is asked of a bill of materials. This release cannot judge it, and denies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from verifier.trust.model import ArtifactRule, RuleSection

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.formats.toml.table import Table
    from verifier.trust.names import Names

QUALITIES = ("ntia",)


class SbomRule(RuleSection):
    """What is asked of a bill of materials."""

    name: ClassVar[str] = "sbom"
    keys: ClassVar[tuple[str, ...]] = ("sbom.required", "sbom.must_match_contents", "sbom.quality")

    required: bool
    must_match_contents: bool
    quality: str | None = None

    @classmethod
    def parse(cls, rule: Table, names: Names) -> SbomRule:
        table = cls.table_in(rule, "sbom")
        return cls(
            required=table.flag("required", default=True),
            must_match_contents=table.flag("must_match_contents", default=False),
            quality=table.choice("quality", QUALITIES) if "quality" in table.values else None,
        )

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        asked = ["it must have an SBOM" if self.required else "it may have an SBOM"]
        if self.must_match_contents:
            asked.append("which must match its contents")
        if self.quality is not None:
            asked.append(f"of the quality {self.quality}")
        yield f"{rule.pattern}: {', '.join(asked)}."
