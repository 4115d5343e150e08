"""How one document differs from another: component by component, by identity, never by text.

* what is in both with another version went up or down by its ecosystem's own order; of several versions of one name the
  highest are held against each other, so that a downgrade is seen
* digests are compared where the version is the same, licences, sources and capabilities in any case
* a source that changed place is `confusion`: so does a name of one index come from another
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from verifier.formats.bom.component import FILE, Component
from verifier.formats.bom.document import BomDocument
from verifier.sbom.compare.identity import Key, key_of, named
from verifier.sbom.compare.matching import Keyed, keyed, match
from verifier.sbom.difference.changes import CATEGORIES, Change, Difference
from verifier.sbom.difference.orders.table import direction, order_of
from verifier.sbom.difference.sources import source_of
from verifier.versions.schemes import OrderKey

_ABILITIES: Final = frozenset({"verifier:rego:capability", "verifier:rego:builtin"})
_MOST_NAMED: Final = 8
_RANK = {category: rank for rank, category in enumerate(CATEGORIES)}


def difference(old: BomDocument, new: BomDocument) -> Difference:
    """What `new` says otherwise than `old`."""
    before, after = _highest_first(keyed(old.components)), _highest_first(keyed(new.components))
    matched = match(before, after)
    unsaid = tuple(_unsaid(old.components, new.components))
    changes = [Change("added", each.key.ecosystem, named(each.component), "", _said(each)) for each in matched.missing]
    changes += [Change("removed", each.key.ecosystem, named(each.component), _said(each)) for each in matched.surplus]
    changes += [change for each in matched.missing for change in _abilities(None, each.component, each.key)]
    for pair in matched.same:
        changes += _of_one(pair.said, pair.found, unsaid)
    for pair in matched.other_version:
        changes += _of_two_versions(pair.said, pair.found)
        changes += _of_one(pair.said, pair.found, (*unsaid, "hash"))
    if old.subject is not None and new.subject is not None:
        changes += _abilities(old.subject, new.subject, key_of(new.subject))
    changes.sort(key=lambda each: (_RANK[each.category], each))
    return Difference(
        old=named(old.subject) if old.subject else "",
        new=named(new.subject) if new.subject else "",
        changes=tuple(changes),
        unsaid=unsaid,
        kept=len(matched.same),
    )


def _highest_first(components: Sequence[Keyed]) -> list[Keyed]:
    """Components of one name with the highest version first, those without an order behind them."""
    groups: dict[Key, list[Keyed]] = {}
    for each in components:
        groups.setdefault(each.key._replace(version=""), []).append(each)
    for group in groups.values():
        if len(group) > 1:
            group.sort(key=_height, reverse=True)
    return [each for group in groups.values() for each in group]


def _height(each: Keyed) -> tuple[OrderKey, str]:
    return order_of(each.key.ecosystem, each.key.version) or (), each.key.version


def _of_two_versions(old: Keyed, new: Keyed) -> Iterator[Change]:
    ecosystem, before, after = new.key.ecosystem, old.key.version, new.key.version
    if before != after:
        category = direction(ecosystem, before, after)
        yield Change(
            category, ecosystem, named(new.component), old.component.version or "", new.component.version or ""
        )
    else:
        yield Change("removed", ecosystem, named(old.component), _said(old))
        yield Change("added", ecosystem, named(new.component), "", _said(new))


def _of_one(old: Keyed, new: Keyed, unsaid: Sequence[str]) -> Iterator[Change]:
    ecosystem, subject = new.key.ecosystem, named(new.component)
    if "license" not in unsaid:
        licenses, others = _licenses(old.component), _licenses(new.component)
        if licenses != others:
            yield Change("license", ecosystem, subject, ", ".join(licenses), ", ".join(others))
    if "source" not in unsaid:
        yield from _sources(old, new, subject)
    if "hash" not in unsaid:
        yield from _hashes(old.component, new.component, ecosystem)
    yield from _abilities(old.component, new.component, new.key)


def _sources(old: Keyed, new: Keyed, subject: str) -> Iterator[Change]:
    before, after = source_of(old.component), source_of(new.component)
    if before == after:
        return
    if before.kind and before[:2] != after[:2]:
        yield Change("confusion", new.key.ecosystem, subject, str(before), str(after))
    elif not before.kind or old.key.version == new.key.version:
        # Another version comes from another revision: that is what it is.
        yield Change("source", new.key.ecosystem, subject, str(before), str(after))


def _hashes(old: Component, new: Component, ecosystem: str) -> Iterator[Change]:
    before, after = _digests(old), _digests(new)
    both = before.keys() & after.keys()
    if before and (not both or any(before[each] != after[each] for each in both)):
        algorithm = next((each for each in sorted(both) if before[each] != after[each]), min(before))
        yield Change("hash", ecosystem, named(new), _shown(algorithm, before), _shown(algorithm, after))


def _abilities(old: Component | None, new: Component, key: Key) -> Iterator[Change]:
    before, after = _able(old), _able(new)
    if before != after:
        lost, gained = sorted(before - after), sorted(after - before)
        yield Change("capability", key.ecosystem, named(new), _some(lost), _some(gained))


def _unsaid(old: Iterable[Component], new: Sequence[Component]) -> Iterator[str]:
    """Of what the older document speaks and the newer one nowhere, where it lists anything."""
    for category, says in (("source", source_of), ("hash", _digests), ("license", _licenses)):
        silent = not any(_is_said(says(each)) for each in new)
        if new and silent and any(_is_said(says(each)) for each in old):
            yield category


def _is_said(said: object) -> bool:
    return said[0] != "" if isinstance(said, tuple) and said else bool(said)


def _digests(component: Component) -> dict[str, set[str]]:
    sets: dict[str, set[str]] = {}
    for algorithm, value in (*component.hashes, *(one for each in component.distributions for one in each.hashes)):
        sets.setdefault(algorithm, set()).add(value.lower())
    return sets


def _licenses(component: Component) -> list[str]:
    return sorted({each.text for each in component.licenses})


def _able(component: Component | None) -> set[str]:
    return {value for name, value in component.properties if name in _ABILITIES} if component else set()


def _shown(algorithm: str, digests: dict[str, set[str]]) -> str:
    return f"{algorithm} {_some(sorted(digests[algorithm]))}" if algorithm in digests else ""


def _some(texts: Sequence[str]) -> str:
    more = len(texts) - _MOST_NAMED
    return ", ".join(texts[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _said(each: Keyed) -> str:
    if each.key.ecosystem == FILE:
        return _shown("SHA-256", _digests(each.component))
    return each.component.version or ""
