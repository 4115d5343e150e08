"""What came of checking an SBOM, in the formats that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from verifier.cli import output, screen
from verifier.cli.options.answer import Answer
from verifier.cli.reporting.further import Reports, write_further
from verifier.cli.sboms.checked import Checked, dossier_of
from verifier.cli.sboms.document import answer_document
from verifier.cli.sboms.lines import lines_of
from verifier.formats.json.write import page
from verifier.reports.table import Screen, renderer


def report(checked: Checked, told: Answer, reports: Reports) -> int:
    """Write the further reports, print the one that was asked for; the exit status."""

    def rendered(style: str) -> Callable[[Checked, Screen], str]:
        return _FORMATS.get(style) or (lambda each, shown: renderer(style)(dossier_of(each, told), shown))

    write_further(reports, rendered, checked)
    if reports.summary is not None:
        from verifier.reports.markdown import within  # noqa: PLC0415 - only in a workflow

        reports.summary.append(lambda most: within(dossier_of(checked, told), most))
    output.rendered(rendered(told.style)(checked, screen.standard_output(reports.detail)), told.style)
    if checked.answer.passed:
        return output.EXIT_ACCEPTED
    return output.EXIT_UNDECIDED if checked.answer.undecided else output.EXIT_DENIED


def _page(checked: Checked, _: Screen) -> str:
    return page(answer_document(checked.answer, checked.name, checked.against))


def _text(checked: Checked, shown: Screen) -> str:
    return "\n".join(lines_of(checked, shown)) + "\n"


_FORMATS: Mapping[str, Callable[[Checked, Screen], str]] = {"text": _text, "json": _page}
"""Those that say more of an SBOM than a verdict does; every other is of the verdict."""
