"""Reason codes of the issue in which a scheduled audit is told."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, undecided, warning

ISSUE: tuple[ReasonCode, ...] = (
    undecided(
        "issue.tracker-unavailable",
        "the issue tracker did not answer, or not as it says it does",
        cause="It could not be reached, failed, is busy, or sent a page, something cut short or something else.",
        remedy="Run it again later: what is there already is found again, and nothing is told twice.",
    ),
    undecided(
        "issue.tracker-refused",
        "the issue tracker does not let this be written",
        cause="The token is not accepted or may not write issues, there is no such repository or it has another name "
        "now, issues are off, or the limit of requests is reached.",
        remedy="Give the job `permissions: issues: write`, name the repository as it is called now, or wait.",
    ),
    undecided(
        "issue.report-outdated",
        "the issue was written by a later audit than this report's",
        cause="The report is of an earlier time than what the issue says: a file from another run.",
        remedy="Audit again, and pass the report of that run.",
    ),
    warning(
        "issue.ambiguous",
        "several issues are marked as the one of the audit",
        cause="Two runs made one each, or a marked text was copied; or a stranger has opened one that is marked.",
        remedy="Close all but the one that is named, or take the label away from them.",
    ),
)
