"""Judging one document by one profile: a row for each rule, and reasons for what it demands and does not find.

* every rule is a row: passed, failed, or not applicable with the reason; nothing is passed that was not looked at
* one reason for each rule that is broken: a MUST denies, a SHOULD warns, a MAY is a note
* a profile that is not about the document's format is a denial: what was asked for could not be found out
* the cost is one look at each component for each rule
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from verifier.core.outcome import Reason
from verifier.core.severity import Severity
from verifier.core.value import Value, field
from verifier.formats.bom.document import BomDocument, Format
from verifier.sbom.quality import bsi_tr_03183_2, cisa_2025_draft, ntia, openchain_telco
from verifier.sbom.quality.rule import MISSING, Place, Profile, Rule
from verifier.sbom.quality.sheet import Node, Sheet

Outcome = Literal["passed", "failed", "not applicable"]

PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            ntia.PROFILE,
            cisa_2025_draft.PROFILE,
            bsi_tr_03183_2.PROFILE,
            openchain_telco.PROFILE,
        )
    }
)
"""By the names that the command and the policy have for them."""

MAX_OFFENDERS: Final = 5
"""Components that a row names: whoever mends five finds the others."""
_SEVERITIES: Final = {"MUST": Severity.ERROR, "SHOULD": Severity.WARNING, "MAY": Severity.NOTE}


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


class QualityReport(Value):
    """What came of one profile: `why` where it is not about such documents at all."""

    profile: Profile
    format: Format
    spec_version: str
    components: int
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
            return (Reason(code="sbom.quality", subject=self.profile.name, message=f"not applicable: {self.why}"),)
        return tuple(self._reason(row) for row in self.rows if row.outcome == "failed")

    def _reason(self, row: Row) -> Reason:
        rule = row.rule
        where = f"{rule.element} ({self.profile.title}, {rule.section}, {rule.level})"
        offenders = "; ".join(f"{label}: {problem}" for label, problem in row.offenders)
        more = f"; {row.failed - len(row.offenders)} more" if row.failed > len(row.offenders) else ""
        of = f" in {row.failed} of {row.judged} components" if row.rule.place(self.format).component else ""
        message = f"{where}{of}, looked for at {row.path}: {offenders}{more}"
        return Reason(code="sbom.quality", subject=self.profile.name, message=message, severity=_SEVERITIES[rule.level])


def judge_quality(document: BomDocument, profile: str) -> QualityReport:
    """Judge `document` by the profile of this name; raises `KeyError` where there is none."""
    wanted = PROFILES[profile]
    sheet = Sheet(document)
    why = "" if document.format in wanted.formats else _elsewhere(wanted, document.format)
    tallies = [_Tally(rule, rule.place(document.format)) for rule in wanted.rules]
    if not why:
        _ask(tallies, sheet)
    return QualityReport(
        profile=wanted,
        format=document.format,
        spec_version=document.spec_version,
        components=len(sheet.components),
        rows=tuple(tally.row(why) for tally in tallies),
        why=why,
    )


def _ask(tallies: list[_Tally], sheet: Sheet) -> None:
    for tally in tallies:
        if check := tally.place.document:
            tally.judged = 1
            tally.note(check(sheet, sheet.tree), sheet, sheet.tree)
    asked = [(tally, check) for tally in tallies if (check := tally.place.component)]
    for tally, _ in asked:
        tally.judged = len(sheet.components)
    for node in sheet.components:
        for tally, check in asked:
            if problem := check(sheet, node):
                tally.note(problem, sheet, node)


def _elsewhere(profile: Profile, format_: Format) -> str:
    written = {"cyclonedx": "CycloneDX", "spdx": "SPDX"}
    about = " and ".join(written[each] for each in profile.formats)
    return f"{profile.title} is about {about} documents only, and this is {written[format_]}"


_NONE_THERE: Final = "demanded only where it exists, and the document has none"


class _Tally:
    """What has come of one rule so far."""

    __slots__ = ("failed", "judged", "missing", "offenders", "place", "rule")

    def __init__(self, rule: Rule, place: Place) -> None:
        self.rule, self.place = rule, place
        self.judged = self.failed = self.missing = 0
        self.offenders: list[tuple[str, str]] = []

    def note(self, problem: str, sheet: Sheet, node: Node) -> None:
        """Count what is wrong with one component, or with the document; the first are kept by their names."""
        if not problem:
            return
        if self.rule.if_any and problem is MISSING:
            self.missing += 1
            return
        self.failed += 1
        if len(self.offenders) < MAX_OFFENDERS:
            self.offenders.append((sheet.label(node), problem))

    def row(self, why: str) -> Row:
        """The row; `why` says why the profile is not about such documents, if it is not."""
        outcome: Outcome = "failed" if self.failed else "passed"
        said = why or self.place.why
        if not said and not self.failed:
            said = self._said()
        if why or self.place.why or (not self.failed and self.missing == self.judged):
            outcome = "not applicable"
        return Row(
            rule=self.rule,
            path=self.place.path,
            outcome=outcome,
            why=said,
            judged=self.judged,
            failed=self.failed,
            missing=self.missing,
            offenders=tuple(self.offenders),
        )

    def _said(self) -> str:
        if self.missing == self.judged:
            return _NONE_THERE if self.judged else "the document lists no component"
        return f"{self.missing} of {self.judged} have none, which is no fault where none exists" if self.missing else ""
