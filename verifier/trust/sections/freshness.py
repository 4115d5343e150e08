"""`freshness`: how old the newest signed time may be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from verifier.core.clock import format_duration
from verifier.trust.model import ArtifactRule, RuleSection, TrustPolicy

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.formats.toml.table import Table
    from verifier.trust.names import Names


class FreshnessRule(RuleSection):
    """The age at which what was signed is too old, if there is one."""

    name: ClassVar[str] = "freshness"
    keys: ClassVar[tuple[str, ...]] = ("freshness",)
    judged: ClassVar[bool] = True

    longest: timedelta | None = None

    @classmethod
    def parse(cls, rule: Table, names: Names) -> FreshnessRule:
        return cls(longest=rule.duration("freshness"))

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        if self.longest is not None:
            longest = format_duration(self.longest)
            yield f"{rule.pattern}: its newest signed time must not be older than {longest}."

    @classmethod
    def weaknesses(cls, rule: ArtifactRule, policy: TrustPolicy, now: datetime) -> Iterator[str]:
        if cls.of(rule).longest is None:
            yield "no freshness: a source that is frozen at an old artifact is not noticed"

    @classmethod
    def starter(cls, kind: str) -> str:
        return 'freshness = "90d"                                           # a signature must not be older\n'
