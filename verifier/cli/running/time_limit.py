"""`--timeout`, which every command has: the run has ended by then, one way or another.

* what is not decided by then is undecided (`run.timed-out`, exit status 3), never accepted
* it ends as an interrupt ends it: nothing is half written, no child is left
* what does not end within `GRACE_S` seconds more is ended as it is
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

from verifier.cli import output
from verifier.cli.options.option import Group, option
from verifier.cli.running.interrupts import TimedOut, end_now
from verifier.core.clock import parse_duration
from verifier.core.errors import ConfigurationError
from verifier.core.outcome import Reason

GRACE_S: Final = 5.0
"""For a call that Python cannot interrupt, such as a database's wait for its lock."""


class Running(Group):
    """How long a run may take."""

    panel = "Run"
    timeout: str | None = option(
        "--timeout", "End undecided (3) after this time, as in 30s or 5m.", default=None, metavar="DURATION"
    )

    def __post_init__(self) -> None:
        """A time that cannot be kept is refused before anything is done."""
        if self.timeout is not None:
            _seconds(self.timeout)

    @contextmanager
    def bounded(self) -> Iterator[None]:
        """Raises `TimedOut` in the block once the time is over, in whatever it is at."""
        if self.timeout is None:
            yield
            return
        import threading  # noqa: PLC0415 - only where there is a time

        seconds = _seconds(self.timeout)
        last_resort = threading.Timer(seconds + GRACE_S, _end_undecided, (self.timeout,))
        last_resort.daemon = True
        before = signal.signal(signal.SIGALRM, _over(self.timeout))
        last_resort.start()
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            last_resort.cancel()
            signal.signal(signal.SIGALRM, before)


def timed_out(subject: str, given: str) -> Reason:
    """That there was no time left for it."""
    return Reason(code="run.timed-out", subject=subject, message=f"was not decided within the {given} of --timeout")


def undecided(error: TimedOut) -> int:
    """What is said of a run that ended without an answer; its exit status."""
    reason = timed_out("verify", error.given)
    output.hint(f"verify: {reason.code}: {reason.message}")
    output.hint(f"  {reason.hint}")
    return output.EXIT_UNDECIDED


def _seconds(text: str) -> float:
    hint = "Write a number of seconds as 30s."
    try:
        seconds = parse_duration(text).total_seconds()
    except ValueError as error:
        raise ConfigurationError(str(error), where="--timeout", hint=hint if text.isdigit() else "") from None
    if seconds <= 0:
        raise ConfigurationError("must be more than nothing", where="--timeout", hint=hint)
    import threading  # noqa: PLC0415 - as above

    return min(seconds, threading.TIMEOUT_MAX - GRACE_S)


def _over(given: str) -> Callable[[int, FrameType | None], NoReturn]:
    def over(_: int, __: FrameType | None) -> NoReturn:
        raise TimedOut(given)

    return over


def _end_undecided(given: str) -> None:
    end_now(undecided(TimedOut(given)))
