"""`python -m benchmarks [NAME ...] [--set SET] [--write]`: measure, print, and with --write keep it in docs/.

Exit status 1 where a curve grows worse than linear or a side did not do its work, where anything could not be measured
and CI is "true", and where the README wants a figure that was not measured. How fast the machine is changes nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from benchmarks.catalogue import BENCHMARKS, CURVES, HEADLINE
from benchmarks.harness import is_quiet, load
from benchmarks.peers import installers
from benchmarks.results import page, readme, store
from benchmarks.results.run import measure

_SETS = (HEADLINE, CURVES)


def main(arguments: Sequence[str]) -> int:
    """Measure what was asked for."""
    options = _options(arguments)
    names = options.names or [name for name, each in BENCHMARKS.items() if options.set in (None, each.set)]
    if options.peers:
        print("\n".join(installers(peer for name in names for peer in BENCHMARKS[name].peers)))
        return 0
    if not is_quiet():
        print(f"The machine is busy (load {load()} on {os.cpu_count()} cores): the wall means little.", file=sys.stderr)
        if options.quiet:
            return 2
    problems: list[str] = []
    defects: list[str] = []
    for name in names:
        found = measure(name, show=lambda line: print(line, flush=True))
        problems += found.problems
        defects += found.defects
        if options.write and found.section is not None:
            store.write(store.read() | {name: found.section})
            page.write(store.read())
    unsaid = readme.write(store.read()) if options.write else []
    for problem in (*problems, *defects, *unsaid):
        print(problem, file=sys.stderr)
    return 1 if defects or unsaid or (problems and os.environ.get("CI") == "true") else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument("--set", choices=_SETS, help="those of a set")
    parser.add_argument("--write", action="store_true", help="keep it in docs/benchmarks, and write what tells it")
    parser.add_argument("--quiet", action="store_true", help="only where the load is at most half of the cores")
    parser.add_argument("--peers", action="store_true", help="print what `.ci/peers` has to install for them, and end")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - BENCHMARKS.keys():
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    if options.set and options.names:
        parser.error("either names, or a set")
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
