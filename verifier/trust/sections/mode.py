"""`mode`: whether ambiguous input is refused, or read as OPA reads it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.core.reading import ReadingMode
from verifier.trust.model import ArtifactRule, RuleSection, TrustPolicy

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.formats.toml.table import Table
    from verifier.trust.names import Names

MODES = tuple(ReadingMode)


class ModeRule(RuleSection):
    """How an artifact is read."""

    name: ClassVar[str] = "mode"
    keys: ClassVar[tuple[str, ...]] = ("mode",)
    judged: ClassVar[bool] = True

    mode: ReadingMode = ReadingMode.STRICT

    @classmethod
    def parse(cls, rule: Table, names: Names) -> ModeRule:
        return cls(mode=ReadingMode(rule.choice("mode", MODES)))

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        if self.mode is ReadingMode.OPA_COMPAT:
            yield f"{rule.pattern}: ambiguous input is accepted as OPA accepts it, with warnings."

    @classmethod
    def weaknesses(cls, rule: ArtifactRule, policy: TrustPolicy, now: datetime) -> Iterator[str]:
        if cls.of(rule).mode is ReadingMode.OPA_COMPAT:
            yield 'mode = "opa-compat": what different OPA releases read differently is accepted'
