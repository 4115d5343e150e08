"""What came of judging a document by a profile: a row for each rule, and the reasons that follow.

* every rule is a row: passed, failed, or not applicable with the reason; nothing is passed that was not looked at
* one reason for each rule that is broken: a MUST denies, a SHOULD warns, a MAY is a note
* a profile that is not about the document's format is a denial: what was asked for could not be found out
"""

from __future__ import annotations

from typing import Final, Literal

from verifier.core.outcome import Reason
from verifier.core.severity import Severity
from verifier.core.value import Value, field
from verifier.formats.bom.document import Format
from verifier.formats.json.strict_json import JsonValue
from verifier.sbom.quality.rule import Profile, Rule
from verifier.sbom.quality.sheet import WHOLE

Outcome = Literal["passed", "failed", "not applicable"]

_SEVERITIES: Final = {"MUST": Severity.ERROR, "SHOULD": Severity.WARNING, "MAY": Severity.NOTE}


_ANOTHER: Final = "Ask for a profile that is about documents of this format, or for the SBOM in the profile's format."


def told(label: str, problem: str) -> str:
    """What is wrong with what; of the document as a whole, the problem alone."""
    return problem if label == WHOLE else f"{label}: {problem}"


class Row(Value):
    """What came of one rule.

    `why` says why it is not applicable, or what a person should know though it is passed. `judged` are the components
    that were looked at, 1 for the document as a whole; `failed` how many are wrong, `missing` how many have none of
    what is demanded only where it exists. `offenders` are the first that are wrong: what they are called, and how.
    """

    rule: Rule
    path: str
    outcome: Outcome
    why: str = ""
    judged: int = 0
    failed: int = 0
    missing: int = 0
    offenders: tuple[tuple[str, str], ...] = ()

    def document(self) -> JsonValue:
        """The row as JSON values."""
        return {
            "element": self.rule.element,
            "section": self.rule.section,
            "level": self.rule.level,
            "outcome": self.outcome,
            "path": self.path or None,
            "why": self.why or None,
            "judged": self.judged,
            "failed": self.failed,
            "missing": self.missing,
            "offenders": [{"component": component, "problem": problem} for component, problem in self.offenders],
        }


class QualityReport(Value):
    """What came of one profile: `why` where it is not about such documents at all.

    `components` were judged, `left_out` were not: of types that the profile is not about.
    """

    profile: Profile
    format: Format
    spec_version: str
    components: int
    left_out: int = 0
    rows: tuple[Row, ...] = field(repr=False)
    why: str = ""

    def count(self, outcome: Outcome) -> int:
        """Rules with this outcome."""
        return sum(row.outcome == outcome for row in self.rows)

    @property
    def conforms(self) -> bool:
        """Whether the profile is about such documents, and nothing is broken that must be."""
        return not self.why and not any(row.outcome == "failed" and row.rule.level == "MUST" for row in self.rows)

    def reasons(self) -> tuple[Reason, ...]:
        """One for each rule that is broken, in the order of the table."""
        if self.why:
            message = f"not applicable: {self.why}"
            return (Reason(code="sbom.quality", subject=self.profile.name, message=message, hint=_ANOTHER),)
        return tuple(self._reason(row) for row in self.rows if row.outcome == "failed")

    def _reason(self, row: Row) -> Reason:
        rule = row.rule
        where = f"{rule.element} ({self.profile.title}, {rule.section}, {rule.level})"
        offenders = "; ".join(told(*each) for each in row.offenders)
        more = f"; {row.failed - len(row.offenders)} more" if row.failed > len(row.offenders) else ""
        of = f" in {row.failed} of {row.judged} components" if row.rule.place(self.format).component else ""
        message = f"{where}{of}, looked for at {row.path}: {offenders}{more}"
        return Reason(code="sbom.quality", subject=self.profile.name, message=message, severity=_SEVERITIES[rule.level])

    def document(self) -> JsonValue:
        """The report as JSON values."""
        return {
            "profile": self.profile.name,
            "title": self.profile.title,
            "conforms": self.conforms,
            "notApplicable": self.why or None,
            "components": self.components,
            "leftOut": self.left_out,
            "rules": [row.document() for row in self.rows],
        }
