"""One benchmark, measured: what it found, and what it could not measure."""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CalledProcessError

from benchmarks.catalogue import BENCHMARKS, Benchmark
from benchmarks.curves.curve import Curve
from benchmarks.harness import Row, load, platform_line, version_of
from benchmarks.peers import absent
from benchmarks.results.store import Conditions, Section
from benchmarks.results.table import line, time

Show = Callable[[str], object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """`section` is None where nothing was measured; `problems`: what could not be; `defects`: what grows too fast, or
    what a side did in place of its work."""

    section: Section | None
    problems: tuple[str, ...] = ()
    defects: tuple[str, ...] = ()


def measure(name: str, *, show: Show, benchmark: Benchmark | None = None) -> Found:
    """Measure it, and show each row as it is found."""
    asked = benchmark or BENCHMARKS[name]
    lacking = tuple(f"not measured: {name}: {peer} is missing" for peer in absent(asked.peers))
    before = load()
    try:
        return _measured(name, asked, lacking, before, show)
    except Exception as error:  # noqa: BLE001 - the others are measured, and the run fails
        told = "".join(traceback.format_exception(error))
        return Found(section=None, problems=lacking, defects=(f"broken: {name}: {told}{_said(error)}",))


def _said(error: Exception) -> str:
    """What a process wrote before it failed."""
    written = error.stderr if isinstance(error, CalledProcessError) else None
    return written.decode(errors="replace") if isinstance(written, bytes) else written or ""


def _measured(name: str, asked: Benchmark, lacking: tuple[str, ...], before: str, show: Show) -> Found:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        if asked.is_curve:
            curve = asked.curve()(Path(folder))
            _tell(curve, show)
            section = Section(conditions=_conditions(name, asked, before), curve=curve)
            defects = tuple(f"worse than linear: {name}: {each}" for each in curve.defects)
            return Found(section=section, problems=lacking, defects=defects)
        rows = _rows(asked, Path(folder), show)
    without = tuple(f"not measured: {name}: {row.title}: {row.note}" for row in rows if row.ratio is None)
    measured = len(without) < len(rows)
    section_ = Section(conditions=_conditions(name, asked, before), rows=rows) if measured else None
    return Found(section=section_, problems=lacking + without)


def _rows(asked: Benchmark, room: Path, show: Show) -> tuple[Row, ...]:
    rows = []
    for row in asked.rows()(room):
        show(line(row))
        rows.append(row)
    return tuple(rows)


def _tell(curve: Curve, show: Show) -> None:
    show(f"{curve.title} ({curve.unit})")
    for each in curve.series:
        told = ", ".join(f"{count:,}: {time(value)}" for count, value in each.points)
        show(f"  {each.name}: {told}; growth {each.growth or 0:.2f}{'; ' * bool(each.note)}{each.note}")


def _conditions(name: str, asked: Benchmark, before: str) -> Conditions:
    versions = (version_of(peer) for peer in asked.peers if " " not in peer)
    return Conditions(
        command=f"python -m benchmarks {name} --write",
        measured=datetime.now(UTC).date().isoformat(),
        machine=platform_line(),
        peers=tuple(version for version in versions if version),
        load=(before, load()),
    )
