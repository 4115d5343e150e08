"""The reports of `verify publish`: JSON of what was published, every other format of what the gate says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from verifier.cli import output, screen
from verifier.cli.publishing.document import publication
from verifier.cli.reporting.further import Reports, styles_of, write_further
from verifier.core.errors import ConfigurationError
from verifier.reports.table import REPORTS, Screen, renderer

if TYPE_CHECKING:
    from verifier.cli.options.answer import Answer
    from verifier.cli.options.publishing.gate import Gate
    from verifier.cli.publishing.asked import Asked
    from verifier.cli.publishing.outcome import Told

_OWN: Final = frozenset({"text", "json"})
"""Formats in which is said what was published; every other is of the gate's verdict."""


def told_in(asked: Asked, gate: Gate) -> Reports:
    """The reports that are asked for; what is about the gate's verdict is refused without a gate."""
    answer = asked.answer
    if gate.gate is None:
        styles = {"--format": answer.style, **{f"--output {each}": each for each in styles_of(answer.output)}}
        for where, style in styles.items():
            if style in REPORTS and style not in (_OWN if where == "--format" else _OWN - {"text"}):
                raise ConfigurationError("is of what the gate says", where=where, hint="Give --gate POLICY.")
    from verifier.cli.options.outputs import outputs  # noqa: PLC0415 - only once it is clear what is asked

    return answer.places(outputs(gate, asked.attaching, asked.signing, asked.contents, answer, source=asked.source))


def write_reports(told: Told, answer: Answer, reports: Reports) -> None:
    """Everything but the text that is printed: JSON is of what was published, each other format of the verdict."""

    def rendered(style: str) -> Callable[[Told, Screen], str]:
        return (
            (lambda each, _: publication(each))
            if style == "json"
            else lambda each, shown: renderer(style)(each.dossier, shown)
        )

    write_further(reports, rendered, told)
    if reports.summary is not None:
        from verifier.reports.markdown import within  # noqa: PLC0415 - only in a workflow

        reports.summary.append(lambda most: within(told.dossier, most))
    if answer.style != "text":
        output.document(rendered(answer.style)(told, screen.standard_output()))
