"""Asking again for what is not to be had for the moment.

* only what may be asked for twice is: a request that reads, or one that leaves the same behind however often it is sent
* the server says how long to wait, up to half a minute, or the waits double; none goes beyond the time that the whole
  may take
* what fails for good, and what is asked for the last time, fails with its own reason
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from verifier.core.errors import refuse
from verifier.net.answers import Unavailable

T = TypeVar("T")
Pause = Callable[[float], None]

FIRST_PAUSE_S: Final = 0.25
"""Seconds before the second attempt, where the server names none; each further pause is twice as long."""
LONGEST_PAUSE_S: Final = 30.0
"""Seconds that a server may have us wait: what takes longer is tried again by whoever runs this, or by nobody."""


def tried(ask: Callable[[float], T], *, attempts: int, whole_s: float, pause: Pause) -> T:
    """What `ask` answers, which is told how many seconds are left, and is asked at most `attempts` times."""
    deadline = time.monotonic() + whole_s
    for attempt in range(1, attempts):
        try:
            return ask(deadline - time.monotonic())
        except Unavailable as refusal:
            wait_s = FIRST_PAUSE_S * 2 ** (attempt - 1) if refusal.after_s is None else refusal.after_s
            if wait_s > LONGEST_PAUSE_S or wait_s >= deadline - time.monotonic():
                first = refusal.reasons[0]
                message = f"{first.message}, and may be asked again in {wait_s:.0f} s, which is too long"
                raise refuse(first.code, first.subject, message) from refusal
            pause(wait_s)
    return ask(max(deadline - time.monotonic(), 0.001))
