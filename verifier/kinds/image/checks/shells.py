"""Whether an image has a shell: whoever gets into a container without one has less to work with."""

from __future__ import annotations

from functools import partial
from typing import Final

from verifier.core.outcome import Outcome
from verifier.evidence.inspection import Inspection
from verifier.kinds.image.checks.asked import judge_trees
from verifier.kinds.image.checks.programs import programs

NAME = "shells"
SHELLS: Final = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "busybox", "toybox"})
"""Two of them are every program at once, a shell among them."""

_found = partial(programs, names=SHELLS, code="image.shell-present", what="a shell")


def check(inspection: Inspection) -> Outcome:
    """Judge the final tree of each platform, where the rule denies shells."""
    return judge_trees(inspection, "shells", lambda platform, _: _found(platform))
