"""What a line of progress says, as wide as there is room."""

from __future__ import annotations

from typing import Final

from verifier.core.costs.progress import Step
from verifier.core.outcome import cleared
from verifier.reports.escape import printable

_NARROW: Final = 12
"""Columns of a name that tells anybody anything."""


def fitted(all_: Step | None, one: Step | None, columns: int, seconds: float) -> str:
    """The line: which of several artifacts, what is done of it, and for how long; what there is no room for is cut."""
    if all_ is None and one is None:
        return ""
    before = f"[{all_.done + 1}/{all_.whole}] " if all_ is not None and all_.whole is not None else ""
    amount = "" if one is None else _amount(one)
    after = f"{': ' if amount else ''}{amount} {seconds:.0f}s"
    what = printable(cleared(one.what if one is not None else all_.what if all_ is not None else ""))
    room = columns - 1 - len(before) - len(after)
    if len(what) > room:
        what = f"{what[: room - 3]}..." if room >= _NARROW else ""
    return f"{before}{what}{after if what else after.removeprefix(': ')}".strip()[: max(columns - 1, 0)].rstrip()


def _amount(step: Step) -> str:
    if not step.unit:
        return ""
    if step.unit == "bytes":
        done = _size(step.done)
        return done if step.whole is None else f"{done} of {_size(step.whole)}"
    return f"{step.done:,} {step.unit}" if step.whole is None else f"{step.done:,} of {step.whole:,} {step.unit}"


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 100_000 else f"{count:,} B"
