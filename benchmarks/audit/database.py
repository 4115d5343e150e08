"""Databases of records: what an import and lookups cost, in CPU seconds and memory of a process of their own.

Against the least that anybody could do with the same bytes (read them, hash them, put them into SQLite), against a
bound, and against itself: ten times the records must not take more than twelve times as long.
"""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from benchmarks.harness import ROOT, Row, python

_CORPUS = Path(os.environ.get("VERIFIER_CORPUS", ROOT.parent / "shared/corpus")) / "pypa-advisories"
_ROUNDS = 3
_MANY, _MORE = 10_000, 100_000
_MEGABYTES = 200.0


def rows(room: Path) -> Iterator[Row]:
    """The corpus in both forms, synthetic records, lookups."""
    files = sorted(_CORPUS.glob("vulns/*/*.yaml"))
    if not files:
        yield Row(title="import of the PyPA's records", against="a plain import", note="no corpus here")
    else:
        yield from _corpus(files, room)
    many, more = (_measured(synthetic(count, room), room, rounds=1) for count in (_MANY, _MORE))
    title = f"import of {_MORE:,} records as a zip"
    yield Row(
        title=f"{title}: CPU", against=f"{_MANY:,}", ours=more["steps"]["import"], theirs=many["steps"]["import"],
        target=12.0,
    )  # fmt: skip
    yield Row(
        title=f"{title}: peak memory",
        against="its bound",
        ours=more["peak_mb"],
        theirs=_MEGABYTES,
        target=1.0,
        unit="MB",
    )


def _corpus(files: list[Path], room: Path) -> Iterator[Row]:
    zipped = room / "all.zip"
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in files:
            tree = yaml.load(each.read_bytes(), yaml.CBaseLoader)  # noqa: S506 - scalars as text
            archive.writestr(f"{tree['id']}.json", json.dumps(tree))
    ours = _measured(zipped, room)
    title = f"import of {len(files):,} records"
    yield Row(
        title=f"{title} as a zip: CPU", against="zipfile, json, SHA-256 and SQLite alone", ours=ours["steps"]["import"],
        theirs=_cpu(lambda: _plain(zipped, room)), target=3.0,
    )  # fmt: skip
    yield Row(
        title=f"{title} as YAML: CPU", against="PyYAML's CBaseLoader alone",
        ours=_measured(_CORPUS, room)["steps"]["import"],
        theirs=_cpu(lambda: [yaml.load(each.read_bytes(), yaml.CBaseLoader) for each in files]), target=2.0,  # noqa: S506
    )  # fmt: skip
    steps = ours["steps"]
    yield Row(
        title="opening it, and reading the records about 500 names: CPU",
        against="json.loads of these records alone",
        ours=steps["open"] + steps["500 pins"],
        theirs=steps["json"],
        target=6.0,
    )
    yield Row(title="20,000 names without: CPU", against="2,000", ours=steps["many"], theirs=steps["few"], target=12.0)


def _plain(zipped: Path, room: Path) -> None:
    path = room / "plain.db"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE record (id PRIMARY KEY, digest, body)")
    connection.execute("CREATE TABLE name (name, id)")
    with zipfile.ZipFile(zipped) as archive:
        for member in archive.infolist():
            tree = json.loads(archive.read(member))
            body = json.dumps(tree, sort_keys=True)
            connection.execute(
                "INSERT INTO record VALUES (?, ?, ?)", (tree["id"], sha256(body.encode()).digest(), body)
            )
            names = [(each["package"]["name"], tree["id"]) for each in tree.get("affected") or ()]
            connection.executemany("INSERT INTO name VALUES (?, ?)", names)
    connection.execute("CREATE INDEX names ON name (name)")
    connection.commit()
    connection.close()


def synthetic(count: int, room: Path) -> Path:
    path = room / f"{count}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(count):
            events = [{"introduced": "0"}, {"fixed": f"{number % 50}.1"}]
            entry = {
                "package": {"ecosystem": "PyPI", "name": f"package-{number % 30_000}"},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
                "versions": [f"{each}.0" for each in range(20)],
            }
            record = {
                "schema_version": "1.6.0",
                "id": f"ACME-{number}",
                "modified": "2024-10-10T00:00:00Z",
                "aliases": [f"CVE-2024-{number:04}"],
                "details": f"A weakness, number {number}. " * 20,
                "affected": [entry],
                "references": [{"type": "WEB", "url": f"https://acme.example/{number}"}] * 5,
            }
            archive.writestr(f"ACME-{number}.json", json.dumps(record))
    return path


def _cpu(work: Callable[[], object]) -> float:
    """The median of some runs, in CPU seconds."""
    taken = []
    for _ in range(_ROUNDS):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return statistics.median(taken)


def _measured(source: Path, room: Path, rounds: int = _ROUNDS) -> dict[str, Any]:
    """The median run."""
    command = python("-m", "benchmarks.audit.one_import", str(source), str(room / "ours.db"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    runs: list[dict[str, Any]] = [
        json.loads(subprocess.run(command, cwd=room, env=environment, check=True, capture_output=True).stdout)
        for _ in range(rounds)
    ]
    middle = statistics.median_low(run["cpu"] for run in runs)
    return next(run for run in runs if run["cpu"] == middle)
