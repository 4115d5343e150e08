"""Where others say "fine": one case, what a peer ends with, and what we do.

A case is measured in a folder of its own. The peer is unmodified and asked as its users ask it; we are asked the same.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.support.audit.peers import Said
from tests.support.command import Answer, ask

NOW = "2024-10-12T00:00:00Z"


class Case(NamedTuple):
    """`peer` is the program, `what` the case in a few words; `measure` runs both in a folder."""

    peer: str
    what: str
    measure: Callable[[Path], tuple[Said, Answer]]


def row(case: Case, said: Said, ours: Answer) -> str:
    """The case as the table has it."""
    return f"| {case.peer} | {case.what} | {said.status}: {_told(said.words)} | {ours.status}: {_codes(ours)} |"


def _told(words: str) -> str:
    """The words of a peer, without what is another one each time."""
    return f"“{words}”" if words else "nothing"


def _codes(ours: Answer) -> str:
    if ours.status == 2:
        return "refused"
    codes = ", ".join(f"`{each}`" for each in dict.fromkeys(ours.codes))
    found = len(ours.report["audit"]["findings"])
    return f"{codes} ({found} finding{'' if found == 1 else 's'})" if ours.status == 1 else codes


def we(*arguments: object) -> Answer:
    """Our own answer."""
    return ask("audit", *arguments, "--now", NOW)
