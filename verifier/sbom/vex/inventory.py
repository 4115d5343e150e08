"""What statements are held against: an artifact's components, or a document's, to be found by purl, ref and digest.

* names are compared as their ecosystems compare them (`sbom.compare.identity`), never as strings
* everything is looked up: a statement costs what it names, whatever the artifact holds
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from verifier.core.digest import Digest
from verifier.formats.bom.catalog import Catalog
from verifier.formats.bom.component import Component
from verifier.formats.bom.document import BomDocument
from verifier.sbom.compare.identity import Key, key_of
from verifier.sbom.vex.cyclonedx import link_of


class Inventory:
    """One artifact. `subject` is the artifact as a component, where it is known; `digests` are what it goes by."""

    def __init__(
        self,
        components: Iterable[Component],
        *,
        subject: Component | None = None,
        digests: Iterable[Digest] = (),
        dependencies: Iterable[tuple[str, tuple[str, ...]]] = (),
        link: tuple[str, int] | None = None,
    ) -> None:
        self.subject, self.link = subject, link
        self.digests = frozenset(each.value for each in digests)
        self._by_name: dict[Key, list[Component]] = defaultdict(list)
        self._by_ref: dict[str, Component] = {}
        self._by_digest: dict[str, list[Component]] = defaultdict(list)
        self._within: dict[str, list[str]] = defaultdict(list)
        for each in (*((subject,) if subject is not None else ()), *components):
            self._add(each)
        for ref, targets in dependencies:
            self._within[ref] += targets

    @classmethod
    def of_catalog(cls, catalog: Catalog) -> Inventory:
        """What was found in an artifact."""
        return cls(
            catalog.components,
            subject=catalog.subject,
            digests=catalog.digests,
            dependencies=catalog.dependencies,
        )

    @classmethod
    def of_document(cls, document: BomDocument, *, digests: Iterable[Digest] = ()) -> Inventory:
        """What a document lists, of an artifact that has `digests`."""
        return cls(
            document.components,
            subject=document.subject,
            digests=digests,
            dependencies=document.dependencies,
            link=link_of(document),
        )

    def _add(self, component: Component) -> None:
        self._by_name[name_of(component)].append(component)
        if component.ref:
            self._by_ref.setdefault(component.ref, component)
        for each in component.hashes:
            self._by_digest[each.value].append(component)
        for above in (component.parent, component.owner):
            if above and component.ref:
                self._within[above].append(component.ref)

    def named(self, component: Component) -> list[Component]:
        """Components with the name of `component`, whatever their versions."""
        return self._by_name.get(name_of(component), [])

    def at(self, ref: str) -> Component | None:
        """The component with this ref."""
        return self._by_ref.get(ref)

    def with_digest(self, value: str) -> list[Component]:
        """Components with this digest, in hex."""
        return self._by_digest.get(value, [])

    def is_subject(self, component: Component) -> bool:
        """Whether this is the artifact itself."""
        return component is self.subject

    def inside(self, component: Component) -> frozenset[str]:
        """The refs of all that a component consists of or depends on, itself left out."""
        found: set[str] = set()
        waiting = list(self._within.get(component.ref, ()))
        while waiting:
            ref = waiting.pop()
            if ref not in found:
                found.add(ref)
                waiting += self._within.get(ref, ())
        return frozenset(found)


def name_of(component: Component) -> Key:
    """What a component is called, without its version and architecture."""
    return key_of(component)._replace(version="", architecture="")
