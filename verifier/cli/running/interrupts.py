"""What ends a run before its answer: a signal, or the time that it was given.

* the first one is an exception that nothing below catches: what is half written is taken away, a transaction is rolled
  back, children are ended, and the exit status says which it was
* a second one ends the process at once, with its children
* the exit status is 128 and the signal's number, as a shell has it: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import Final, NoReturn

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(KeyboardInterrupt):
    """A signal asked this process to end; `number` is its number."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class TimedOut(BaseException):
    """The time of `--timeout` is over. No `Exception`: nothing that is made for what is read may catch it."""

    def __init__(self, given: str) -> None:
        super().__init__(given)
        self.given = given


def end_cleanly() -> None:
    """From now on signals end this process cleanly; for the console script alone."""
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # `nohup` and background jobs of a shell ignore some
            signal.signal(number, _interrupt)


def status_of(error: BaseException) -> int:
    """The exit status of a run that was interrupted."""
    return 128 + (error.number if isinstance(error, Interrupted) else signal.SIGINT)


def end_now(status: int) -> NoReturn:
    """End this process and its children, as they are."""
    children = sys.modules.get("verifier.rego.children.child")
    if children is not None:
        children.end_all()
    os._exit(status)


def _interrupt(number: int, _: FrameType | None) -> None:
    for each in _ENDING:
        if signal.getsignal(each) is _interrupt:
            signal.signal(each, lambda again, _: end_now(128 + again))
    raise Interrupted(number)
