"""How the elements of an SPDX document hang together: what it describes, what depends on what, which file is whose.

* both ends of a relationship are in the document, or in another that it declares
* relationships that are written from the other end (`DEPENDENCY_OF`, `CONTAINED_BY`) are turned round

Source: SPDX 2.3, chapter 11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from verifier.core.value import Value
from verifier.formats.bom.faults import Faults, told
from verifier.formats.spdx.item import Item

DOCUMENT: Final = "SPDXRef-DOCUMENT"
_ELSEWHERE: Final = re.compile(r"(DocumentRef-[^:]+):SPDXRef-\S+\Z")
_NOTHING: Final = frozenset({"NONE", "NOASSERTION"})
_KIND: Final = re.compile(r"[A-Z][A-Z_]{2,40}\Z")
_DEPENDS: Final = frozenset({"DEPENDS_ON", "STATIC_LINK", "DYNAMIC_LINK"})


class Relations(Value):
    """What is described, what needs what, and who owns which file: all of them refs."""

    described: tuple[str, ...]
    dependencies: tuple[tuple[str, tuple[str, ...]], ...]
    owners: tuple[tuple[str, str], ...]


def read_relationships(document: Item, packages: list[Item], places: dict[str, str]) -> Relations:
    """The relationships of `document`, which has these packages, and whose elements are at `places`."""
    elsewhere = {each.text("externalDocumentId", required=True) for each in document.items("externalDocumentRefs")}
    described: dict[str, None] = {}
    needs: dict[str, dict[str, None]] = {}
    owners: dict[str, str] = {}
    for ref, path in document.texts("documentDescribes"):
        _hold(ref, path, places, elsewhere, document.faults)
        described[ref] = None
    for owner, kind, owned in _relations(document, packages, places, elsewhere):
        if kind == "DESCRIBES" and owner == DOCUMENT:
            described[owned] = None
        elif kind == "DEPENDS_ON":
            needs.setdefault(owner, {})[owned] = None
        elif kind == "CONTAINS":
            owners.setdefault(owned, owner)
    return Relations(
        described=tuple(described),
        dependencies=tuple((ref, tuple(needed)) for ref, needed in needs.items()),
        owners=tuple(owners.items()),
    )


def _relations(
    document: Item, packages: list[Item], places: dict[str, str], elsewhere: set[str]
) -> Iterator[tuple[str, str, str]]:
    for each in document.items("relationships"):
        one, other = each.text("spdxElementId", required=True), each.text("relatedSpdxElement", required=True)
        kind = each.text("relationshipType", required=True)
        _hold(one, each.at("spdxElementId"), places, elsewhere, document.faults)
        _hold(other, each.at("relatedSpdxElement"), places, elsewhere, document.faults)
        if kind and not _KIND.match(kind):
            document.faults.fault(each.at("relationshipType"), f"is {told(kind)}, expected a name in capitals")
        if other not in _NOTHING:
            yield _turned(one, kind, other)
    for package in packages:
        owner = package.value.get("SPDXID", "")
        for ref, path in package.texts("hasFiles"):
            _hold(ref, path, places, elsewhere, document.faults)
            yield owner, "CONTAINS", ref


def _turned(one: str, kind: str, other: str) -> tuple[str, str, str]:
    if kind in _DEPENDS:
        return one, "DEPENDS_ON", other
    if kind.endswith("DEPENDENCY_OF"):
        return other, "DEPENDS_ON", one
    if kind in ("CONTAINED_BY", "DESCRIBED_BY"):
        return other, "CONTAINS" if kind == "CONTAINED_BY" else "DESCRIBES", one
    return one, kind, other


def _hold(ref: str, path: str, places: dict[str, str], elsewhere: set[str], faults: Faults) -> None:
    """A fault where nothing has this ref."""
    if ref in places or ref in _NOTHING or not ref:
        return
    outside = _ELSEWHERE.match(ref)
    if outside is None:
        faults.fault(path, f"refers to {told(ref)}, which nothing in the document is")
    elif outside[1] not in elsewhere:
        faults.fault(path, f"refers to {told(outside[1])}, which is none of externalDocumentRefs")
