"""What was measured, kept in docs/benchmarks/results.json: a section a benchmark, each with the conditions it was
measured in, so that one can be measured anew on a quieter machine and the others stay."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from benchmarks.curves.curve import Curve
from benchmarks.harness import ROOT, Row

FOLDER = ROOT / "docs" / "benchmarks"
FILE = FOLDER / "results.json"
_VERSION = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Conditions:
    """When, on what, beside which versions; `load` is that before and after, where 1 is one processor at work."""

    command: str
    measured: str
    machine: str
    peers: Sequence[str]
    load: Sequence[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """Either rows or a curve."""

    conditions: Conditions
    rows: Sequence[Row] = ()
    curve: Curve | None = None


def read(file: Path = FILE) -> dict[str, Section]:
    """The sections by the names of their benchmarks; none where nothing was ever measured."""
    if not file.exists():
        return {}
    kept = json.loads(file.read_text(encoding="utf-8"))
    if kept["version"] != _VERSION:
        raise ValueError(
            f"{file.name} is of version {kept['version']}, and {_VERSION} is known: measure all of it anew"
        )
    return {name: _section(members) for name, members in kept["sections"].items()}


def write(sections: Mapping[str, Section], file: Path = FILE) -> None:
    """All sections; figures have as many digits as the clock can tell."""
    members = {name: _members(section) for name, section in sorted(sections.items())}
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"version": _VERSION, "sections": members}, indent=1, ensure_ascii=False)
    file.write_text(f"{text}\n", encoding="utf-8")


def _members(section: Section) -> dict[str, Any]:
    members: dict[str, Any] = {"conditions": asdict(section.conditions)}
    if section.curve is not None:
        return members | {"curve": section.curve.members()}
    return members | {"rows": [_row_members(row) for row in section.rows]}


def _row_members(row: Row) -> dict[str, Any]:
    """Without what is as it always is."""
    given = {field.name: getattr(row, field.name) for field in fields(Row)}
    usual = {field.name: field.default for field in fields(Row)}
    return {name: _rounded(value) for name, value in given.items() if value != usual[name]}


def _rounded(value: Any) -> Any:
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _section(members: Mapping[str, Any]) -> Section:
    conditions = Conditions(**members["conditions"])
    if "curve" in members:
        return Section(conditions=conditions, curve=Curve.of(members["curve"]))
    return Section(conditions=conditions, rows=tuple(Row(**row) for row in members["rows"]))
