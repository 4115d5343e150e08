"""What the action tells people: findings as annotations, and the job's summary.

* every text of somebody else is escaped for where it stands
* the summary is the report in Markdown, and below it where the memory stands and what the next run needs
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tools.action.asked import Asked
from tools.action.judging import REPORTS, Judged, read_report
from tools.action.runner import LONGEST_SUMMARY, Runner
from verifier.core.outcome import cleared
from verifier.formats.verdict.dossier import Dossier
from verifier.reports.markdown import within
from verifier.reports.media.escaping import cell


def findings(runner: Runner, judged: Judged, folder: Path) -> None:
    """An annotation for each reason; for what the command said, where there is no report."""
    if judged.verdicts:
        print((folder / REPORTS["github"]).read_text(encoding="utf-8"), flush=True)
    else:
        runner.annotate("error", "Nothing was decided", judged.said.strip()[:4000] or "there is no report")


def standing(asked: Asked, environment: Mapping[str, str], *, head: str) -> str:
    """The job's summary."""
    verdicts = read_report(Path(asked.reports))
    if verdicts:
        report = within(Dossier(verdicts=verdicts), LONGEST_SUMMARY - 10_000)
    else:
        report = f"Nothing was decided about {cell(cleared(', '.join(asked.refs)))}."
    rows = [("Memory", asked.memory), ("Its head", head), ("Published", environment.get("REFERENCE", ""))]
    known = [f"| {name} | {cell(text)} |" for name, text in rows if text]
    advice = (
        f"\nThe next run needs `expect-head: {head}`, or an earlier head.\n" if head and not asked.expect_head else ""
    )
    return "\n".join([report.rstrip(), "", "| | |", "|---|---|", *known, advice])
