"""`offline_grace`: how long a loader may go on with what a ledger has confirmed that cannot be reached.

* never longer than seven days: a floor that is set meanwhile does not bind who cannot hear of it
"""

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

MAX_OFFLINE_GRACE = timedelta(days=7)
"""For so long at most may a loader go on without its ledger."""


class OfflineGraceRule(RuleSection):
    """The grace, or None: without its ledger a loader denies."""

    name: ClassVar[str] = "offline_grace"
    keys: ClassVar[tuple[str, ...]] = ("offline_grace",)
    judged: ClassVar[bool] = True

    longest: timedelta | None = None

    @classmethod
    def parse(cls, rule: Table, names: Names) -> OfflineGraceRule:
        grace = rule.duration("offline_grace")
        if grace is not None and grace > MAX_OFFLINE_GRACE:
            longest = format_duration(MAX_OFFLINE_GRACE)
            raise rule.error("offline_grace", f"is {format_duration(grace)}, expected at most {longest}")
        return cls(longest=grace)

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        if self.longest is not None:
            grace = format_duration(self.longest)
            yield f"{rule.pattern}: without its ledger, a loader may go on for {grace} with what was accepted before."

    @classmethod
    def weaknesses(cls, rule: ArtifactRule, policy: TrustPolicy, now: datetime) -> Iterator[str]:
        longest = cls.of(rule).longest
        if longest is not None:
            yield f"without its ledger a loader goes on for {format_duration(longest)}: no new floor binds it"

    @classmethod
    def starter(cls, kind: str) -> str:
        meaning = "# a loader without its ledger goes on for so long"
        return f'# offline_grace = "15m"                                     {meaning}\n'
