"""How a command answers: in which format, as of which time, under which correlation id."""

from __future__ import annotations

import time
from datetime import datetime

from verifier.cli import output, settings
from verifier.cli.options.option import Group, option
from verifier.core.value import replace
from verifier.core.verdict import Verdict
from verifier.reports.table import REPORTS

NOW = option("--now", "Judge as of this RFC 3339 time (tests, audits).", default=None)


class Answer(Group):
    """What is said about a verdict, and how."""

    panel = "Answer"
    style: str = option("--format", "Report format.", default="text", words=tuple(REPORTS))
    now: str | None = NOW
    correlation_id: str | None = option("--correlation-id", "Carried into every record (default: new).", default=None)

    def moment(self) -> datetime:
        """The time to judge by: it reads the clock, so ask once."""
        return settings.now(self.now)

    def correlation(self) -> str:
        """The correlation id: a new one at each call where none was given."""
        return settings.correlation_id(self.correlation_id)

    def report(self, verdict: Verdict) -> int:
        """Print the verdict; the exit status."""
        return output.report(verdict, self.style)


def timed(verdict: Verdict, started: float) -> Verdict:
    """The verdict with what the whole command took since `started`, of the same clock."""
    return replace(verdict, duration_ms=round((time.perf_counter() - started) * 1000))
