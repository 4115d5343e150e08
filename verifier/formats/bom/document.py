"""A bill of materials that was read: what it lists, and what it says of itself."""

from __future__ import annotations

from typing import Final, Literal

from verifier.core.digest import Digest
from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.formats.bom.component import Component
from verifier.formats.json.strict_json import JsonValue

Format = Literal["cyclonedx", "spdx"]

MAX_COMPONENTS: Final = 200_000
"""Components in one document, or found in one artifact: so many take some 800 MB as Python values."""
MAX_TOOLS: Final = 100
"""Tools of one document that are remembered."""


class Tool(Value):
    """What made a document, as it says itself: `name` and `version`, "" where it does not."""

    name: str
    version: str = ""


class BomDocument(Value):
    """One document, read strictly and held against its schema.

    `digest` is that of its bytes. `subject` is what it is about (`metadata.component`; what SPDX describes), None where
    it does not say. `components` are all that it lists, nested ones too, each once, in the order of the document;
    `dependencies` are pairs of a ref and the refs that it depends on. `tree` is the document itself: JSON as it stands,
    XML as the JSON of the same meaning. `findings` are warnings about what was read.
    """

    format: Format
    spec_version: str
    digest: Digest
    subject: Component | None
    components: tuple[Component, ...] = field(repr=False)
    dependencies: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), repr=False)
    tools: tuple[Tool, ...] = ()
    tree: JsonValue = field(default=None, repr=False)
    findings: tuple[Reason, ...] = ()
