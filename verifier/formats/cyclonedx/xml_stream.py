"""A large document in XML, piece by piece: each component is converted where it ends, and its elements are given back.

* what stands there at once is one component, what is around the lists of components and dependencies, and the result
* the schema is asked while the document is parsed
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

from verifier.formats.cyclonedx.schema import xml_schema
from verifier.formats.cyclonedx.shapes import shape_of
from verifier.formats.cyclonedx.xml_outline import LISTS
from verifier.formats.cyclonedx.xml_tree import Conversion

if TYPE_CHECKING:
    from lxml.etree import _Element


class Stream:
    """One document that is being read. Changes."""

    def __init__(self, namespace: str, version: str) -> None:
        self.conversion = Conversion(namespace)
        self._lists = {namespace + name: name for name in LISTS}
        self._items = (f"{namespace}component", f"{namespace}dependency")
        self._shape = shape_of(version)
        self._version = version
        self._found: dict[str, list[Any]] = {}

    def read(self, content: bytes, options: Mapping[str, Any]) -> dict[str, Any]:
        """The document as JSON has it; raises `XMLSyntaxError` where it is no XML, or breaks its schema."""
        from lxml import etree  # noqa: PLC0415 - who is here has it

        source, schema = BytesIO(content), xml_schema(self._version)
        events = etree.iterparse(source, events=("end",), tag=self._items, schema=schema, **options)
        for _, element in events:
            above = element.getparent()
            if above is not None and above.tag in self._lists:
                around = above.getparent()
                if around is not None and around.getparent() is None:
                    self._take(element, above)
        return self._whole(events.root)

    def _take(self, element: _Element, above: _Element) -> None:
        name = self._lists[above.tag]
        item = self.conversion.item(element.tag.rpartition("}")[2], element, self._shape.members[name].item)
        self._found.setdefault(name, []).append(item)
        element.clear(keep_tail=False)
        while (before := element.getprevious()) is not None:
            if before.tag not in self._items:
                self.conversion.foreign += 1
            del above[0]

    def _whole(self, root: _Element) -> dict[str, Any]:
        for child in root:
            if child.tag in self._lists:
                self.conversion.foreign += sum(each.tag not in self._items for each in child)
                child.clear(keep_tail=False)
        around = self.conversion.object(root, self._shape)
        return {"bomFormat": "CycloneDX", "specVersion": self._version, **around, **self._found}
