"""Reports beside the one on standard output: `--output FORMAT=FILE`, for every command that reports.

* a place is asked for before anything is decided: what must not be written to ends the run with nothing done
* what is written to a file has no colours, and is as wide as a file is read
* standard output is what `--format` prints, and no file; the summary of GitHub's job is one more place, where the
  format is `github` (`cli.reporting.summary`)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from verifier.cli.screen import detail_of
from verifier.core.errors import ConfigurationError
from verifier.core.value import Value, replace
from verifier.reports.table import PLAIN, Detail, Screen

if TYPE_CHECKING:
    from verifier.cli.reporting.summary import StepSummary
    from verifier.files.output import Outputs

T = TypeVar("T")
_STANDARD = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


class Place(Protocol):
    """Where a report goes."""

    def write(self, content: bytes, /) -> None:
        """Write it, whole."""


class Further(Value):
    """One more report: its format, and where it goes."""

    style: str
    place: Place


class Reports(Value):
    """The reports of a run besides the one that is printed, and how much of a text was asked for."""

    further: tuple[Further, ...] = ()
    detail: Detail = "usual"
    summary: StepSummary | None = None


def asked_for(
    style: str, given: Sequence[str], formats: Mapping[str, str], places: Outputs, *, quiet: bool, verbose: bool
) -> Reports:
    """The reports of a run whose own has the format `style`; raises `ConfigurationError` for a format that is not
    there, and for a place that must stay as it is."""
    styles = (style, *styles_of(given))
    detail = detail_of(quiet=quiet, verbose=verbose, formats=styles)
    places.reserve_standard_output("the report")
    summary = None
    if style == "github":
        from verifier.cli.reporting.summary import step_summary  # noqa: PLC0415 - only in a workflow

        summary = step_summary(places)
    return Reports(further=tuple(_further(given, formats, places)), detail=detail, summary=summary)


def styles_of(given: Sequence[str]) -> tuple[str, ...]:
    """The formats of further reports, right or not."""
    return tuple(text.partition("=")[0] for text in given)


def write_further(reports: Reports, renderer: Callable[[str], Callable[[T, Screen], str]], what: T) -> None:
    """Write them, each whole."""
    shown = replace(PLAIN, detail=reports.detail)
    for each in reports.further:
        each.place.write(renderer(each.style)(what, shown).encode())


def _further(given: Sequence[str], formats: Mapping[str, str], places: Outputs) -> Iterator[Further]:
    for text in given:
        from verifier.files.output import OutputKind  # noqa: PLC0415 - only where a file is written

        style, equals, path = text.partition("=")
        if style not in formats or not equals or not path:
            said = f"expected FORMAT=FILE, with a format out of {', '.join(formats)}, not {text[:200]!r}"
            raise ConfigurationError(said, where="--output", hint=_meant(style, formats, text))
        if path in _STANDARD:
            message = "names standard output, where the report of --format goes"
            raise ConfigurationError(message, where="--output", hint=f"Write --format {style}, or name a file.")
        yield Further(style=style, place=places.place("--output", Path(path), OutputKind.REPORT))


def _meant(style: str, formats: Mapping[str, str], text: str) -> str:
    """What to write, where a format without a file, or no format, was given."""
    from verifier.formats.toml.table import nearest  # noqa: PLC0415 - only for a mistake

    _, dot, ending = text.rpartition(".")
    if "=" not in text and dot and ending in formats:
        return f"Write --output {ending}={text[:200]}."
    return f"Write --output {style}=FILE, or --format {style}." if style in formats else nearest(style, formats)
