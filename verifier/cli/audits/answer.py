"""How an audit answers: in which formats, and where they go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from verifier.cli import output, screen, settings
from verifier.cli.options.answer import NOW
from verifier.cli.options.option import Group, option
from verifier.core.errors import ConfigurationError
from verifier.formats.toml.table import nearest
from verifier.reports.audit.table import AUDIT_REPORTS, renderer

if TYPE_CHECKING:
    from verifier.files.output import Output, Outputs
    from verifier.formats.audit.result import AuditResult

EXITS = {"clean": output.EXIT_ACCEPTED, "vulnerable": output.EXIT_DENIED, "undecided": output.EXIT_UNDECIDED}
"""The exit status of each outcome."""


class Report(NamedTuple):
    """One more report: its format, and where it goes."""

    style: str
    place: Output


class AuditAnswer(Group):
    """What is said of an audit."""

    panel = "Answer"
    style: str = option("--format", "Report format.", default="text", words=tuple(AUDIT_REPORTS))
    reports: tuple[str, ...] = option(
        "--report", "One more report, as in sarif=audit.sarif; repeatable.", default=(), metavar="FORMAT=FILE"
    )
    now: str | None = NOW
    correlation_id: str | None = option("--correlation-id", "Carried into the report (default: new).", default=None)

    def correlation(self) -> str:
        """The correlation id: a new one at each call where none was given."""
        return settings.correlation_id(self.correlation_id)

    def places(self, outputs: Outputs) -> tuple[Report, ...]:
        """Where the further reports go; raises `ConfigurationError` before anything is audited."""
        outputs.reserve_standard_output("the answer")
        return tuple(self._places(outputs))

    def _places(self, outputs: Outputs) -> Iterator[Report]:
        from verifier.files.output import OutputKind  # noqa: PLC0415 - only where a file is written

        for text in self.reports:
            style, equals, path = text.partition("=")
            if style not in AUDIT_REPORTS or not equals or not path:
                said = f"expected FORMAT=FILE, with a format out of {', '.join(AUDIT_REPORTS)}, not {text[:200]!r}"
                raise ConfigurationError(said, where="--report", hint=_meant(style))
            yield Report(style, outputs.place("--report", Path(path), OutputKind.AUDIT))

    def told(self, result: AuditResult, further: tuple[Report, ...]) -> int:
        """Write the further reports, print the one that was asked for; the exit status."""
        shown = screen.standard_output()
        plain = type(shown)()
        for each in further:
            each.place.write(renderer(each.style)(result, plain).encode())
        output.document(renderer(self.style)(result, shown))
        return EXITS[result.outcome]


def _meant(style: str) -> str:
    """What to write, where a format without a file, or no format, was given."""
    return (
        f"Write --report {style}=FILE, or --format {style}."
        if style in AUDIT_REPORTS
        else nearest(style, AUDIT_REPORTS)
    )
