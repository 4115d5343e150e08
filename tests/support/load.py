"""A machine that is busy with something else: `python -m tests.support.load SECONDS -- COMMAND...`.

* ten processes a core compute while the command runs, each as important as the command
* they end with the command, with this process, and in any case after SECONDS: none is left
* where they end before the command does, the load is not what was asked for: status 2, whatever the command says

    python -m tests.support.load 3600 -- .venv/bin/pytest -m "not interop"
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from multiprocessing.process import BaseProcess

PER_CORE = 10
"""As a load of 20 on two cores."""
USAGE = 64
TOO_SHORT = 2


def burn(parent: int, until: float) -> None:
    """Compute until then, or until nobody is there any more who would end it."""
    while time.monotonic() < until and os.getppid() == parent:
        sum(number * number for number in range(100_000))


def burners(seconds: float) -> list[BaseProcess]:
    """Processes that compute for so long, started."""
    made = multiprocessing.get_context("spawn")
    until = time.monotonic() + seconds
    count = PER_CORE * (os.cpu_count() or 1)
    started: list[BaseProcess] = [
        made.Process(target=burn, args=(os.getpid(), until), daemon=True) for _ in range(count)
    ]
    for process in started:
        process.start()
    return started


def under_load(seconds: float, command: list[str]) -> int:
    """The command's exit status; `TOO_SHORT` where it took longer than the load."""
    started = burners(seconds)
    began = time.monotonic()
    try:
        status = subprocess.run(command, check=False).returncode
        held = all(process.is_alive() for process in started)
    finally:
        for process in started:
            process.kill()
    averages = " ".join(f"{average:.1f}" for average in os.getloadavg())
    took = time.monotonic() - began
    print(f"{len(started)} processes beside it, {took:.0f} s, load {averages}", file=sys.stderr)  # noqa: T201
    return status if held else TOO_SHORT


def main(arguments: list[str]) -> int:
    """Read the command line."""
    if len(arguments) < 3 or arguments[1] != "--" or not arguments[0].isdigit():
        print(__doc__, file=sys.stderr)  # noqa: T201
        return USAGE
    return under_load(int(arguments[0]), arguments[2:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
