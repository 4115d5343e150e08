"""How an audit answers: in which formats, and where they go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.cli import output, screen, settings
from verifier.cli.options.answer import NOW
from verifier.cli.options.option import Group, option
from verifier.cli.reporting.further import Further, further_reports, write_further
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
    now: str | None = NOW
    correlation_id: str | None = option("--correlation-id", "Carried into the report (default: new).", default=None)

    def correlation(self) -> str:
        """The correlation id: a new one at each call where none was given."""
        return settings.correlation_id(self.correlation_id)

    def places(self, places: Outputs) -> tuple[Further, ...]:
        """Where the further reports go; raises `ConfigurationError` before anything is audited."""
        from verifier.files.output import OutputKind  # noqa: PLC0415 - once the command line is right

        places.reserve_standard_output("the answer")
        return further_reports(self.reports, AUDIT_REPORTS, places, OutputKind.AUDIT)

    def told(self, result: AuditResult, further: tuple[Further, ...]) -> int:
        """Write the further reports, print the one that was asked for; the exit status."""
        write_further(further, renderer, result)
        output.document(renderer(self.style)(result, screen.standard_output()))
        return EXITS[result.outcome]
