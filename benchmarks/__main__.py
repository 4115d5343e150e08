"""`python -m benchmarks [NAME ...] [--write]`: measure, print, and with --write keep it in docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks import (
    cold_start,
    gateway,
    http_client,
    images,
    keyless,
    layers,
    ledger,
    ledger_postgres,
    preload,
    reading,
    verify_bundle,
)
from benchmarks.audit import database as advisories
from benchmarks.audit import online, records
from benchmarks.harness import ROOT, Row, load, machine
from benchmarks.pages import opening
from benchmarks.registry import publishing
from benchmarks.sboms import documents
from benchmarks.sboms import images as images_listed

BENCHMARKS: dict[str, Callable[[Path], Iterator[Row]]] = {
    "reading": reading.rows,
    "verify_bundle": verify_bundle.rows,
    "cold_start": cold_start.rows,
    "http_client": http_client.rows,
    "images": images.rows,
    "keyless": keyless.rows,
    "layers": layers.rows,
    "ledger": ledger.rows,
    "ledger_postgres": ledger_postgres.rows,
    "pages": opening.rows,
    "preload": preload.rows,
    "publishing": publishing.rows,
    "gateway": gateway.rows,
    "audit": online.rows,
    "records": records.rows,
    "advisories": advisories.rows,
    "sboms": documents.rows,
    "sboms_of_images": images_listed.rows,
}
PAGE = ROOT / "docs" / "benchmarks.md"

_HEAD = """# Benchmarks
<!-- Written by `python -m benchmarks --write`; do not edit. -->

Ratios, not times: both sides of a row run in turns in one run, after a warm-up, and each is its median. A ratio is ours
divided by theirs, so smaller is better. Loading the large bundle takes OPA so long that it is one round.
`make bench` measures anew; `python -m benchmarks --write` writes this page.

| what | against | ours | theirs | ratio | at most |
|---|---|---|---|---|---|
"""


def main(arguments: Sequence[str]) -> int:
    """Measure what was asked for; the exit status does not depend on how fast the machine is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument("--write", action="store_true", help=f"write docs/{PAGE.name}; needs all of them")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - BENCHMARKS.keys():
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    if options.write and options.names:
        parser.error("--write needs all of them")
    measured, before = [], load()
    for row in _measure(options.names or BENCHMARKS):
        print(_line(row), flush=True)
        measured.append(row)
    if options.write:
        conditions = f"{machine()}; load {before} before the run, {load()} after it"
        # What follows is written by `python -m tools.worst_case --write`.
        *_, heading, behind = PAGE.read_text(encoding="utf-8").partition("\n## ")
        rows = "".join(f"{_line(row)}\n" for row in measured)
        PAGE.write_text(f"{_HEAD}{rows}\n{conditions}.\n{heading}{behind}", encoding="utf-8")
    return 0


def _measure(names: Iterable[str]) -> Iterator[Row]:
    for name in names:
        with tempfile.TemporaryDirectory(prefix="benchmark-") as room:
            yield from BENCHMARKS[name](Path(room))


def _line(row: Row) -> str:
    ratio = row.note or "not measured" if row.ratio is None else f"**{_number(row.ratio, 2)}**"
    target = "" if row.target is None else _number(row.target, 1) + (" (missed)" if row.met is False else "")
    ours, theirs = (_side(value, row.unit) for value in (row.ours, row.theirs))
    return f"| {row.title} | {row.against} | {ours} | {theirs} | {ratio} | {target} |"


def _number(value: float, digits: int) -> str:
    """With `digits` behind the point; what they would not show, with two that count."""
    return f"{value:.{digits}f}" if value >= 0.1 else f"{value:.2g}"


def _side(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return _time(value) if unit == "s" else f"{value:.0f} {unit}"


def _time(seconds: float) -> str:
    if seconds < 0.01:
        return f"{seconds * 1000:.2g} ms"
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
