"""What a process measures of itself: the CPU seconds of each step, and the memory that it has held at most."""

from __future__ import annotations

import json
import time
from pathlib import Path

Steps = dict[str, float]


class Clock:
    """CPU seconds of each step."""

    def __init__(self) -> None:
        self.steps: Steps = {}
        self._at = time.process_time()

    def done(self, step: str) -> None:
        now = time.process_time()
        self.steps[step], self._at = now - self._at, now


def peak_mb() -> float:
    """What the process has held at most; `ru_maxrss` would count whoever started it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def digest(number: int) -> str:
    return f"{number:064x}"


def tell(steps: Steps) -> None:
    """Print all of it as JSON."""
    print(json.dumps({"steps": steps, "cpu": time.process_time(), "peak_mb": peak_mb()}))
