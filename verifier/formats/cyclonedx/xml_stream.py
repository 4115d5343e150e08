"""A large document in XML, piece by piece: each component is converted where it ends, and its elements are given back.

* what stands there at once is one component, what is around the lists of components and dependencies, and the result
* elements that stay are paid for as they come; the schema is asked while the document is parsed
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from verifier.core.costs.budget import Budget
from verifier.core.costs.prices import XML_HELD
from verifier.formats.cyclonedx.schema import xml_schema
from verifier.formats.cyclonedx.shapes import shape_of
from verifier.formats.cyclonedx.xml_tree import Conversion

if TYPE_CHECKING:
    from lxml.etree import _Element

_LISTS: Final = ("components", "dependencies")
_BLOCK: Final = 1_000
"""Elements that are paid for at once."""


class Stream:
    """One document that is being read. Changes."""

    def __init__(self, namespace: str, version: str, *, budget: Budget, subject: str) -> None:
        self.conversion = Conversion(namespace)
        self._lists = {namespace + name: name for name in _LISTS}
        self._shape = shape_of(version)
        self._version = version
        self._budget, self._subject = budget, subject
        self._found: dict[str, list[Any]] = {}
        self._depth = self._held = self._paid = self._before = 0

    def read(self, content: bytes, options: Mapping[str, bool]) -> dict[str, Any]:
        """The document as JSON has it; raises `XMLSyntaxError` where it is no XML, or breaks its schema."""
        from lxml import etree  # noqa: PLC0415 - who is here has it

        source, schema = BytesIO(content), xml_schema(self._version)
        events = etree.iterparse(source, events=("start", "end"), schema=schema, **options)
        for event, element in events:
            if event == "start":
                self._start()
            else:
                self._end(element)
        return self._whole(events.root)

    def _start(self) -> None:
        self._depth += 1
        if self._depth == 3:
            self._before = self._held
        self._held += 1
        if self._held > self._paid:
            self._budget.spend(XML_HELD, _BLOCK, subject=self._subject)
            self._paid += _BLOCK

    def _end(self, element: _Element) -> None:
        self._depth -= 1
        if self._depth != 2:
            return
        above = element.getparent()
        name = self._lists.get(above.tag)
        if name is None:
            return
        item = self._shape.members[name].item
        self._found.setdefault(name, []).extend(self.conversion.items_of(element, item))
        element.clear(keep_tail=False)
        while element.getprevious() is not None:
            del above[0]
        self._held = self._before

    def _whole(self, root: _Element) -> dict[str, Any]:
        for child in root:
            if child.tag in self._lists:
                child.clear(keep_tail=False)
        return {
            "bomFormat": "CycloneDX",
            "specVersion": self._version,
            **self.conversion.object(root, self._shape),
            **self._found,
        }
