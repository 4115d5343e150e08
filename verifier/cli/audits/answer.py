"""How an audit answers: in which formats, and where they go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.cli import output, screen, settings
from verifier.cli.options.answer import NOW, QUIET, VERBOSE
from verifier.cli.options.option import Group, option
from verifier.cli.reporting.further import Reports, asked_for, write_further
from verifier.reports.audit.table import AUDIT_REPORTS, renderer

if TYPE_CHECKING:
    from verifier.files.output import Outputs
    from verifier.formats.audit.result import AuditResult

EXITS = {"clean": output.EXIT_ACCEPTED, "vulnerable": output.EXIT_DENIED, "undecided": output.EXIT_UNDECIDED}
"""The exit status of each outcome."""


class AuditAnswer(Group):
    """What is said of an audit."""

    panel = "Answer"
    style: str = option("--format", "Report format.", default="text", words=tuple(AUDIT_REPORTS))
    reports: tuple[str, ...] = option(
        "--output", "One more report, as in sarif=audit.sarif; repeatable.", default=(), metavar="FORMAT=FILE"
    )
    quiet: bool = QUIET
    verbose: bool = VERBOSE
    now: str | None = NOW
    correlation_id: str | None = option("--correlation-id", "Carried into the report (default: new).", default=None)

    def correlation(self) -> str:
        """The correlation id: a new one at each call where none was given."""
        return settings.correlation_id(self.correlation_id)

    def places(self, places: Outputs) -> Reports:
        """The reports of this run, and where they go; raises `ConfigurationError` before anything is audited."""
        return asked_for(self.style, self.reports, AUDIT_REPORTS, places, quiet=self.quiet, verbose=self.verbose)

    def told(self, result: AuditResult, reports: Reports) -> int:
        """Write the further reports, print the one that was asked for; the exit status."""
        write_further(reports, renderer, result)
        if reports.summary is not None:
            from verifier.reports.audit.markdown import bounded  # noqa: PLC0415 - only in a workflow

            reports.summary.append(lambda most: bounded(result, most))
        output.rendered(renderer(self.style)(result, screen.standard_output(reports.detail)), self.style)
        return EXITS[result.outcome]
