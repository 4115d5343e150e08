"""What statements are held against: an artifact's components, or a document's, to be found by purl, ref and digest.

* names are compared as their ecosystems compare them (`sbom.compare.identity`), never as strings
* everything is looked up: a statement costs what it names, whatever the artifact holds; where that is very much, as
  with ranges over thousands of versions of one name, it is counted, and refused beyond `MAX_WORK`
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.formats.bom.catalog import Catalog
from verifier.formats.bom.component import Component
from verifier.formats.bom.document import BomDocument
from verifier.sbom.compare.identity import Key, key_of
from verifier.sbom.vex.cyclonedx import link_of

MAX_WORK: Final = 500_000
"""Components that all statements together may have looked at one by one: a second or two."""


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
        self._by_version: dict[Key, list[Component]] = defaultdict(list)
        self._by_ref: dict[str, Component] = {}
        self._by_digest: dict[str, list[Component]] = defaultdict(list)
        self._within: dict[str, list[str]] = defaultdict(list)
        self._inside: tuple[str, frozenset[str]] = ("", frozenset())
        self._work = 0
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
        key = key_of(component)._replace(architecture="")
        self._by_version[key].append(component)
        self._by_name[key._replace(version="")].append(component)
        if component.ref:
            self._by_ref.setdefault(component.ref, component)
        for each in component.hashes:
            self._by_digest[each.value].append(component)
        for above in (component.parent, component.owner):
            if above and component.ref:
                self._within[above].append(component.ref)

    def named(self, component: Component) -> list[Component]:
        """Components with the name of `component`, whatever their versions: to be counted by `spend` if walked."""
        return self._by_name.get(name_of(component), [])

    def exactly(self, component: Component) -> list[Component]:
        """Components with the name and the version of `component`."""
        return self._by_version.get(key_of(component)._replace(architecture=""), [])

    def spend(self, count: int) -> None:
        """Count components that are looked at one by one; `Refused` (`input.too-costly`) beyond `MAX_WORK`."""
        self._work += count
        if self._work > MAX_WORK:
            message = f"these statements mean more than {MAX_WORK:,} comparisons with the components of this artifact"
            raise refuse("input.too-costly", "the VEX documents", message)

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
        """The refs of all that a component consists of or depends on; what was asked for last is kept."""
        if self._inside[0] != component.ref or not component.ref:
            self._inside = (component.ref, self._reached(component.ref))
        return self._inside[1]

    def _reached(self, ref: str) -> frozenset[str]:
        found: set[str] = set()
        waiting = list(self._within.get(ref, ()))
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                below = self._within.get(each, ())
                self.spend(1 + len(below))
                waiting += below
        return frozenset(found)


def name_of(component: Component) -> Key:
    """What a component is called, without its version and architecture."""
    return key_of(component)._replace(version="", architecture="")
