"""The readers of installed packages: one row each. What a reader is, `sbom.catalog.reader` says."""

from __future__ import annotations

from typing import Final

READERS: Final = ("dpkg", "apk", "rpm", "languages.python", "languages.npm", "languages.golang")
"""Modules of `verifier.sbom.catalog`, in the order in which they are asked: who installs others comes first."""
