"""What to do, where several words of the catalogue say the same."""

from __future__ import annotations

REBUILD = "Rebuild the bundle with `opa build` or `verify sign bundle`."
REWRITE = "Make the document anew with the tool that wrote it (a bundle: `opa build`)."
