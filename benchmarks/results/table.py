"""Rows as lines of a Markdown table."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.harness import Row

_PLAIN = "| what | against | ours | theirs | ratio | at most |\n|---|---|---|---|---|---|\n"
_WITH_CPU = (
    "| what | against | ours | theirs | ratio | at most | ours, CPU | theirs, CPU | ratio, CPU |\n"
    "|---|---|---|---|---|---|---|---|---|\n"
)


def table(rows: Sequence[Row]) -> str:
    """With columns for CPU seconds where a row has any."""
    cpu = any(row.cpu_ratio is not None for row in rows)
    return (_WITH_CPU if cpu else _PLAIN) + "".join(f"{line(row, cpu=cpu)}\n" for row in rows)


def line(row: Row, *, cpu: bool = True) -> str:
    """One row."""
    ratio = row.note or "not measured" if row.ratio is None else f"**{number(row.ratio, 2)}**"
    target = "" if row.target is None else number(row.target, 1) + (" (missed)" if row.met is False else "")
    cells = [row.title, row.against, side(row.ours, row.unit), side(row.theirs, row.unit), ratio, target]
    if cpu:
        cells += [side(row.cpu_ours, "s"), side(row.cpu_theirs, "s")]
        cells.append("" if row.cpu_ratio is None else number(row.cpu_ratio, 2))
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def number(value: float, digits: int) -> str:
    """With two digits behind the point, or at least `digits` where the others are 0; small ones with two that count."""
    if value < 0.1:
        return f"{value:.2g}"
    shown = f"{value:.2f}"
    return shown.removesuffix("0") if digits == 1 else shown


def side(value: float | None, unit: str) -> str:
    """Seconds as a person says them; other units as a whole number, with a decimal below ten."""
    if value is None:
        return ""
    if unit == "s":
        return time(value)
    return f"{value:.0f} {unit}" if value >= 10 else f"{value:.1f} {unit}"


def time(seconds: float) -> str:
    """In seconds, ms or µs."""
    if seconds >= 1:
        return f"{seconds:.1f} s"
    value, unit = (seconds * 1e6, "µs") if seconds < 0.000995 else (seconds * 1000, "ms")
    return f"{value:.0f} {unit}" if value >= 9.95 else f"{value:.2g} {unit}"
