"""The outline of an XML document, by another parser than the one that reads it, before that one makes anything.

* it must be whole and well-formed: two parsers have to agree (the one that streams has let cut documents pass)
* what its root is, and how many elements stand there at once while it is read piece by piece, are known beforehand

Nothing of the document is kept; a DOCTYPE was refused before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from xml.parsers import expat

from verifier.core.errors import refuse
from verifier.formats.bom.faults import escaped

LISTS: Final = ("components", "dependencies")
"""The lists of the root of which each item is given back once it was read."""

MAX_ATTRIBUTES: Final = 256
"""Attributes of one element: the schema is held against them in the square of their number."""
MAX_NAMESPACES: Final = 1_000
"""Declarations of namespaces: each is looked for among all."""


class Outline:
    """What was seen of one document: `namespace` and `name` of its root, and `held`, the most elements at once."""

    def __init__(self, content: bytes, subject: str) -> None:
        self.namespace = self.name = ""
        self.held = 0
        self._subject = subject
        self._now = self._before = self._depth = self._declared = 0
        self._lists: frozenset[str] = frozenset()
        self._listed = False
        parser = expat.ParserCreate("UTF-8", "}")
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.StartNamespaceDeclHandler = self._declare
        try:
            parser.Parse(content, True)
        except expat.ExpatError as error:
            raise refuse("sbom.invalid", subject, f"not XML: {escaped(str(error)[:200])}") from None

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if len(attributes) > MAX_ATTRIBUTES:
            message = f"an element has {len(attributes):,} attributes; at most {MAX_ATTRIBUTES} are read"
            raise refuse("sbom.invalid", self._subject, message)
        self._depth += 1
        if self._depth == 1:
            self.namespace, _, self.name = name.rpartition("}")
            self._lists = frozenset(f"{self.namespace}}}{each}" for each in LISTS)
        elif self._depth == 2:
            self._listed = name in self._lists
        elif self._depth == 3:
            self._before = self._now
        self._now += 1
        self.held = max(self.held, self._now)

    def _declare(self, _prefix: str | None, _uri: str) -> None:
        self._declared += 1
        if self._declared > MAX_NAMESPACES:
            message = f"more than {MAX_NAMESPACES} declarations of namespaces; at most so many are read"
            raise refuse("sbom.invalid", self._subject, message)

    def _end(self, _name: str) -> None:
        self._depth -= 1
        if self._depth == 2 and self._listed:
            self._now = self._before
