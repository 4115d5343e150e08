"""SBOMs of 1,000 to 50,000 components, from values to a verdict: CPU seconds and peak memory of a process of its own.

Against fixed bounds, against the library of CycloneDX where that ends, and against itself: five times the components
must not take more than six times as long.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.harness import ROOT, Row, python

_ROUNDS = 3
_WHAT = "built, written, validated, read, validated, compared"
_BOUNDS = {10_000: (1.5, 150), 50_000: (8.0, 500)}
"""CPU seconds and megabytes that so many components may take in all."""


def rows(room: Path) -> Iterator[Row]:
    """The bounds, the growth, the library."""
    few, many = (_measured(count, room=room) for count in _BOUNDS)
    for (count, (seconds, megabytes)), found in zip(_BOUNDS.items(), (few, many), strict=True):
        title = f"an SBOM of {count:,} components {_WHAT}"
        yield Row(title=f"{title}: CPU", against="its bound", ours=found["cpu"], theirs=seconds, target=1.0)
        yield Row(
            title=f"{title}: peak memory", against="its bound", ours=found["peak_mb"], theirs=megabytes, target=1.0,
            unit="MB",
        )  # fmt: skip
    yield Row(
        title="50,000 components: CPU", against="10,000 components", ours=many["cpu"], theirs=few["cpu"], target=6.0
    )
    ours, theirs = (_measured(1_000, by, room=room)["steps"] for by in ("ours", "library"))
    yield Row(
        title="building, writing and validating 1,000 components: CPU",
        against="cyclonedx-python-lib's model and serialiser, the same validator",
        ours=ours["build"] + ours["write and validate"],
        theirs=sum(theirs.values()),
        target=0.5,
    )


def _measured(count: int, by: str = "ours", *, room: Path) -> dict[str, Any]:
    """The median run."""
    command = python("-W", "ignore", "-m", f"benchmarks.sboms.{by}", str(count))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    runs = [
        json.loads(subprocess.run(command, cwd=room, env=environment, check=True, capture_output=True).stdout)
        for _ in range(_ROUNDS)
    ]
    middle = statistics.median_low(run["cpu"] for run in runs)
    return next(run for run in runs if run["cpu"] == middle)
