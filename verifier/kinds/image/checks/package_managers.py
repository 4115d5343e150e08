"""Whether an image has a package manager: what was judged is not what runs where more can be installed.

* the programs count, and not their databases: distroless images keep what they were made of in /var/lib/dpkg/status.d
"""

from __future__ import annotations

from functools import partial
from typing import Final

from verifier.core.outcome import Outcome
from verifier.evidence.inspection import Inspection
from verifier.kinds.image.checks.asked import judge_trees
from verifier.kinds.image.checks.programs import programs

NAME = "package-managers"
MANAGERS: Final = frozenset(
    {"apt", "apt-get", "dpkg", "apk", "rpm", "dnf", "microdnf", "yum", "zypper", "pacman"},
)

_found = partial(programs, names=MANAGERS, code="image.package-manager-present", what="a package manager")


def check(inspection: Inspection) -> Outcome:
    """Judge the final tree of each platform, where the rule denies package managers."""
    return judge_trees(inspection, "package_managers", lambda platform, _: _found(platform))
