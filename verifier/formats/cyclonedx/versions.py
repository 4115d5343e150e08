"""The versions of CycloneDX that are written."""

from __future__ import annotations

from typing import Final, Literal

SpecVersion = Literal["1.5", "1.6", "1.7"]
WRITTEN: Final[tuple[SpecVersion, ...]] = ("1.5", "1.6", "1.7")
USUAL: Final[SpecVersion] = "1.6"
"""What is written where nobody asks for another."""
