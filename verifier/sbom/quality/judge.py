"""Judging one document by one profile: a row for each rule, and reasons for what it demands and does not find.

* every rule is asked, of the document and of each of its components, and becomes a row
* a profile that is not about the document's format is asked nothing: all of its rows are not applicable
* the cost is one look at each component for each rule
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from verifier.formats.bom.document import BomDocument, Format
from verifier.sbom.quality import bsi_tr_03183_2, cisa_2025_draft, ntia, openchain_telco
from verifier.sbom.quality.report import Outcome, QualityReport, Row
from verifier.sbom.quality.rule import MISSING, Place, Profile, Rule
from verifier.sbom.quality.sheet import Node, Sheet

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


def judge_quality(document: BomDocument, profile: str) -> QualityReport:
    """Judge `document` by the profile of this name; raises `KeyError` where there is none."""
    wanted = PROFILES[profile]
    sheet = Sheet(document, wanted.without)
    why = "" if document.format in wanted.formats else _elsewhere(wanted, document.format)
    tallies = [_Tally(rule, rule.place(document.format)) for rule in wanted.rules]
    if not why:
        _ask(tallies, sheet)
    return QualityReport(
        profile=wanted,
        format=document.format,
        spec_version=document.spec_version,
        components=len(sheet.components),
        left_out=sheet.left_out,
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
