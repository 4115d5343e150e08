"""The document of several verdicts: reports v1, described by docs/schemas/reports-v1.json.

* it holds the report of each, as one alone would be written, in the order that was asked
* its verdict is the worst of them, which the exit status is of; reading is strict, and finds the worst again
* one verdict alone is a report (`formats.verdict.document`)
"""

from __future__ import annotations

from typing import Any, Final

from verifier.core.verdict import Decision, Verdict
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.verdict import document as report
from verifier.formats.verdict.dossier import Dossier

SCHEMA: Final = "verifier/reports/v1"
MAX_REPORTS: Final = 10_000
"""Verdicts of one run."""


def write(dossier: Dossier) -> dict[str, Any]:
    """The document of these verdicts, as a JSON value: of one alone it is its report."""
    if len(dossier.verdicts) == 1:
        return report.write(dossier.verdicts[0])
    return {
        "schema": SCHEMA,
        "verdict": dossier.worst.decision.value,
        "reports": [report.write(each) for each in dossier.verdicts],
    }


def read(document: JsonValue, *, subject: str = "report") -> tuple[Verdict, ...]:
    """The verdicts that `document`, of several or of one, says; refuses as `formats.verdict.document.read` does."""
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        return (report.read(document, subject=subject),)
    with report.told_as_malformed(subject):
        fields = report.fields_of(document, subject).exactly("schema", "verdict", "reports")
        decision, found = fields.choice("verdict", Decision), fields.objects("reports", most=MAX_REPORTS)
        if len(found) < 2:
            raise fields.refusal("reports", "are fewer than two, and one alone is a report of its own")
        verdicts = tuple(report.read(dict(each.value), subject=subject) for each in found)
        if Dossier(verdicts=verdicts).worst.decision is not decision:
            raise fields.refusal("verdict", f"is {decision.value}, which the reports do not lead to")
        return verdicts
