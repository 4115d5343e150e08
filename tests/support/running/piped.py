"""The command in a process of its own, with something on standard input, or behind other descriptors."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

from tests.support.command import Answer
from tests.support.running.surroundings import surroundings


def piped(
    content: bytes | None, *arguments: object, line: str = "", environment: Mapping[str, str] | None = None
) -> Answer:
    """Run `verify` with `content` on standard input, or with it closed where that is None; or a `line` of a shell in
    which "$@" are the words of the command."""
    command = [sys.executable, "-m", "verifier", *map(str, arguments)]
    if content is None:
        line = '"$@" <&-'
    if line:
        command = ["bash", "-c", line, "bash", *command]
    done = subprocess.run(
        command,
        input=content or b"",
        capture_output=True,
        check=False,
        env=surroundings(**(environment or {})),
    )
    return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())
