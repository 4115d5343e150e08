"""`vulnerabilities`: the worst finding that is still accepted. This release cannot judge it, and denies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from verifier.core.value import field
from verifier.trust import vocabulary
from verifier.trust.model import ArtifactRule, RuleSection

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.formats.toml.table import Table
    from verifier.trust.names import Names

SEVERITIES = ("none", "low", "medium", "high", "critical")


class VulnerabilityRule(RuleSection):
    """The worst severity that is still accepted, and the file of excused findings with what is in it."""

    name: ClassVar[str] = "vulnerabilities"
    keys: ClassVar[tuple[str, ...]] = ("vulnerabilities.max_severity", "vulnerabilities.exceptions")

    max_severity: str
    exceptions: str | None = None
    excused: bytes | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, rule: Table, names: Names) -> VulnerabilityRule:
        table = cls.table_in(rule, "vulnerabilities")
        table.required("max_severity")
        exceptions = table.checked_text("exceptions", vocabulary.check_path)
        return cls(
            max_severity=table.choice("max_severity", SEVERITIES),
            exceptions=exceptions,
            excused=None if exceptions is None else names.files.read(table, "exceptions", exceptions),
        )

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        excused = f", but for those in {self.exceptions}" if self.exceptions is not None else ""
        yield f"{rule.pattern}: no vulnerability worse than {self.max_severity} is accepted{excused}."
