"""`verify sbom generate` of a Debian image with Python and npm, a cold process, against syft: processor and memory.

Each side is its median; the peak of memory is the process's own, as the kernel says when it has ended.
"""

from __future__ import annotations

import os
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.harness import ROOT, Row, child_environment, peer, python
from tests.support.peers.debian_image import cached_image

SYFT = "syft-1.57"
_ROUNDS = 3
_MB = 1_000_000
_STARTS = """
import os, sys
out = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
null = os.open(os.devnull, os.O_WRONLY)
child = os.fork()
if child == 0:
    os.dup2(out, 1)
    os.dup2(null, 2)
    os.execv(sys.argv[2], sys.argv[2:])
_, status, used = os.wait4(child, 0)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


class Used(NamedTuple):
    """What one process has used: seconds of the processor, and bytes at its peak."""

    seconds: float
    peak: int


def rows(room: Path) -> Iterator[Row]:
    """Processor time, and memory."""
    title, against = "`verify sbom generate` of a Debian image with 600 packages", "syft 1.57.1"
    image, syft = cached_image(), peer(SYFT)
    if image is None or syft is None:
        lacking = f"{SYFT} is not on PATH" if syft is None else "the image is not made: benchmarks.sboms.make_image"
        yield Row(title=title, against=against, note=lacking)
        return
    ours = python("-m", "verifier", "sbom", "generate", f"oci-layout:{image}")
    theirs = [syft, "scan", f"oci-dir:{image}", "-o", "cyclonedx-json"]
    taken: tuple[list[Used], list[Used]] = ([], [])
    for _ in range(_ROUNDS + 1):
        for command, used in zip((ours, theirs), taken, strict=True):
            used.append(_run(command, room))
    first, second = ([each.seconds for each in used[1:]] for used in taken)
    yield Row(
        title=f"{title}, by the processor",
        against=against,
        ours=statistics.median(first),
        theirs=statistics.median(second),
        target=0.7,
    )
    first, second = ([each.peak / _MB for each in used[1:]] for used in taken)
    yield Row(
        title="the same, memory at its peak",
        against=against,
        ours=statistics.median(first),
        theirs=statistics.median(second),
        target=0.5,
        unit="MB",
    )


def _run(command: Sequence[str], room: Path) -> Used:
    """One process to its end, which must be a success; started by a small one, for a child's peak counts its parent's
    memory too."""
    environment = child_environment(os.environ, room) | {"SYFT_CHECK_FOR_APP_UPDATE": "false"}
    said = subprocess.run(
        python("-I", "-S", "-c", _STARTS, str(room / "out.json"), *command),
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    seconds, peak = said.split()
    return Used(float(seconds), int(peak) * 1024)
