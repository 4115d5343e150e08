"""The readers of installed packages: one row each. What a reader is, `sbom.catalog.reader` says."""

from __future__ import annotations

from typing import Final

OF_SYSTEMS: Final = ("dpkg", "apk", "rpm")
"""Those of system packages, whose paths begin at the root of a system: a folder may hold another (`nested`). Each has
`DATABASES` too: which of its rows are the database itself."""
READERS: Final = (*OF_SYSTEMS, "languages.python", "languages.npm", "languages.golang")
"""Modules of `verifier.sbom.catalog`, in the order in which they are asked: who installs others comes first."""
