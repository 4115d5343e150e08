"""Circles among dependencies: real software has them, so they are told and not refused."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.core.severity import Severity
from verifier.formats.bom.faults import Faults, told

_TOLD = 4
"""Refs of a circle that a message names."""


def note_cycle(dependencies: Iterable[tuple[str, tuple[str, ...]]], faults: Faults) -> None:
    """Tell of the first circle that is found (libc6 and libgcc-s1 are one), in linear time."""
    circle = _circle(dict(dependencies))
    if circle:
        shown = " -> ".join(told(ref) for ref in circle[:_TOLD])
        more = f" -> … ({len(circle)} in all)" if len(circle) > _TOLD else ""
        message = f"lead back to where they begin: {shown}{more} -> {told(circle[0])}"
        faults.doubt("dependencies", message, severity=Severity.NOTE)


def _circle(needs: dict[str, tuple[str, ...]]) -> list[str]:
    """The refs of a circle in their order; none where there is no circle."""
    done: set[str] = set()
    for start, needed in needs.items():
        if start in done:
            continue
        path: dict[str, None] = {start: None}
        pending = [iter(needed)]
        while pending:
            ref = next(pending[-1], None)
            if ref is None:
                pending.pop()
                done.add(path.popitem()[0])
            elif ref in path:
                refs = list(path)
                return refs[refs.index(ref) :]
            elif ref in needs and ref not in done:
                path[ref] = None
                pending.append(iter(needs[ref]))
    return []
