"""What a statement is about: components of this artifact, or something else, which it then says nothing of.

* a purl means a component of its name and exactly its version, with every qualifier that the purl states
* a ref means the component of the very document, or of the one that a BOM-Link names by serial number and version
* versions that are listed mean those, and ranges what lies in them; a range that nobody can order means nothing
* digests of SHA-256 or better mean the artifact or a component; where both state one, it is the same or no match
* subcomponents mean what is within the product, which must be matched itself first
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.core.value import Value
from verifier.formats.bom.claims import WEAK
from verifier.formats.bom.component import Component, Hash
from verifier.formats.bom.vex import BomLink, Product, VersionClaim, VexStatement
from verifier.formats.purl import Purl, parse_purl
from verifier.sbom.compare.identity import key_of
from verifier.sbom.vex.inventory import Inventory
from verifier.sbom.vex.ranges import lies_in


class About(Value):
    """What of an artifact a statement is about.

    `artifact`: the artifact as a whole. `components`: these within it, each once, in the artifact's order of finding.
    `elsewhere`: what else it names, and why that is not here.
    """

    artifact: bool = False
    components: tuple[Component, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def here(self) -> bool:
        """Whether it is about anything of this artifact."""
        return self.artifact or bool(self.components)


def about(statement: VexStatement, inventory: Inventory) -> About:
    """What `statement` is about in the artifact of `inventory`."""
    whole, found, lost = False, dict[int, Component](), []
    for product in statement.products:
        matched, why = _matched(product, inventory)
        if not matched.here:
            lost.append(f"{product.name[:200]}: {why}")
        whole = whole or matched.artifact
        found.update((id(each), each) for each in matched.components)
    return About(artifact=whole, components=tuple(found.values()), elsewhere=tuple(lost))


def _matched(product: Product, inventory: Inventory) -> tuple[About, str]:
    """What one product means, and why that is nothing."""
    found, why = _found(product, inventory)
    by_digest = any(each.value in inventory.digests for each in product.hashes if each.algorithm not in WEAK)
    by_digest = by_digest or any(_is_image(purl, inventory) for purl in product.purls)
    whole = by_digest or any(map(inventory.is_subject, found))
    if not product.subcomponents:
        parts = tuple(each for each in found if not inventory.is_subject(each))
        return About(artifact=whole, components=parts), why
    if not whole and not found:
        return About(), why
    within = None if whole else frozenset(ref for each in found for ref in inventory.inside(each))
    below = _below(product, inventory, within)
    return About(components=tuple(below)), "" if below else "none of its subcomponents is in it"


def _below(product: Product, inventory: Inventory, within: frozenset[str] | None) -> list[Component]:
    """The subcomponents that are there: in the artifact, or below `within`; the product's version says theirs."""
    found: dict[int, Component] = {}
    for each in product.subcomponents:
        matched, _ = _found(each, inventory, exact=False)
        for component in matched:
            if not inventory.is_subject(component) and (within is None or component.ref in within):
                found[id(component)] = component
    return list(found.values())


def _found(product: Product, inventory: Inventory, *, exact: bool = True) -> tuple[list[Component], str]:
    """The components that a product names."""
    if product.link is not None:
        return _linked(product.link, product.versions, inventory)
    if product.component is not None:
        return _like(product.component, product.versions, inventory)
    found: dict[int, Component] = {}
    whys = []
    for text in product.purls:
        matched, why = _by_purl(parse_purl(text), inventory, exact=exact)
        whys.append(why)
        found.update((id(each), each) for each in matched)
    if not product.purls:
        strong = [each for each in product.hashes if each.algorithm not in WEAK]
        found = {id(each): each for hash_ in strong for each in inventory.with_digest(hash_.value)}
        whys.append("nothing here has its digest" if strong else "it has no purl and no digest that proves anything")
    alike = [each for each in found.values() if _digests_agree(product.hashes, each)]
    if found and not alike:
        return [], "what has its name here has another digest"
    return alike, "; ".join(dict.fromkeys(filter(None, whys)))


