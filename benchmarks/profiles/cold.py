"""Where the CPU time of a cold command goes: Python's start, packages of others, modules of ours, and the run.

`python -m benchmarks.profiles.cold` prints a table, in milliseconds of CPU, each the least of some fresh processes. A
first process tells which modules a command loads; the others load them in two parts, theirs before ours, and run it.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import samples
from benchmarks.harness import Process, process, python
from benchmarks.keyless import CORPUS, cold_example
from benchmarks.preload import cold_hook, released
from benchmarks.verdicts.summaries import cold_command as consuming
from benchmarks.verify_bundle import verify_command
from verifier.ledger.open import create_ledger_url

_ROUNDS = 9
_PARTS = ("Python's start", "packages of others", "modules of ours", "the run")
_CHILD = """
import time
start = time.process_time()
import importlib, json, os, sys
known, sys.argv = json.loads(sys.argv[1]), ["verify", *sys.argv[2:]]
marks = [start]
for names in known:
    for name in names:
        importlib.import_module(name)
    marks.append(time.process_time())
def end(status):
    marks.append(time.process_time())
    found = {name: getattr(each, "__spec__", None) for name, each in sys.modules.items()}
    told = {"marks": marks, "modules": [name for name, spec in found.items() if spec and spec.name == name]}
    os.write(2, b"\\n" + json.dumps(told).encode())
    leave(status)
leave, os._exit = os._exit, end
from verifier.cli.main import run
try:
    status = run()
except SystemExit as error:
    status = error.code
end(status or 0)
"""


def main() -> None:
    """Measure every command, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        print("| CPU, ms | " + " | ".join(_PARTS) + " | modules of ours |")
        print("|" + "---|" * (len(_PARTS) + 2))
        for name, command in _commands(Path(folder)).items():
            parts, count = _profile(command, Path(folder))
            print(f"| {name} | " + " | ".join(f"{each * 1e3:.0f}" for each in parts) + f" | {count} |")


def _commands(room: Path) -> dict[str, Process]:
    verdict = consuming(room)
    released(room)
    create_ledger_url(f"sqlite://{room}/ledger.db")
    bundle = process(verify_command(samples.small(room)), room)
    found = {"`verify preload`": cold_hook(room), "`verify bundle`": bundle, "`verify verdict`": verdict}
    return {**found, "`verify artifact`, keyless": cold_example(room)} if CORPUS.is_dir() else found


def _profile(command: Process, room: Path) -> tuple[list[float], int]:
    """The least of each part, in seconds, and how many modules are ours."""
    loaded = _ask([], command, room)["modules"]
    ours = [name for name in loaded if name.split(".")[0] == "verifier"]
    theirs = [name for name in loaded if name.split(".")[0] != "verifier"]
    found = []
    for _ in range(_ROUNDS):
        marks = _ask([theirs, ours], command, room)["marks"]
        found.append([marks[0], *(after - before for before, after in itertools.pairwise(marks))])
    return [min(column) for column in zip(*found, strict=True)], len(ours)


def _ask(known: Sequence[Sequence[str]], command: Process, room: Path) -> dict[str, Any]:
    """What a fresh process says that loads `known` first."""
    words = command.command[command.command.index("verifier") + 1 :]
    ran = subprocess.run(
        python("-c", _CHILD, json.dumps(known), *words),
        cwd=room,
        env=dict(command.environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if ran.returncode != 0:
        raise SystemExit(ran.stdout.decode() + ran.stderr.decode())
    told: dict[str, Any] = json.loads(ran.stderr.splitlines()[-1])
    return told


if __name__ == "__main__":
    main()
