"""`python -m benchmarks.audit.one_import SOURCE DB`: one import, and lookups in what it has made; figures as JSON."""

from __future__ import annotations

import gc
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.sboms.clock import Clock, Steps, tell
from verifier.audit.database.importing import import_records
from verifier.audit.database.opening import open_database
from verifier.formats.audit.package import Package

NOW = datetime(2024, 10, 12, tzinfo=UTC)
_FEW, _MANY = 2_000, 20_000


def steps(source: Path, database: Path) -> Steps:
    """CPU seconds of each step."""
    gc.set_threshold(500_000)  # as the command does
    clock = Clock()
    import_records([source], database, now=NOW)
    clock.done("import")
    with open_database(database) as opened:
        clock.done("open")
        names = [name for record, _ in opened.records() for name in {each.name for each in record.affected}]
        pins = _packages(list(dict.fromkeys(names))[:500])
        few, many = (_packages([f"clean-{number}" for number in range(count)]) for count in (_FEW, _MANY))
        clock.done("")
        for step, packages in (("500 pins", pins), ("few", few), ("many", many)):
            if len(opened.ask(packages, NOW).records) != len(packages):
                raise AssertionError("all are answered for")
            clock.done(step)
        asked = {each.id for found in opened.ask(pins, NOW).records.values() for each in found}
        bodies = [body for record, body in opened.records() if record.id in asked]
        clock.done("")
        for body in bodies:
            json.loads(body)
        clock.done("json")
    return clock.steps


def _packages(names: list[str]) -> list[Package]:
    return [Package(ecosystem="pypi", name=name, version="1.0", purl=f"pkg:pypi/{name}@1.0") for name in names]


if __name__ == "__main__":
    tell(steps(Path(sys.argv[1]), Path(sys.argv[2])))