def _linked(link: BomLink, claims: tuple[VersionClaim, ...], inventory: Inventory) -> tuple[list[Component], str]:
    if inventory.link is None:
        return [], "it links to another document, and this one has no serial number"
    if (link.serial, link.version) != inventory.link:
        return [], f"it links to version {link.version} of the document {link.serial}, which is another"
    found = inventory.at(link.ref)
    if found is None:
        return [], f"the document lists nothing as {link.ref[:120]!r}"
    return ([found], "") if not claims or _claimed(found, claims) else ([], "it is about other versions")


def _like(stated: Component, claims: tuple[VersionClaim, ...], inventory: Inventory) -> tuple[list[Component], str]:
    """What is here of what another document lists: by purl or name, and version."""
    if not stated.version and not claims:
        return [], "it names no version"
    if claims:
        alike = inventory.named(stated)
        inventory.spend(len(alike) * len(claims))
        found = [each for each in alike if _claimed(each, claims)]
    else:
        found = [each for each in inventory.exactly(stated) if _fits(stated, each)]
    found = [each for each in found if _is_same_kind(stated, each, inventory) and _digests_agree(stated.hashes, each)]
    return found, "" if found else _here(inventory.named(stated))


def _is_same_kind(stated: Component, each: Component, inventory: Inventory) -> bool:
    """A name without an ecosystem means the artifact itself, or what has no ecosystem either."""
    return bool(stated.ecosystem) or inventory.is_subject(each) or not each.ecosystem


def _by_purl(purl: Purl, inventory: Inventory, *, exact: bool) -> tuple[list[Component], str]:
    if purl.version is None and exact:
        return [], "its purl names no version"
    stated = Component(
        "library", purl.type, purl.name, purl.version, namespace=purl.namespace, qualifiers=purl.qualifiers
    )
    alike = inventory.named(stated) if purl.version is None else inventory.exactly(stated)
    inventory.spend(len(alike))
    found = [each for each in alike if _fits(stated, each)]
    return found, "" if found else _here(inventory.named(stated))


def _fits(stated: Component, each: Component) -> bool:
    """Whether a component has every qualifier that is stated; an epoch is part of the version."""
    return all(pair in each.qualifiers for pair in stated.qualifiers if pair[0] not in {"epoch", "checksum"})


def _digests_agree(stated: tuple[Hash, ...], component: Component) -> bool:
    """Whether no algorithm that both state has other values."""
    here: dict[str, set[str]] = {}
    for each in component.hashes:
        here.setdefault(each.algorithm, set()).add(each.value)
    there: dict[str, set[str]] = {}
    for each in stated:
        there.setdefault(each.algorithm, set()).add(each.value)
    return all(values & here[algorithm] for algorithm, values in there.items() if algorithm in here)


def _claimed(component: Component, claims: tuple[VersionClaim, ...]) -> bool:
    return any(_claims(component, each) for each in claims)


def _claims(component: Component, claim: VersionClaim) -> bool:
    if claim.version:
        return key_of(component).version == key_of(component._replace(version=claim.version)).version
    return bool(claim.range) and lies_in(component.version or "", claim.range, component.ecosystem) is True


def _is_image(text: str, inventory: Inventory) -> bool:
    """Whether a purl names this artifact by its digest, as purls of OCI artifacts do."""
    purl = parse_purl(text)
    algorithm, colon, value = (purl.version or "").partition(":")
    return purl.type in {"oci", "docker"} and bool(colon) and algorithm == "sha256" and value in inventory.digests


def _here(alike: list[Component]) -> str:
    """What is here of a name, for a person."""
    if not alike:
        return "nothing here has its name"
    return f"here it is {', '.join(_spelled(alike[:5]))}{', …' if len(alike) > 5 else ''}"


def _spelled(components: list[Component]) -> Iterator[str]:
    for each in components:
        qualifiers = "".join(f" {key}={value}" for key, value in each.qualifiers)
        yield f"{each.version or 'without a version'}{qualifiers}"
