"""How a command answers: in which format, as of which time, under which correlation id."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from verifier.cli import output, screen, settings
from verifier.cli.options.option import Group, option
from verifier.cli.reporting.further import Reports, asked_for, write_further
from verifier.core.value import replace
from verifier.core.verdict import Verdict
from verifier.formats.verdict.dossier import Dossier
from verifier.reports.table import REPORTS, SHOW_MORE, renderer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verifier.core.document import Document
    from verifier.files.output import Outputs
    from verifier.ledger.interface import Ledger

_NO_MORE = Reports()
QUIET = option("-q --quiet", "Of the text, the line that decides and the codes of errors.", default=False)
VERBOSE = option("-v --verbose", "In the text, all that is known: evidence, inputs, digests.", default=False)
NOW = option("--now", "Judge as of this RFC 3339 time (tests, audits).", default=None)


class Answer(Group):
    """What is said about a verdict, and how."""

    panel = "Answer"
    style: str = option("--format", "Report format.", default="text", words=tuple(REPORTS))
    output: tuple[str, ...] = option(
        "--output", "One more report, as in json=report.json; repeatable.", default=(), metavar="FORMAT=FILE"
    )
    quiet: bool = QUIET
    verbose: bool = VERBOSE
    now: str | None = NOW
    correlation_id: str | None = option("--correlation-id", "Carried into every record (default: new).", default=None)

    def moment(self) -> datetime:
        """The time to judge by: it reads the clock, so ask once."""
        return settings.now(self.now)

    def correlation(self) -> str:
        """The correlation id: a new one at each call where none was given."""
        return settings.correlation_id(self.correlation_id)

    def places(self, places: Outputs) -> Reports:
        """The reports of this run, and where they go; raises `ConfigurationError` before anything is decided."""
        if (self.style, self.output, self.quiet, self.verbose) == ("text", (), False, False):
            return _NO_MORE
        return asked_for(self.style, self.output, REPORTS, places, quiet=self.quiet, verbose=self.verbose)

    def beside(self, verdict: Verdict, ledger: Ledger, sboms: Sequence[Document], reports: Reports) -> dict[str, Any]:
        """What is known beside the verdict, where a report of this run shows it."""
        if SHOW_MORE.isdisjoint((self.style, *(each.style for each in reports.further))):
            return {}
        from verifier.cli.reporting.beside import beside  # noqa: PLC0415 - few formats show it

        return beside(verdict, ledger, sboms)

    def report(self, dossier: Dossier, reports: Reports = _NO_MORE) -> int:
        """Write the further reports, print the one that was asked for; the exit status."""
        write_further(reports, renderer, dossier)
        if reports.summary is not None:
            from verifier.reports.markdown import within  # noqa: PLC0415 - only in a workflow

            reports.summary.append(lambda most: within(dossier, most))
        return output.report(dossier, self.style, screen.standard_output(reports.detail))


def timed(verdict: Verdict, started: float) -> Verdict:
    """The verdict with what the whole command took since `started`, of the same clock."""
    return replace(verdict, duration_ms=round((time.perf_counter() - started) * 1000))
