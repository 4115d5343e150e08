"""The forms in which bills of materials are written, and the versions of CycloneDX."""

from __future__ import annotations

from typing import Final, Literal

Form = Literal["cyclonedx", "cyclonedx-xml", "spdx"]
SpecVersion = Literal["1.5", "1.6", "1.7"]
WRITTEN: Final[tuple[SpecVersion, ...]] = ("1.5", "1.6", "1.7")
USUAL: Final[SpecVersion] = "1.6"
"""What is written where nobody asks for another."""
