"""Verifying, for a step: what is compared with nothing is not accepted, and what is accepted is remembered.

* it is judged before anything is recorded: a first use that nobody has announced leaves no trace that a second run
  would take for an acceptance
* a denial is recorded too; the status is the command's own
* what passes says so in its report, or does not pass
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.action.asked import Asked
from tools.action.commands import Ran, options, verify
from tools.action.memory import Memory
from tools.action.runner import Misasked, Runner
from verifier.core.errors import Refused
from verifier.core.verdict import Verdict
from verifier.formats.json.strict_json import loads
from verifier.formats.verdict.several import read

UNCOMPARED = frozenset({"version.first-use", "version.unchecked"})
"""The warnings of a version that was compared with nothing."""
WORDS = {0: "passed", 1: "denied", 3: "undecided"}
UNDECIDED = 3


REPORTS = {
    "json": "report.json",
    "sarif": "report.sarif",
    "markdown": "report.md",
    "github": "report.github.txt",
    "html": "report.html",
}
"""The formats that are written, and the file of each in the folder of the reports."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What came of it: the exit status, the verdicts of the report that was written, and what the command said."""

    status: int
    verdicts: tuple[Verdict, ...]
    said: str

    @property
    def compared(self) -> bool:
        """Whether every version was compared with something."""
        return not any(reason.code in UNCOMPARED for each in self.verdicts for reason in each.reasons)


def judge(
    asked: Asked, memory: Memory | None, folder: Path, runner: Runner, *, record: bool, more: tuple[str, ...] = ()
) -> Judged:
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
        *(f"--output={style}={folder / file}" for style, file in REPORTS.items()),
        f"--correlation-id={runner.run()}",
        "--format=text",
        "--",
        *asked.refs,
    ]
    ran = verify(arguments, environment)
    verdicts = read_report(folder) if ran.status in WORDS else ()
    return Judged(status=_status(ran, verdicts), verdicts=verdicts, said=f"{ran.out}{ran.err}")


def read_report(folder: Path) -> tuple[Verdict, ...]:
    """The verdicts of the last run; none where it wrote no report, or one that is not sound."""
    try:
        return read(loads((folder / REPORTS["json"]).read_bytes(), subject="report"))
    except (OSError, Refused):
        return ()


def _status(ran: Ran, verdicts: tuple[Verdict, ...]) -> int:
    """The command's own status, unless it says that all passed and the report does not."""
    passed = bool(verdicts) and all(each.passed for each in verdicts)
    return UNDECIDED if ran.status == 0 and not passed else ran.status


def not_compared(asked: Asked) -> Misasked:
    """What to do where an artifact passes that was compared with nothing."""
    if asked.memory == "none":
        hint = "Name what is published as `previous`, or keep a memory: docs/ci.md has the four ways."
    else:
        hint = "Is it the first release under this name, say first-use: true, once; else see whether the name is right."
    return Misasked("first use", "of this name: an older release would pass just as well", hint)


def outputs(judged: Judged, folder: Path) -> Mapping[str, str]:
    """What the action says of it; the digest and the version are those of the one artifact."""
    one = judged.verdicts[0].subject if len(judged.verdicts) == 1 else None
    files = {style: folder / file for style, file in REPORTS.items()}
    return {
        "verdict": WORDS.get(judged.status, "error"),
        "status": str(judged.status),
        "digest": str(one.digest) if one is not None and one.digest is not None else "",
        "version": (one.version or "") if one is not None else "",
        "first_use": "false" if judged.compared else "true",
        **{f"report_{style}": str(file) if file.exists() else "" for style, file in files.items()},
    }
