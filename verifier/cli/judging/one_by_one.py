"""Artifacts one after the other: each judged once, and what there was no time for undecided."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from verifier.cli import output
from verifier.cli.judging import several
from verifier.cli.options.answer import timed
from verifier.cli.progress.line import tell
from verifier.cli.running.interrupts import TimedOut
from verifier.cli.running.time_limit import timed_out
from verifier.core.value import Value

if TYPE_CHECKING:
    from verifier.core.verdict import Verdict
    from verifier.engine.request import Request


class Question(Value):
    """One artifact: what was typed, what is asked of it, and what is open until it is judged."""

    typed: str
    request: Request
    closing: ExitStack


def one_by_one(questions: Sequence[Question], started: float) -> Iterator[tuple[Question, Verdict]]:
    """The verdicts, each artifact's once; the first took what the run did before it, too. Where time runs out, what is
    left is undecided."""
    from verifier.engine.recipe import not_judged, verify_artifact  # noqa: PLC0415 - as above

    late = None
    for number, (each, before) in enumerate(several.once_each(questions)):
        if before is not None:
            output.hint(several.told_again(each.typed, before))
            continue
        if len(questions) > 1:
            tell(each.typed, number, len(questions), "artifacts")
        with each.closing:
            if late is None:
                tell(f"judging {each.typed}")
                try:
                    verdict = verify_artifact(each.request).verdict
                except TimedOut as over:
                    late = over
            if late is not None:
                verdict = not_judged(each.request, timed_out(each.request.reference, late.given))
        yield each, timed(verdict, started)
        started = time.perf_counter()
