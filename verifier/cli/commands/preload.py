"""`verify preload`: decide whether a bundle may be loaded now, by the verdict that CI made."""

from __future__ import annotations

from verifier.cli.preload.decide import decide
from verifier.cli.spread import spread

preload = spread(decide)
