"""How a report that was read is shown again: in which formats, and where they go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from verifier.cli.audits.answer import AuditAnswer
from verifier.cli.options.answer import QUIET, VERBOSE, Answer
from verifier.cli.options.option import Group, option
from verifier.core.errors import ConfigurationError
from verifier.reports.audit.table import AUDIT_REPORTS
from verifier.reports.table import REPORTS

if TYPE_CHECKING:
    from verifier.files.output import Outputs
    from verifier.formats.audit.result import AuditResult
    from verifier.formats.verdict.dossier import Dossier

_ALL = tuple(dict.fromkeys((*REPORTS, *AUDIT_REPORTS)))


class Rendered(Group):
    """The formats of verdicts, and of an audit where that is all there is."""

    panel = "Answer"
    style: str = option("--format", "Report format.", default="text", words=_ALL)
    output: tuple[str, ...] = option(
        "--output", "One more report, as in html=report.html; repeatable.", default=(), metavar="FORMAT=FILE"
    )
    quiet: bool = QUIET
    verbose: bool = VERBOSE

    def verdicts(self, dossier: Dossier, places: Outputs) -> int:
        """Show verdicts; the exit status that they stand for."""
        self._require(REPORTS, "an audit", "verdicts")
        answer = Answer(style=self.style, output=self.output, quiet=self.quiet, verbose=self.verbose)
        return answer.report(dossier, answer.places(places))

    def audit(self, result: AuditResult, places: Outputs) -> int:
        """Show an audit; the exit status that it stands for."""
        self._require(AUDIT_REPORTS, "verdicts", "an audit")
        answer = AuditAnswer(style=self.style, reports=self.output, quiet=self.quiet, verbose=self.verbose)
        return answer.told(result, answer.places(places))

    def _require(self, formats: Mapping[str, str], other: str, this: str) -> None:
        if self.style not in formats:
            hint = f"Of {this} there are: {', '.join(formats)}."
            raise ConfigurationError(
                f"{self.style} is a format of {other}, and this is {this}", where="--format", hint=hint
            )
