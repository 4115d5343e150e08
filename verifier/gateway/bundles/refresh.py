"""When to ask an upstream again.

* after a failure in a second, then ever later, never later than a minute or the poll
* never more often than once a second, whatever asks for it
* gateways that start together do not ask together
"""

from __future__ import annotations

import random

from verifier.gateway.bundles.intake import Decided, Taken, Unchanged, Unreached
from verifier.gateway.settings.settings import BundleSettings

LONGEST_BACKOFF_S = 60.0
_RANDOM = random.SystemRandom()


def delay(taken: Taken, settings: BundleSettings, failures: int) -> float:
    """Seconds until the next fetch, counted from the end of this one."""
    poll = settings.poll.total_seconds()
    if isinstance(taken, Unreached):
        backoff = settings.spacing.total_seconds() * 2.0 ** min(failures, 30)
        return min(backoff, max(poll, LONGEST_BACKOFF_S)) * _RANDOM.uniform(0.5, 1.0)
    if settings.wait and not is_refusing(taken):
        return 0.0  # the upstream itself holds the next answer back
    return poll * _RANDOM.uniform(0.8, 1.2)


def is_refusing(taken: Taken) -> bool:
    """Whether the upstream has something that is refused."""
    match taken:
        case Unchanged():
            return taken.refused is not None
        case Decided():
            return not taken.verdict.passed
        case _:
            return False
