"""Verifying, for a step: what is compared with nothing is not accepted, and what is accepted is remembered.

* it is judged before anything is recorded: a first use that nobody has announced leaves no trace that a second run
  would take for an acceptance
* a denial is recorded too; the status is the command's own
* what passes says so in its report, or does not pass
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.action.asked import Asked
from tools.action.commands import Ran, options, verify
from tools.action.memory import Memory
from tools.action.runner import Misasked, Runner
from verifier.reports.table import REPORTS

UNCOMPARED = frozenset({"version.first-use", "version.unchecked"})
"""The warnings of a version that was compared with nothing."""
WORDS = {0: "passed", 1: "denied", 3: "undecided"}
UNDECIDED = 3
REPORT_FILES = {
    "json": "report.json",
    "text": "report.txt",
    "sarif": "report.sarif",
    "markdown": "report.md",
    "html": "report.html",
}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What came of it: the exit status, the reports that were written, and whether it was compared with anything."""

    status: int
    reports: tuple[dict[str, Any], ...]
    compared: bool


def judge(
    asked: Asked, memory: Memory | None, folder: Path, runner: Runner, *, record: bool, more: tuple[str, ...] = ()
) -> tuple[Ran, Judged]:
    """Verify once. What goes wrong before there is a report is in what the command said."""
    environment = runner.others() if memory is None else memory.environment
    arguments = [
        asked.kind,
        *options("policy", [asked.policy]),
        *options("name", [asked.name]),
        *options("resource-uri", [asked.resource_uri]),
        *options("attestation", asked.attestations),
        *options("previous", asked.previous),
        *options("previous-attestation", asked.previous_attestations),
        *(["--previous-may-be-absent"] if asked.first_use and asked.previous else []),
        *([f"--ledger={memory.url}"] if memory is not None else []),
        *(["--record"] if record else []),
        *asked.arguments,
        *more,
        *(f"--output={style}={folder / file}" for style, file in REPORT_FILES.items() if style in REPORTS),
        f"--correlation-id={runner.run()}",
        "--format=text",
        "--",
        *asked.refs,
    ]
    ran = verify(arguments, environment)
    reports = _reports(folder / REPORT_FILES["json"]) if ran.status in WORDS else ()
    return ran, Judged(status=_status(ran, reports), reports=reports, compared=not _uncompared(reports))


def _status(ran: Ran, reports: tuple[dict[str, Any], ...]) -> int:
    """The command's own status, unless it says that all passed and the report does not."""
    passed = bool(reports) and all(each.get("verdict") == "PASSED" for each in reports)
    return UNDECIDED if ran.status == 0 and not passed else ran.status


def _reports(file: Path) -> tuple[dict[str, Any], ...]:
    """The reports of one run, one an artifact."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    found = document.get("reports", [document]) if isinstance(document, dict) else document
    return tuple(each for each in found if isinstance(each, dict))


def _uncompared(reports: tuple[dict[str, Any], ...]) -> bool:
    return any(reason["code"] in UNCOMPARED for each in reports for reason in each["reasons"])


def not_compared(asked: Asked) -> Misasked:
    """What to do where an artifact passes that was compared with nothing."""
    if asked.memory == "none":
        hint = "Name what is published as `previous`, or keep a memory: docs/ci.md has the four ways."
    else:
        hint = "Is it the first release under this name, say first-use: true, once; else see whether the name is right."
    return Misasked("first use", "of this name: an older release would pass just as well", hint)


def outputs(judged: Judged, folder: Path) -> Mapping[str, str]:
    """What the action says of it; the digest and the version are those of the one artifact."""
    [artifact] = [each["artifact"] for each in judged.reports] if len(judged.reports) == 1 else [{}]
    digest = artifact.get("digest") or {}
    found = {style: folder / file for style, file in REPORT_FILES.items()}
    return {
        "verdict": WORDS.get(judged.status, "error"),
        "status": str(judged.status),
        "digest": next((f"{name}:{value}" for name, value in sorted(digest.items())), ""),
        "version": str(artifact.get("version") or ""),
        "first_use": "false" if judged.compared else "true",
        **{f"report_{style}": str(file) if file.exists() else "" for style, file in found.items()},
    }
