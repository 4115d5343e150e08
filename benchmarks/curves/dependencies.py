"""A requirements file of more and more pins, audited offline by 10,000 records: ours, osv-scanner, and lookups alone.

Nothing is found: what is compared is reading the file and asking for each.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from dataclasses import replace
from pathlib import Path

from benchmarks.audit.database import synthetic
from benchmarks.curves.curve import LIMIT, OURS, PEER, Curve, series
from benchmarks.curves.sizes import upto
from benchmarks.harness import ROOT, Side, child_environment, peer, process, python

_RECORDS = 10_000
_SIZES = upto(100_000)
_NOW = "2024-10-12T00:00:00Z"


def curve(room: Path) -> Curve:
    """Whole processes, and lookups in this one."""
    records = synthetic(_RECORDS, room)
    place = room / "osv-scanner" / "PyPI"
    place.mkdir(parents=True)
    shutil.copy(records, place / "all.zip")
    database = str(room / "records.db")
    command = python("-m", "verifier", "audit", "db", "import", str(records), "--db", database, "--now", _NOW)
    subprocess.run(command, cwd=ROOT, env=child_environment(os.environ, room), check=True, capture_output=True)

    def ours(size: int) -> Side:
        asked = ["audit", str(_pins(size, room)), "--db", database, "--now", _NOW]
        return process(python("-m", "verifier", *asked), room)

    lines = [series("verify audit", OURS, _SIZES, ours)]
    if scanner := peer("osv-scanner"):

        def theirs(size: int) -> Side:
            command = [scanner, "scan", "source", "--offline", "-L", f"requirements.txt:{_pins(size, room)}"]
            made = process(command, room)
            told = {**made.environment, "OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY": str(room)}
            return replace(made, environment=told)

        lines.append(series("osv-scanner --offline", PEER, _SIZES, theirs))
    lines.append(series("a lookup of each in SQLite", LIMIT, _SIZES, _lookups))
    title = "A dependency audit by its pins, whole process"
    return Curve(title=title, counted="pins", series=tuple(lines))


def _pins(size: int, room: Path) -> Path:
    folder = room / str(size)
    folder.mkdir(exist_ok=True)
    file = folder / "requirements.txt"
    file.write_text("".join(f"clean-{number}==1.{number}\n" for number in range(size)))
    return file


def _lookups(size: int) -> Side:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE record (name TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID")
    rows = ((f"package-{number}", "x" * 400) for number in range(_RECORDS))
    connection.executemany("INSERT INTO record VALUES (?, ?)", rows)

    def run() -> None:
        for number in range(size):
            connection.execute("SELECT body FROM record WHERE name = ?", (f"clean-{number}",)).fetchone()

    return run
