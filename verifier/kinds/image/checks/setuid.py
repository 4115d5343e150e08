"""Whether files of an image give others' rights: setuid, setgid, file capabilities, and folders that are everybody's.

* the bits of a folder's group are none: they hand on a group, and give nobody rights
* a folder that everybody may write to without the sticky bit lets everybody exchange everybody's files
"""

from __future__ import annotations

from verifier.archives.layers.table import Entry
from verifier.archives.layers.tree import STICKY
from verifier.core.outcome import Outcome
from verifier.evidence.inspection import Inspection
from verifier.kinds.image.checks.asked import judge_trees
from verifier.kinds.image.checks.members import members

NAME = "setuid"
_SETUID, _SETGID, STICKY, _EVERYBODY_WRITES = 0o4000, 0o2000, 0o1000, 0o002


def check(inspection: Inspection) -> Outcome:
    """Judge the members of each platform, where the rule denies others' rights."""
    return judge_trees(inspection, "setuid", lambda platform, _: members(platform, _wrong, code="image.setuid-file"))


def _wrong(entry: Entry) -> str | None:
    if entry.type == "directory":
        open_to_all = entry.mode & _EVERYBODY_WRITES and not entry.mode & STICKY
        return f"a folder that everybody may write to, mode {entry.mode:04o}" if open_to_all else None
    if entry.type not in {"file", "hardlink"}:
        return None
    bits = [name for name, bit in (("setuid", _SETUID), ("setgid", _SETGID)) if entry.mode & bit]
    if entry.capability:
        bits.append("file capabilities")
    return f"{' and '.join(bits)}, mode {entry.mode:04o}, user {entry.uid}" if bits else None
