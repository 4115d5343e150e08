"""A disk that is full: a small file system of its own, which takes root to mount."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

DISK_BYTES = 256 * 1024


@pytest.fixture
def disk(tmp_path):
    """A file system with little room, on which only its owner may write; as root in CI it has to be had."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=0700", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
        problem = mounted.stderr.strip() if mounted.returncode else ""
    except FileNotFoundError:
        problem = "there is no mount command"
    if problem and os.environ.get("CI") == "true" and os.geteuid() == 0:
        pytest.fail(f"required in CI: a file system cannot be mounted: {problem}")
    if problem:
        pytest.skip(f"a file system cannot be mounted here: {problem}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take all the room that is left, to the last byte."""
    with (folder / "ballast").open("wb", buffering=0) as ballast:
        for size in (4_096, 1):
            with suppress(OSError):
                while True:
                    ballast.write(b"x" * size)
    return folder / "ballast"


def unfinished(folder: Path) -> list[str]:
    """What somebody began to write and did not end."""
    return sorted(path.name for path in folder.rglob(".*") if not path.name.endswith(".lock"))
