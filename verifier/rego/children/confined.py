"""The program that every child of ours starts as: it takes its limits upon itself, and becomes what it was asked for.

* limits are set before the first byte of the program, and none can be raised again: soft and hard are one (but for a
  second of CPU time, in which a signal says what ends it)
* a limit that cannot be set ends it (`NOT_STARTED`, and why on standard error), and the program never runs
* the program gets the environment that it was given here, and not what this process found
* depends on nothing but the standard library: it is run by its path

A program of its own rather than `preexec_fn`, which may hang in a process with threads, and rather than `prlimit` on a
child that already runs. Usage: confined.py '{"limits": {"RLIMIT_CORE": 0}, "environment": {}}' PROGRAM [ARGUMENT...]
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Mapping, Sequence
from typing import Any

NOT_STARTED = 79
"""Exit status of a child that never became its program."""
_ADVISORY = frozenset() if sys.platform == "linux" else frozenset({"RLIMIT_DATA", "RLIMIT_NPROC"})
"""What other systems do not have, or do not enforce."""


def main(arguments: Sequence[str]) -> None:
    """Set the limits, and run the program: one in Python here, any other in the place of this process."""
    import json  # noqa: PLC0415 - not for whoever wants to know the status

    asked, program, *rest = arguments
    said: Mapping[str, Any] = json.loads(asked)
    try:
        for name, most in said["limits"].items():
            _limit(name, most)
        if program.endswith(".py"):
            os.environ.clear()
            os.environ.update(said["environment"])
            _become(program, rest)
        else:
            os.execve(program, [program, *rest], said["environment"])  # noqa: S606 - no shell is wanted
    except (AttributeError, OSError, ValueError) as error:
        os.write(2, (getattr(error, "strerror", None) or str(error)).encode())
        os._exit(NOT_STARTED)


def _limit(name: str, most: int) -> None:
    try:
        kind = getattr(resource, name)
        _, highest = resource.getrlimit(kind)
        lower = most if highest == resource.RLIM_INFINITY else min(most, highest)
        # Where CPU time ends softly, the signal says so a second before the end.
        soft = max(lower - 1, 1) if name == "RLIMIT_CPU" else lower
        resource.setrlimit(kind, (soft, lower))
    except (AttributeError, OSError, ValueError):
        if name not in _ADVISORY:
            raise


def _become(program: str, arguments: Sequence[str]) -> None:
    """Run a program in Python without starting Python a second time."""
    with open(program, "rb") as file:  # noqa: PTH123 - as light as it can be
        code = compile(file.read(), program, "exec")
    sys.argv = [program, *arguments]
    names = {"__name__": "__main__", "__file__": program, "__builtins__": __builtins__}
    exec(code, names)  # noqa: S102 - a program of ours, named by our own path


if __name__ == "__main__":
    main(sys.argv[1:])
