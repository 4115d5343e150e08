"""Whether an image has device files: whoever unpacks it as root makes them, and they reach what no container should."""

from __future__ import annotations

from verifier.archives.layers.table import Entry
from verifier.core.outcome import Outcome
from verifier.evidence.inspection import Inspection
from verifier.kinds.image.checks.asked import judge_trees
from verifier.kinds.image.checks.members import members

NAME = "devices"


def check(inspection: Inspection) -> Outcome:
    """Judge the members of each platform, where the rule denies devices."""
    return judge_trees(inspection, "devices", lambda platform, _: members(platform, _wrong, code="image.device-file"))


def _wrong(entry: Entry) -> str | None:
    return f"a {entry.type} device" if entry.type in {"character", "block"} else None
