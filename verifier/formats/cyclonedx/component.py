"""One component of a CycloneDX document, which its schema has passed, as a value.

* the purl says what it is, where there is one that agrees with the component: name, namespace, version, qualifiers
* without a `bom-ref` its path in the document is its ref
* distributions are the external references of that type; hashes beside the component are its own
"""

from __future__ import annotations

from typing import Final

from verifier.core.costs.budget import Budget
from verifier.core.costs.prices import EXPRESSION
from verifier.formats.bom.claims import WEAK, read_hash, read_purl, version_of
from verifier.formats.bom.component import FILE, Component, Distribution, Hash, License
from verifier.formats.bom.faults import Faults, told
from verifier.formats.bom.said import LAYER, OWNED_BY
from verifier.formats.cyclonedx.references import Refs
from verifier.formats.cyclonedx.schema import Tree
from verifier.formats.spdx_license import fault_in

_HANDED_OUT: Final = ("distribution", "distribution-intake")
_PLAIN: Final = frozenset(
    {
        *("type", "name", "version", "bom-ref", "purl", "cpe", "group", "description", "scope", "publisher", "author"),
        *("copyright", "mime-type", "hashes", "licenses", "properties", "externalReferences", "components"),
    }
)
"""Members that hold no refs, or are looked through here."""
_PLAIN_LICENSE: Final = frozenset({"id", "name", "url", "acknowledgement"})


class Reading:
    """What reading components needs, and remembers. Changes."""

    __slots__ = ("_expressions", "_external", "_weak", "budget", "faults", "refs")

    def __init__(self, faults: Faults, refs: Refs, budget: Budget) -> None:
        self.faults, self.refs, self.budget = faults, refs, budget
        self._expressions: dict[str, str] = {}
        self._weak: list[str] = []
        self._external: set[str] = set()

    def component(self, item: Tree, path: str, parent: str) -> Component:
        """The component `item`, which stands at `path` and is nested in `parent`, a ref."""
        get = item.get
        ref = get("bom-ref")
        if ref is not None:
            self.refs.define(ref, f"{path}.bom-ref")
        if not item.keys() <= _PLAIN:
            for key in item.keys() - _PLAIN:
                self.refs.walk(item[key], f"{path}.{key}")
        group, name, version, written = get("group", ""), item["name"], get("version"), get("purl")
        purl = read_purl(written, group, name, version, path, self.faults) if written is not None else None
        kind = item["type"]
        ecosystem, namespace = FILE if kind == "file" else "", group
        qualifiers: tuple[tuple[str, str], ...] = ()
        if purl is not None:
            ecosystem, namespace, qualifiers = purl.type, purl.namespace, purl.qualifiers
        scope = get("scope", "")
        if "isExternal" in item or self._external:
            scope = self._scope(item, parent, path if ref is None else ref)
        properties = _properties(get("properties", ()))
        said = dict(properties) if properties else {}
        return Component(
            kind,
            FILE if kind == "file" and ecosystem in ("", "generic") else ecosystem,
            name if purl is None else purl.name,
            version if purl is None else version_of(purl, version),
            namespace,
            qualifiers,
            name if kind == "file" else "",
            self._own_hashes(item, path) if "hashes" in item else (),
            self._distributions(item["externalReferences"], path) if "externalReferences" in item else (),
            None,
            self._licenses(item["licenses"], path) if "licenses" in item else (),
            get("supplier", {}).get("name", ""),
            get("description", ""),
            get("mime-type", ""),
            said.get(LAYER, ""),
            path if ref is None else ref,
            said.get(OWNED_BY, ""),
            parent,
            written or "",
            get("cpe", ""),
            properties,
            scope,
        )

    def _scope(self, item: Tree, parent: str, ref: str) -> str:
        """What is external is no part of the artifact, and nothing in it is one."""
        if item.get("isExternal") is not True and parent not in self._external:
            return str(item.get("scope", ""))
        self._external.add(ref)
        return "external"

    def note_weak(self) -> None:
        """Doubt the components that have weak digests alone, all of them together."""
        if self._weak:
            message = "no digest but MD5 or SHA-1, which anybody can forge"
            others = f" (and {len(self._weak) - 1:,} others)" if len(self._weak) > 1 else ""
            self.faults.doubt(f"{self._weak[0]}{others}", f"has {message}" if not others else f"have {message}")

    def _hashes(self, hashes: list[Tree], path: str) -> tuple[Hash, ...]:
        faults, here = self.faults, f"{path}.hashes"
        return tuple([read_hash(each["alg"], each["content"], here, at, faults) for at, each in enumerate(hashes)])

    def _own_hashes(self, item: Tree, path: str) -> tuple[Hash, ...]:
        hashes = self._hashes(item["hashes"], path)
        if hashes and hashes[0].algorithm in WEAK and all(each.algorithm in WEAK for each in hashes):
            self._weak.append(path)
        return hashes

    def _distributions(self, references: list[Tree], path: str) -> tuple[Distribution, ...]:
        found = []
        for index, each in enumerate(references):
            hashes = self._hashes(each["hashes"], f"{path}.externalReferences[{index}]") if "hashes" in each else ()
            if each["type"] in _HANDED_OUT:
                found.append(Distribution(each["url"], hashes))
        return tuple(found)

    def _licenses(self, choices: list[Tree], path: str) -> tuple[License, ...]:
        found = []
        for index, choice in enumerate(choices):
            said = choice.get("license", choice)
            if said is choice or not said.keys() <= _PLAIN_LICENSE:
                self.refs.walk(choice, f"{path}.licenses[{index}]")
            acknowledged = said.get("acknowledgement", "")
            if "expression" in said:
                self._hold_expression(said["expression"], f"{path}.licenses[{index}].expression")
                found.append(License(said["expression"], "expression", acknowledged))
            elif "id" in said:
                found.append(License(said["id"], "id", acknowledged))
            else:
                found.append(License(said.get("name", ""), "name", acknowledged))
        return tuple(found)

    def _hold_expression(self, text: str, path: str) -> None:
        """Note an expression that is none; the same text is read once."""
        fault = self._expressions.get(text)
        if fault is None:
            self.budget.spend(EXPRESSION, len(text), subject=self.faults.subject)
            fault = self._expressions[text] = fault_in(text)
        if fault:
            self.faults.fault(path, f"is {told(text)}, which {fault}")


def _properties(properties: list[Tree] | tuple[()]) -> tuple[tuple[str, str], ...]:
    return tuple([(each.get("name", ""), each.get("value", "")) for each in properties])
