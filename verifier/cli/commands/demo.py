"""`verify demo`: the main job and the attacks it stops, on an embedded ledger in a temporary folder."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from verifier.cli import output
from verifier.cli.demo.scene import Step, scenes
from verifier.cli.demo.stage import build_stage, without_a_compiler
from verifier.cli.options.option import option
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError


@spread
def demo(
    *,
    keep: Path | None = option("--keep", "Leave everything in this (new) folder.", default=None),
) -> int:
    """Show it all in a minute. Build, sign, verify and record a bundle; then tamper, replay, equivocate, expire."""
    with _stage(keep) as folder:
        build_stage(folder)
        if missing := without_a_compiler(folder):
            output.line(missing)
        steps = scenes(folder)
        for step in steps:
            if not _perform(step, folder):
                output.hint("the demo did not go as it should, and stops here")
                return output.EXIT_UNDECIDED
    output.line(
        f"{len(steps)} commands, and each ended as it should: what is genuine and new passes, nothing else does."
    )
    if keep is None:
        output.line(
            "Run `verify demo --keep FOLDER` to look at the files, and `verify explain CODE` for any code above."
        )
    return output.EXIT_ACCEPTED


@contextmanager
def _stage(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="verify-demo-") as folder:
            yield Path(folder).resolve()
        return
    try:
        keep.mkdir(parents=True)
    except OSError as error:
        raise ConfigurationError(error.strerror or str(error), where="--keep", hint="Name a new folder.") from error
    yield keep.resolve()


def _perform(step: Step, folder: Path) -> bool:
    """Show one step: what happens, the command, its answer, and whether that is the answer it should give."""
    output.line(f"── {step.title} ".ljust(min(shutil.get_terminal_size((100, 24)).columns, 100), "─"))
    if step.before is not None:
        step.before()
    output.line(f"$ verify {step.command}")
    sys.stdout.flush()
    finished = subprocess.run(  # noqa: S603 - our own command, our own arguments
        [sys.executable, "-m", "verifier", *shlex.split(step.command)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=_environment(folder),
    )
    output.line(finished.stdout.rstrip())
    expected = finished.returncode == step.exit_status and all(code in finished.stdout for code in step.codes)
    output.line(f"exit status {finished.returncode}{'' if expected else f', expected {step.exit_status} {step.codes}'}")
    output.line()
    return expected


def _environment(folder: Path) -> dict[str, str]:
    """The commands of the demo run this very package, see its own ledger, and nothing of the person's."""
    return {
        "XDG_STATE_HOME": str(folder / "state"),
        "HOME": str(folder),
        "COLUMNS": str(shutil.get_terminal_size((100, 24)).columns),
        "PATH": "",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
