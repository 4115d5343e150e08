"""`freshness`: how old the newest signed time may be, and how long before its end that is said.

* the warning comes in time for a release to be signed anew: without a `freshness_warning` in its last tenth
* it denies nothing, and so is no part of the effective rule
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


class FreshnessRule(RuleSection):
    """The age at which what was signed is too old, if there is one."""

    name: ClassVar[str] = "freshness"
    keys: ClassVar[tuple[str, ...]] = ("freshness", "freshness_warning")
    judged: ClassVar[bool] = True
    aside: ClassVar[tuple[str, ...]] = ("warned",)

    longest: timedelta | None = None
    warned: timedelta | None = None

    @classmethod
    def parse(cls, rule: Table, names: Names) -> FreshnessRule:
        longest, warned = rule.duration("freshness"), rule.duration("freshness_warning")
        if warned is not None and longest is None:
            raise rule.error(
                "freshness_warning", "says how long before the end of what is not there", "Add `freshness`."
            )
        if warned is not None and longest is not None and warned >= longest:
            hint = "Name a shorter time: a release is always that near to its end."
            raise rule.error("freshness_warning", f"is not shorter than freshness, {format_duration(longest)}", hint)
        return cls(longest=longest, warned=warned)

    @property
    def ending(self) -> timedelta | None:
        """How long before its end a freshness is said to end; None where it never does."""
        return None if self.longest is None else self.warned or self.longest / 10

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        if self.longest is not None:
            longest = format_duration(self.longest)
            yield f"{rule.pattern}: its newest signed time must not be older than {longest}; {_warned(self)}."

    @classmethod
    def weaknesses(cls, rule: ArtifactRule, policy: TrustPolicy, now: datetime) -> Iterator[str]:
        if cls.of(rule).longest is None:
            yield "no freshness: a source that is frozen at an old artifact is not noticed"

    @classmethod
    def starter(cls, kind: str) -> str:
        return (
            'freshness = "90d"                                           # a signature must not be older\n'
            'freshness_warning = "14d"                                   # warns so long before: sign anew by then\n'
        )


def _warned(section: FreshnessRule) -> str:
    ending = section.ending or timedelta(0)
    whole = timedelta(days=ending.days) if ending.days else ending
    return f"a warning is given {format_duration(whole)} before"
