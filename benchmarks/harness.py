"""How a ratio is measured, so that it can be believed on a machine that has other things to do.

* both sides run in turns (ours, theirs, ours, theirs) after one warm-up each, and each is its median
* beside the wall, whole processes are told by the CPU seconds that the kernel says they and their children took: what
  else the machine does moves the wall more than these
* a side that does not succeed stops the benchmark: nothing is timed that did not do the work
* a peer that is not installed leaves a row without figures, never one that looks like a success
"""

from __future__ import annotations

import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
"""The project, where `python -m verifier` is found without an installation."""

Side = Callable[[], object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One comparison: what was done, against what, the median seconds of each, and the ratio that is wanted.

    `target` is the most that ours may take, as a multiple of theirs; None where the row only informs. `unit` is that of
    both sides. `cpu_ours` and `cpu_theirs` are CPU seconds, of whole processes with their children.
    """

    title: str
    against: str
    ours: float | None = None
    theirs: float | None = None
    target: float | None = None
    note: str = ""
    unit: str = "s"
    cpu_ours: float | None = None
    cpu_theirs: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours divided by theirs; None where it was not measured."""
        return self.ours / self.theirs if self.ours is not None and self.theirs else None

    @property
    def cpu_ratio(self) -> float | None:
        """The same of the CPU seconds."""
        return self.cpu_ours / self.cpu_theirs if self.cpu_ours is not None and self.cpu_theirs else None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is nothing to meet."""
        return None if self.ratio is None or self.target is None else self.ratio <= self.target


class Taken(NamedTuple):
    """Seconds of the wall, and of the processors."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Process:
    """A whole process, from start to exit, that must succeed: a side of a comparison."""

    command: tuple[str, ...]
    environment: Mapping[str, str]

    def __call__(self) -> None:
        """Run it."""
        subprocess.run(
            self.command,
            cwd=ROOT,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )


def timed(side: Side) -> Taken:
    """Run it once. The CPU seconds are those of a process and its children, or of this process and the children that
    it waits for; what servers take that were there before is not seen."""
    whose = (
        (resource.RUSAGE_CHILDREN,) if isinstance(side, Process) else (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    started, used = time.perf_counter(), _used(whose)
    side()
    return Taken(time.perf_counter() - started, _used(whose) - used)


def _used(whose: Sequence[int]) -> float:
    parts = (resource.getrusage(each) for each in whose)
    return sum(each.ru_utime + each.ru_stime for each in parts)


def compare(  # noqa: PLR0913 - keyword-only
    ours: Side,
    theirs: Side,
    *,
    title: str,
    against: str,
    rounds: int,
    target: float | None = None,
    note: str = "",
    cpu: bool = False,
) -> Row:
    """Run both sides in turns and compare their medians: by the wall, and by CPU whole processes and where asked to."""
    taken: tuple[list[Taken], list[Taken]] = ([], [])
    for _ in range(rounds + 1):
        for side, times in zip((ours, theirs), taken, strict=True):
            times.append(timed(side))
    first, second = (_median(times[1:]) for times in taken)
    row = Row(title=title, against=against, ours=first.wall, theirs=second.wall, target=target, note=note)
    whole = cpu or isinstance(ours, Process) or isinstance(theirs, Process)
    return replace(row, cpu_ours=first.cpu, cpu_theirs=second.cpu) if whole else row


def _median(times: Sequence[Taken]) -> Taken:
    return Taken(statistics.median(each.wall for each in times), statistics.median(each.cpu for each in times))


def peer(name: str) -> str | None:
    """Where the peer is on PATH."""
    return shutil.which(name)


def version_of(name: str) -> str | None:
    """The peer and its version as it states it; None where it is not installed."""
    executable = peer(name)
    if executable is None:
        return None
    shown = subprocess.run([executable, *_HOW.get(name, ("version",))], capture_output=True, text=True, check=False)
    stated = _STATED.search(shown.stdout + shown.stderr)
    return f"{name} {stated[1]}" if stated else None


_HOW = {
    "nginx": ("-v",),
    "wrk": ("-v",),
    "openssl": ("version",),
    "osv-scanner": ("--version",),
    "syft": ("--version",),
}
_STATED = re.compile(r"\bv?(\d+\.\d+(?:\.\d+)*)")


def process(command: Sequence[str], room: Path) -> Process:
    """A whole process, from start to exit, that must succeed."""
    return Process(tuple(command), child_environment(os.environ, room))


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


def is_quiet() -> bool:
    """Whether at least half of the processors are left for what is measured."""
    return os.getloadavg()[0] <= (os.cpu_count() or 1) / 2


def platform_line() -> str:
    """The machine and the interpreter."""
    interpreter = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {interpreter}"


def machine() -> str:
    """The machine and the versions, as far as they matter to a ratio."""
    peers = [version for name in ("opa", "cosign") if (version := version_of(name))]
    return ", ".join((platform_line(), *peers))
