"""What the action tells people: findings as annotations, and the job's summary.

* every text of somebody else is escaped for where it stands
* the summary is the report in Markdown, and below it where the memory stands and what the next run needs
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tools.action.asked import Asked
from tools.action.commands import Ran
from tools.action.judging import REPORT_FILES, WORDS, Judged
from tools.action.runner import Runner
from verifier.reports.audit.escaping import cell, plain

MOST_SHOWN = 10
"""Annotations of one level that a step shows."""
_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def findings(runner: Runner, judged: Judged, ran: Ran) -> None:
    """An annotation for each reason; for what the command said, where there is no report."""
    if judged.status not in WORDS or not judged.reports:
        runner.annotate("error", "Nothing was decided", ran.err.strip()[:4000] or "the command wrote no report")
        return
    for severity, level in _LEVELS.items():
        found = [reason for each in judged.reports for reason in each["reasons"] if reason["severity"] == severity]
        for reason in found[:MOST_SHOWN]:
            text = f"{plain(reason['subject'])}: {plain(reason['message'])}\n{plain(reason['hint'])}"
            runner.annotate(level, reason["code"], text)


def standing(asked: Asked, environment: Mapping[str, str], *, head: str) -> str:
    """The job's summary."""
    file = Path(asked.reports) / REPORT_FILES["markdown"]
    report = (
        file.read_text(encoding="utf-8")
        if file.exists()
        else f"Nothing was decided about {cell(', '.join(asked.refs))}.\n"
    )
    rows = [("Memory", asked.memory), ("Its head", head), ("Published", environment.get("REFERENCE", ""))]
    known = [f"| {name} | {cell(text)} |" for name, text in rows if text]
    advice = (
        f"\nThe next run needs `expect-head: {head}`, or an earlier head.\n" if head and not asked.expect_head else ""
    )
    return "\n".join([report.rstrip(), "", "| | |", "|---|---|", *known, advice])
