"""Reading the PyPA's 2,661 records, as JSON and as YAML, and judging versions by them: CPU seconds.

Against what the parsers alone take: strictness, values and the digest are the rest. The records are those of the shared
corpus; where it is not, the rows have no figures.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from benchmarks.harness import ROOT, Row
from verifier.audit.database.kept import kept, record_of_kept
from verifier.audit.matching import judge
from verifier.formats.audit.package import Package
from verifier.formats.osv.ecosystems import compared_name
from verifier.formats.osv.reading import record_of_json
from verifier.formats.osv.record import Record
from verifier.formats.osv.yaml_reading import record_of_yaml, yaml_tree

_ROUNDS = 5


def rows(room: Path) -> Iterator[Row]:  # noqa: ARG001 - as every benchmark is asked
    """Reading as JSON, as YAML and as kept; judging."""
    folder = Path(os.environ.get("VERIFIER_CORPUS", ROOT.parent / "shared/corpus")) / "pypa-advisories"
    yamls = [path.read_bytes() for path in sorted(folder.glob("vulns/*/*.yaml"))]
    if not yamls:
        yield Row(title="2,661 records, read strictly", against="their parsers", note="no corpus")
        return
    jsons = [json.dumps(yaml_tree(each, subject="a record")).encode() for each in yamls]
    records = [record_of_json(each, subject="a record") for each in jsons]
    bodies = [
        (kept(json.loads(each)), bytes.fromhex(record.digest)) for each, record in zip(jsons, records, strict=True)
    ]

    def as_json() -> list[Record]:
        return [record_of_json(each, subject="a record") for each in jsons]

    def as_yaml() -> list[Record]:
        return [record_of_yaml(each, subject="a record") for each in yamls]

    def plainly() -> list[object]:
        return [json.loads(each) for each in jsons]

    def loaded() -> list[object]:
        return [yaml.load(each, Loader=yaml.CBaseLoader) for each in yamls]  # noqa: S506 - it makes texts alone

    count = f"{len(records):,} records"
    yield _row(f"{count} as JSON, read strictly: CPU", "json.loads", as_json, plainly, 8.0)
    yield _row(f"{count} as YAML, read strictly: CPU", "yaml.CBaseLoader", as_yaml, loaded, 1.2)
    yield _row(
        f"{count} as they are kept: CPU", "json.loads", lambda: [record_of_kept(*each) for each in bodies], plainly, 3.0
    )
    yield _row(
        f"{count}, each asked about a version of its package: CPU", "json.loads", lambda: _judged(records), plainly, 3.0
    )


def _judged(records: list[Record]) -> None:
    for record in records:
        for entry in record.affected:
            name = compared_name("pypi", entry.name)
            version = entry.versions[len(entry.versions) // 2] if entry.versions else "1.0"
            judge(record, Package(ecosystem="pypi", name=name, version=f"{version}.0", purl=f"pkg:pypi/{name}"))


def _row(title: str, against: str, ours: Callable[[], object], theirs: Callable[[], object], target: float) -> Row:
    """Both in turns, each its median, after one that does not count."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(_ROUNDS + 1):
        for side, times in zip((ours, theirs), taken, strict=True):
            started = time.process_time()
            side()
            times.append(time.process_time() - started)
    first, second = (statistics.median(times[1:]) for times in taken)
    return Row(title=title, against=against, ours=first, theirs=second, target=target)
