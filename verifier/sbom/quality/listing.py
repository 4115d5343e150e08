"""What several profiles have in common: that a document lists anything, that it has names, and chapters of theirs."""

from __future__ import annotations

from typing import Final

from verifier.sbom.quality.rule import MISSING
from verifier.sbom.quality.sheet import Node, Sheet, present

DATA_FIELDS: Final = "Data Fields"
PRACTICES: Final = "Practices and Processes"
HANDED_ON: Final = "it is about how SBOMs are made and handed on, which no document shows"
NOT_SHOWN: Final = "a document does not show what it leaves out: `--against` does"


def listed(sheet: Sheet, _: Node) -> str:
    """An empty list is nobody's bill of materials."""
    return "" if sheet.components else "lists no component at all"


def name(_: Sheet, node: Node) -> str:
    """A component's name; a package may well be called `none`."""
    named = node.get("name")
    return "" if present(named) or (isinstance(named, str) and named.strip() and named != named.upper()) else MISSING
