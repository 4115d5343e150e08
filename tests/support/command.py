"""The command, run in this process: its exit status, and what it wrote where."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

from verifier.cli.main import main


@dataclass(frozen=True)
class Answer:
    status: int
    out: str
    err: str

    @property
    def report(self) -> dict:
        return json.loads(self.out)

    @property
    def codes(self) -> list[str]:
        """The codes of the errors in a JSON report."""
        return [reason["code"] for reason in self.report["reasons"] if reason["severity"] == "error"]


class Stream(io.TextIOWrapper):
    """A standard stream; one that says it is a terminal, where `terminal` is set."""

    terminal = False

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def isatty(self) -> bool:
        return self.terminal

    def text(self) -> str:
        return self.buffer.getvalue().decode()


class Terminal(Stream):
    terminal = True


def run(*arguments: object, out: Stream | None = None) -> Answer:
    """Run `verify` with these arguments."""
    out, err = out or Stream(), Stream()
    with redirect_stdout(out), redirect_stderr(err):
        status = main([str(argument) for argument in arguments])
    return Answer(status, out.text(), err.text())


def ask(*arguments: object) -> Answer:
    """Run it with a JSON report."""
    return run(*arguments, "--format", "json")
