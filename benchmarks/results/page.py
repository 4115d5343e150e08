"""docs/benchmarks.md and its pictures, of what is in results.json and the notes beside the benchmarks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmarks.catalogue import BENCHMARKS, HEADLINE
from benchmarks.curves.curve import Curve
from benchmarks.harness import ROOT
from benchmarks.plotting.chart import described, drawn
from benchmarks.results.store import FOLDER, Conditions, Section
from benchmarks.results.table import table, time

PAGE = ROOT / "docs" / "benchmarks.md"
NOTES = ROOT / "benchmarks" / "notes"
"""NAME.md stands below the table of that benchmark: why a figure is what it is, and what would be needed."""
KEPT = "## Worst case of hostile input"
"""What stands from here on is written by `python -m tools.worst_case --write`."""
_HEAD = """# Benchmarks
<!-- Written by `python -m benchmarks --write` from benchmarks/results.json, and benchmarks/notes; do not edit. -->

Ratios, not times: both sides of a row run in turns in one run, after a warm-up, and each is its median. A ratio is
ours divided by theirs, so smaller is better. Whole processes have CPU seconds beside the wall: those of the process
and its children, as the kernel counts them. Loading the large bundle takes OPA so long that it is one round.

`make bench` installs the peers and measures anew; `python -m benchmarks --write` keeps what it measured, section by
section, in [results.json](benchmarks/results.json), and writes this page and the README's figures from it. `--set
headline` measures what the README tells, `--set curves` the curves, a name that alone. What a run could not measure
is named at its end, and fails it where `CI=true`. `--quiet` refuses to measure where the load is above half of the
cores.
"""
_CURVES_HEAD = """
## Curves

How time grows with what there is to do, beside a peer and what nobody can do without; both axes are logarithmic. CPU
seconds are the least of some runs. `growth` is the exponent over the last two decades: 1 is linear, and above 1.15
ours is a defect, which the command names and fails for. A curve ends at a bound of ours (100,000 members of a bundle,
1,000 attestations, 128 signatures of an envelope, 1,024 layers, two million values of a document), or where making
what is measured takes minutes.
"""


def written(sections: Mapping[str, Section], kept: str) -> str:
    """The page; `kept` is the section that is another tool's."""
    measured = [name for name in BENCHMARKS if name in sections]
    rows = [name for name in measured if sections[name].curve is None]
    rows.sort(key=lambda name: BENCHMARKS[name].set != HEADLINE)
    parts = [_HEAD, *(_of_rows(name, sections[name]) for name in rows)]
    drawn_ones = [name for name in measured if sections[name].curve is not None]
    if drawn_ones:
        parts.append(_CURVES_HEAD)
        parts += [_of_curve(name, sections[name], sections[name].curve) for name in drawn_ones]
    return "".join(parts) + (f"\n{kept}" if kept else "")


def pictures(sections: Mapping[str, Section]) -> dict[Path, str]:
    """Each picture by its file."""
    return {FOLDER / f"{name}.svg": drawn(each.curve) for name, each in sections.items() if each.curve is not None}


def write(sections: Mapping[str, Section]) -> None:
    """The page and the pictures."""
    before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    PAGE.write_text(written(sections, kept_of(before)), encoding="utf-8")
    for file, picture in pictures(sections).items():
        file.write_text(picture, encoding="utf-8")


def kept_of(page: str) -> str:
    """What another tool has written into it."""
    _, heading, behind = page.partition(KEPT)
    return heading + behind


def _of_rows(name: str, section: Section) -> str:
    return f"\n## {BENCHMARKS[name].title}\n\n{table(section.rows)}\n{_said(section.conditions)}{_note(name)}"


def _of_curve(name: str, section: Section, curve: Curve | None) -> str:
    assert curve is not None
    counts = sorted({count for each in curve.series for count, _ in each.points})
    head = " | ".join(("", *(f"{count:,}" for count in counts), "growth"))
    lines = [f"|{head} |\n|{'---|' * (len(counts) + 2)}\n"]
    for each in curve.series:
        known = dict(each.points)
        cells = [time(known[count]) if count in known else "" for count in counts]
        power = "" if each.growth is None else f"{each.growth:.2f}"
        lines.append(f"| {' | '.join((each.name, *cells, power))} |\n")
    ended = "".join(f"\n{each.name} {each.note}.\n" for each in curve.series if each.note)
    picture = f"![{described(curve)}](benchmarks/{name}.svg)"
    table_ = "".join(lines)
    return f"\n### {curve.title}\n\n{picture}\n\n{table_}{ended}\n{_said(section.conditions)}{_note(name)}"


def _said(conditions: Conditions) -> str:
    before, after = conditions.load
    peers = ", ".join((conditions.machine, *conditions.peers))
    return f"`{conditions.command}` on {conditions.measured}: {peers}; load {before} before, {after} after.\n"


def _note(name: str) -> str:
    file = NOTES / f"{name}.md"
    return f"\n{file.read_text(encoding='utf-8').strip()}\n" if file.exists() else ""
