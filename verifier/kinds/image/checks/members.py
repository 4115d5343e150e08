"""Members of layers that are judged by what they are: those of the final tree deny, those that are gone are notes.

* gone is what a later layer removes, replaces, or gives other bits: whoever unpacks the layers one by one has it still
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from verifier.archives.layers.table import Entry
from verifier.core.outcome import Reason
from verifier.core.severity import Severity
from verifier.kinds.image.artifact import PlatformImage
from verifier.kinds.image.checks.asked import at


def members(platform: PlatformImage, wrong: Callable[[Entry], str | None], *, code: str) -> Iterator[Reason]:
    """What `wrong` has to say of each member of the final tree, and of each that a layer has and the tree has not."""
    there: set[tuple[int, str]] = set()
    for placed in platform.tree or ():
        if (what := wrong(placed.entry)) is not None:
            there.add((placed.layer, placed.entry.path))
            message = f"{what} (layer {placed.layer})"
            yield Reason(code=code, subject=at(platform, placed.entry.path), message=message)
    for number, layer in enumerate(platform.layers or ()):
        for entry in layer.entries:
            if (what := wrong(entry)) is not None and (number, entry.path) not in there:
                message = f"{what} in layer {number}, which a later layer takes away"
                yield Reason(code=code, subject=at(platform, entry.path), message=message, severity=Severity.NOTE)
