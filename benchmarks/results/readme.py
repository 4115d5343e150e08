"""The README's figures, written from what was measured: they are those of docs/benchmarks.md, and of no other run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.harness import ROOT, Row
from benchmarks.results.store import Section
from benchmarks.results.table import number, time

README = ROOT / "README.md"
BEGIN, END = "<!-- figures: written by `python -m benchmarks --write` -->\n", "<!-- end of figures -->\n"


class Told(NamedTuple):
    """A line of the README: what is said, and the row that it is said of, by its benchmark and how its words begin."""

    words: str
    section: str
    title: str
    against: str


TOLD = (
    Told(
        "the hook, by an agent, beside `cosign verify-blob --key`",
        "preload",
        "`verify-ask preload --agent --out`",
        "`cosign",
    ),
    Told(
        "`verify bundle`, by an agent, beside `cosign verify-blob --key`",
        "cold_start",
        "`verify-ask bundle --agent`",
        "`cosign",
    ),
    Told("the hook, cold, beside `cosign verify-blob --key`", "preload", "`verify preload --out`", "`cosign"),
    Told("`verify bundle`, cold, beside `cosign verify-blob --key`", "cold_start", "`verify bundle`", "`cosign"),
    Told("`verify bundle`, cold, beside `opa run` loading the same", "cold_start", "`verify bundle`", "`opa"),
    Told(
        "`verify bundle` of 10,000 files, beside `opa run`",
        "verify_bundle",
        "`verify bundle`, whole process, the l",
        "",
    ),
    Told("keyless, by an agent, beside `cosign verify-blob`", "keyless", "`verify-ask artifact --agent`", "`cosign"),
    Told("keyless, cold, beside `cosign verify-blob`", "keyless", "`verify artifact --cert-identity`", "`cosign"),
    Told("reading 10,000 files, beside `gunzip` and one SHA-256", "reading", "verifying 10,000 files", ""),
    Told("SQLite's ledger, 200 acceptances, beside bare transactions", "ledger", "200 acceptances", ""),
    Told(
        "PostgreSQL's ledger, 50 writers, beside bare upserts",
        "ledger_postgres",
        "50 writers",
        "as many bare upserts by psycopg, of a",
    ),
    Told(
        "10,000 answers 304, 1,000 clients waiting, beside nginx",
        "gateway",
        "10,000 answers 304 by `verify serve`",
        "nginx",
    ),
)


def write(sections: Mapping[str, Section]) -> list[str]:
    """Write them between the marks; what could not be told of what was measured."""
    text, unsaid = figures(sections)
    before = README.read_text(encoding="utf-8")
    head, begin, rest = before.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        return [f"README.md has no place for figures: {BEGIN.strip()}"]
    README.write_text(f"{head}{begin}{text}{end}{tail}", encoding="utf-8")
    return unsaid


def figures(sections: Mapping[str, Section]) -> tuple[str, list[str]]:
    """The table, and the lines that no row of the results has the figures for: they are left out, and told aloud."""
    lines, unsaid = [], []
    for told in TOLD:
        row = _row(sections, told)
        if row is None or row.ours is None or row.theirs is None or row.ratio is None:
            unsaid.append(f"the README wants a figure that the results do not have: {told.section}: {told.words}")
            continue
        cpu = "" if row.cpu_ratio is None else number(row.cpu_ratio, 2)
        lines.append(f"| {told.words} | {time(row.ours)} | {time(row.theirs)} | **{number(row.ratio, 2)}** | {cpu} |\n")
    head = "| | ours | theirs | ratio | by CPU |\n|---|---|---|---|---|\n"
    return f"\n{head}{''.join(lines)}\n", unsaid


def _row(sections: Mapping[str, Section], told: Told) -> Row | None:
    rows = sections[told.section].rows if told.section in sections else ()
    return next(
        (row for row in rows if row.title.startswith(told.title) and row.against.startswith(told.against)), None
    )
