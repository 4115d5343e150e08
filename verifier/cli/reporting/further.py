"""Reports beside the one on standard output: `--output FORMAT=FILE`, for every command that reports.

* a place is asked for before anything is decided: what must not be written to ends the run with nothing done
* what is written to a file has no colours, and is as wide as a file is read
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from verifier.core.errors import ConfigurationError
from verifier.reports.table import PLAIN, Screen

if TYPE_CHECKING:
    from verifier.files.output import Output, OutputKind, Outputs

T = TypeVar("T")


class Further(NamedTuple):
    """One more report: its format, and where it goes."""

    style: str
    place: Output


def further_reports(
    given: Sequence[str], formats: Mapping[str, str], places: Outputs, kind: OutputKind
) -> tuple[Further, ...]:
    """Where the further reports go; raises `ConfigurationError` for a format that is not there, and for a file that
    must stay."""
    return tuple(_further(given, formats, places, kind)) if given else ()


def write_further(further: Sequence[Further], renderer: Callable[[str], Callable[[T, Screen], str]], what: T) -> None:
    """Write them, each whole."""
    for each in further:
        each.place.write(renderer(each.style)(what, PLAIN).encode())


def _further(given: Sequence[str], formats: Mapping[str, str], places: Outputs, kind: OutputKind) -> Iterator[Further]:
    for text in given:
        style, equals, path = text.partition("=")
        if style not in formats or not equals or not path:
            said = f"expected FORMAT=FILE, with a format out of {', '.join(formats)}, not {text[:200]!r}"
            raise ConfigurationError(said, where="--output", hint=_meant(style, formats))
        yield Further(style, places.place("--output", Path(path), kind))


def _meant(style: str, formats: Mapping[str, str]) -> str:
    """What to write, where a format without a file, or no format, was given."""
    from verifier.formats.toml.table import nearest  # noqa: PLC0415 - only for a mistake

    return f"Write --output {style}=FILE, or --format {style}." if style in formats else nearest(style, formats)
