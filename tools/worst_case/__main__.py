"""`python -m tools.worst_case`: search for the input that costs most; what it found is printed, and fails if too dear.

    --seconds N     for how long (default 300)
    --seed N        another search (default: the day)
    --class NAME    only this class; may be repeated
    --write         the table into docs/benchmarks.md

Exit status 1 where an input of up to a mebibyte took more than 400 MiB or 5 CPU seconds, or let an exception out: what
it grows from is printed, to be kept in fixtures/worst_case/kept.json once it is mended.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from benchmarks.harness import machine
from benchmarks.results.page import KEPT, PAGE
from tools.worst_case.kept import kept
from tools.worst_case.measure import MOST_BYTES, MOST_SECONDS
from tools.worst_case.readers import CLASSES
from tools.worst_case.search import Found, Population, search

_HEAD: Final = f"""{KEPT}

What a stranger's input costs before a signature is looked at: the dearest of up to a mebibyte that a search has found,
above what the same process takes for a tiny bundle. At most {MOST_BYTES >> 20} MiB and {MOST_SECONDS:.0f} CPU seconds
are allowed.
`make nightly` searches on, from what was found before (`fixtures/worst_case/`); `python -m tools.worst_case --write`
writes this section.

| input | tried | most memory | of | most work | of |
|---|---|---|---|---|---|
"""


def main(arguments: Sequence[str]) -> int:
    """Search; 1 where something too dear was found."""
    parser = argparse.ArgumentParser(prog="python -m tools.worst_case")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=datetime.now(UTC).toordinal())
    parser.add_argument("--class", dest="kinds", action="append", choices=tuple(CLASSES))
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(arguments)
    populations: dict[str, Population] = {}
    dear: list[Found] = []
    kinds = tuple(options.kinds or CLASSES)
    for population, found in search(options.seconds, seed=options.seed, kinds=kinds, kept=kept()):
        populations[population.kind] = population
        if _is_finding(found):
            dear.append(found)
            print(_described(found), flush=True)
    rows = _rows(populations)
    print("".join(rows), end="")
    print(
        f"{sum(each.tried for each in populations.values())} inputs tried, {len(dear)} too dear (seed {options.seed})"
    )
    if options.write:
        _write("".join(rows), sum(each.tried for each in populations.values()))
    return 1 if dear else 0


def _is_finding(found: Found) -> bool:
    wrong = any(code.startswith(("raises", "ended", "MemoryError", "internal.")) for code in found.cost.codes)
    return found.cost.score > 1 or wrong


def _described(found: Found) -> str:
    members = {"class": found.kind, "family": found.family, "numbers": dict(found.numbers)}
    cost = (
        f"{found.cost.memory >> 20} MiB, {found.cost.seconds:.1f} s, {found.size} bytes, {', '.join(found.cost.codes)}"
    )
    return f"too dear ({cost}):\n{json.dumps(members)}"


def _rows(populations: Mapping[str, Population]) -> Iterable[str]:
    rows = []
    for kind, population in populations.items():
        memory, work = population.dearest()
        rows.append(
            f"| {kind} | {population.tried} | {memory.cost.memory >> 20} MiB | {_of(memory)} "
            f"| {work.cost.seconds:.1f} s | {_of(work)} |\n"
        )
    return rows


def _of(found: Found) -> str:
    return f"{found.size // 1024} KiB of {found.family}: {', '.join(f'`{code}`' for code in found.cost.codes[:2])}"


def _write(rows: str, tried: int) -> None:
    before = PAGE.read_text(encoding="utf-8").partition(KEPT)[0].rstrip()
    PAGE.write_text(f"{before}\n\n{_HEAD}{rows}\n{tried} inputs; {machine()}.\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
