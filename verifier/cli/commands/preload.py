"""`verify preload` for whoever asks for help, mistypes an option, or writes a line that is not plain."""

from __future__ import annotations

from verifier.cli.preload.decide import decide
from verifier.cli.spread import spread

preload = spread(decide)
