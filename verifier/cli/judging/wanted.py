"""What a command asks of the artifacts of its kind."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from verifier.cli.options.trust import Demand
from verifier.core.value import Value
from verifier.trust.model import TrustPolicy

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.core.digest import Digest
    from verifier.engine.request import Beside
    from verifier.kinds.image.wish import ImageWish
    from verifier.sources.content import Remote

Source = Callable[[str, TrustPolicy], "Path | Remote | Digest"]
"""From what was typed to where the artifact is."""


class Wanted(Value):
    """What a command asks of the artifacts of its kind.

    `source` says where each is; `demands` are what flags demand, and `counted` the predicate types that count as a
    signature beside them; `image` is asked once for what is wanted of every image; `for_one` has what was typed and
    goes with one artifact only, by its flag.
    """

    kind: str
    source: Source
    demands: tuple[Demand, ...] = ()
    counted: tuple[str, ...] = ()
    refresh: bool = False
    engine: str = "auto"
    beside: Callable[[str], Beside | None] | None = None
    image: Callable[[str, ExitStack], ImageWish] | None = None
    for_one: dict[str, object] = {}  # noqa: RUF012 - never changed
