"""What people typed by mistake, and what they were told: rows of `tests/cli/transcripts/*.toml`, and how one is run.

Nothing here writes a row: what is said is read by a person, graded, and put down by hand.
"""

from __future__ import annotations

import json
import shlex
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.command import Answer, Terminal, run
from tests.support.places import ROOT
from tests.support.transcripts import scene

FOLDER = ROOT / "tests" / "cli" / "transcripts"
REPORTING = ("bundle", "image", "artifact", "preload")
"""Commands whose answer is a report: its layout is held elsewhere, its reasons here."""


@dataclass(frozen=True)
class Mistake:
    """One row. `said` is all that the command wrote; of a report it is each error with what to do."""

    name: str
    who: str
    typed: str
    status: int
    grade: str
    said: str
    files: dict[str, str] = field(default_factory=dict)

    @property
    def arguments(self) -> list[str]:
        command, *arguments = shlex.split(self.typed)
        assert command == "verify"
        return arguments

    @property
    def reports(self) -> bool:
        return self.arguments[:1] != [] and self.arguments[0] in REPORTING and self.status in {1, 3}

    @property
    def reaches_a_terminal(self) -> bool:
        return not self.reports


def mistakes() -> list[Mistake]:
    """Every row."""
    rows = [row for path in sorted(FOLDER.glob("*.toml")) for row in tomllib.loads(path.read_text())["mistake"]]
    return [Mistake(**row) for row in rows]


def told(mistake: Mistake, place: Path) -> tuple[int, str]:
    """The exit status, and what the command says, in a folder with the good files and those of the mistake."""
    for name, kind in mistake.files.items():
        scene.lay(place, name, kind)
    if not mistake.reports:
        answer = run(*mistake.arguments)
        return answer.status, _anywhere(answer.out + answer.err, place)
    # A preload's report is read back from a file: asked for so, the other is still what a person sees.
    answer = run(*mistake.arguments, "--format", "json")
    return answer.status, _anywhere(_reasons(answer) + answer.err, place)


def at_a_terminal(mistake: Mistake) -> str:
    """Standard error, at a terminal of 80 columns; the files lie there already."""
    import contextlib  # noqa: PLC0415 - for one function

    from verifier.cli.main import main  # noqa: PLC0415 - as above

    out, err = Terminal(), Terminal()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        main(mistake.arguments)
    return err.text()


def _reasons(answer: Answer) -> str:
    """The errors of a report as a refusal is written."""
    errors = [
        each for each in json.loads(answer.out)["reasons"] if each["severity"] == "error" and not each.get("follows")
    ]
    return "".join(f"{each['code']}: {each['subject']}: {each['message']}\n  {each['hint']}\n" for each in errors)


def _anywhere(text: str, place: Path) -> str:
    return text.replace(str(place), "/here")
