"""How a ratio is measured, so that it can be believed on a machine that has other things to do.

* both sides run in turns (ours, theirs, ours, theirs) after one warm-up each, and each is its median
* a side that does not succeed stops the benchmark: nothing is timed that did not do the work
* a peer that is not installed leaves a row without figures, never one that looks like a success
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The project, where `python -m verifier` is found without an installation."""

Side = Callable[[], object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One comparison: what was done, against what, the median seconds of each, and the ratio that is wanted.

    `target` is the most that ours may take, as a multiple of theirs; None where the row only informs. `unit` is that of
    both sides.
    """

    title: str
    against: str
    ours: float | None = None
    theirs: float | None = None
    target: float | None = None
    note: str = ""
    unit: str = "s"

    @property
    def ratio(self) -> float | None:
        """Ours divided by theirs; None where it was not measured."""
        return self.ours / self.theirs if self.ours is not None and self.theirs else None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is nothing to meet."""
        return None if self.ratio is None or self.target is None else self.ratio <= self.target


def compare(  # noqa: PLR0913 - keyword-only
    ours: Side,
    theirs: Side,
    *,
    title: str,
    against: str,
    rounds: int,
    target: float | None = None,
    note: str = "",
    clock: Callable[[], float] = time.perf_counter,
) -> Row:
    """Run both sides in turns and compare their medians, by `clock`."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds + 1):
        for side, times in zip((ours, theirs), taken, strict=True):
            started = clock()
            side()
            times.append(clock() - started)
    first, second = (statistics.median(times[1:]) for times in taken)
    return Row(title=title, against=against, ours=first, theirs=second, target=target, note=note)


def peer(name: str) -> str | None:
    """Where the peer is on PATH."""
    return shutil.which(name)


def version_of(name: str) -> str | None:
    """The peer and its version as it states it; None where it is not installed."""
    executable = peer(name)
    if executable is None:
        return None
    shown = subprocess.run([executable, "version"], capture_output=True, text=True, check=True).stdout
    stated = next(line.partition(":")[2] for line in shown.splitlines() if "Version:" in line)
    return f"{name} {stated.strip().removeprefix('v')}"


def process(command: Sequence[str], room: Path) -> Side:
    """A whole process, from start to exit, that must succeed."""
    environment = child_environment(os.environ, room)

    def run() -> None:
        subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=True)

    return run


def python(*arguments: str) -> list[str]:
    """A command line of this interpreter."""
    return [sys.executable, *arguments]


def child_environment(environment: Mapping[str, str], room: Path) -> dict[str, str]:
    """What children see: bytecode is kept, as an installed package's is, and nothing of this user's is found."""
    kept = {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
    folders = {f"XDG_{name}_HOME": str(room / name.lower()) for name in ("STATE", "CACHE")}
    return kept | folders | {"PYTHONPYCACHEPREFIX": str(room / "bytecode")}


def load() -> str:
    """How many processes want the processors, averaged over a minute: above their number, figures are noisy."""
    return f"{os.getloadavg()[0]:.1f}"


def machine() -> str:
    """The machine and the versions, as far as they matter to a ratio."""
    peers = [version for name in ("opa", "cosign") if (version := version_of(name))]
    interpreter = f"{platform.python_implementation()} {platform.python_version()}"
    return ", ".join((f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores", interpreter, *peers))
