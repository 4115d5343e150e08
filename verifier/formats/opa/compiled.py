"""What `opa build` makes of modules, by its name: OPA and its SDKs run it, and nobody looks into it."""

from __future__ import annotations

from typing import Final

COMPILED: Final = frozenset({"policy.wasm", "plan.json", "plan.pb"})
"""Names in whatever folder."""
