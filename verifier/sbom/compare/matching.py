"""Which component of a document is which of an artifact: two multisets, paired.

* first what is the same in all, then what is so but for a distribution or an architecture that one side does not say,
  then what is so but for its version; each component is in one pair
* among several that are the same, those with the same digests are paired first, and those inside others last
* the work grows with the number of components and nothing else
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import islice
from typing import Final, NamedTuple

from verifier.formats.bom.component import Component
from verifier.sbom.compare.identity import SYSTEM, Key, key_of

_MOST_TRIED: Final = 16
"""Components of one name and version that one is tried against, where something is left unsaid."""


class Keyed(NamedTuple):
    """A component and its key."""

    key: Key
    component: Component


class Pair(NamedTuple):
    """One component as a document has it, and as it was found."""

    said: Keyed
    found: Keyed


class Matched(NamedTuple):
    """`same` are pairs of one identity, `other_version` those that only their versions tell apart; `surplus` stand in
    the document alone, `missing` in the artifact alone."""

    same: list[Pair]
    other_version: list[Pair]
    surplus: list[Keyed]
    missing: list[Keyed]


def keyed(components: Iterable[Component]) -> list[Keyed]:
    """Components with their keys."""
    return [Keyed(key_of(each), each) for each in components]


def match(said: Sequence[Keyed], found: Sequence[Keyed]) -> Matched:
    """The components of a document, and those of an artifact, paired as far as they can be."""
    whole_first = sorted(found, key=lambda each: each.component.parent != "")
    same, said_rest, found_rest = _paired(said, whole_first, lambda each: each.key)
    if said_rest and found_rest:
        unsaid, said_rest, found_rest = _with_something_unsaid(said_rest, found_rest)
        same += unsaid
    other: list[Pair] = []
    for but in (_but_version, _but_version_and_origin):
        if said_rest and found_rest:
            pairs, said_rest, found_rest = _paired(said_rest, found_rest, but)
            other += pairs
    return Matched(same, other, said_rest, found_rest)


def _but_version(each: Keyed) -> Hashable:
    return each.key._replace(version="")


def _but_version_and_origin(each: Keyed) -> Hashable:
    return each.key._replace(
        version="", architecture="", namespace="" if each.key.ecosystem in SYSTEM else each.key.namespace
    )


def _paired(
    said: Sequence[Keyed], found: Sequence[Keyed], by: Callable[[Keyed], Hashable]
) -> tuple[list[Pair], list[Keyed], list[Keyed]]:
    """Pairs of equal `by`, and what is left of both."""
    asked, several_asked = _grouped(said, by)
    there, several_there = _grouped(found, by)
    pairs: list[Pair] = []
    said_rest: list[Keyed] = []
    for name, each in asked.items():
        other = there.pop(name, None)
        if other is None:
            said_rest += several_asked.get(name, (each,))
        elif name not in several_asked and name not in several_there:
            pairs.append(Pair(each, other))
        else:
            made, said_over, found_over = _alike_first(
                several_asked.get(name, [each]), several_there.get(name, [other])
            )
            pairs += made
            said_rest += said_over
            several_there[name] = found_over
    found_rest = [each for name, each in there.items() if name not in several_there]
    return pairs, said_rest, found_rest + [each for group in several_there.values() for each in group]


def _grouped(
    components: Iterable[Keyed], by: Callable[[Keyed], Hashable]
) -> tuple[dict[Hashable, Keyed], dict[Hashable, list[Keyed]]]:
    """The first of each name, and all of those names that several have: most have one, and a list for each costs more
    than all the rest."""
    first: dict[Hashable, Keyed] = {}
    several: dict[Hashable, list[Keyed]] = {}
    for each in components:
        name = by(each)
        one = first.setdefault(name, each)
        if one is not each:
            several.setdefault(name, [one]).append(each)
    return first, several


def _alike_first(said: list[Keyed], found: list[Keyed]) -> tuple[list[Pair], list[Keyed], list[Keyed]]:
    """Pairs within one group: those with the same digests first, then in order."""
    by_hashes: dict[Hashable, list[int]] = {}
    for number in range(len(found) - 1, -1, -1):
        by_hashes.setdefault(_digests(found[number]), []).append(number)
    pairs, others, used = [], [], set()
    for each in said:
        numbers = by_hashes.get(_digests(each))
        if numbers:
            used.add(numbers[-1])
            pairs.append(Pair(each, found[numbers.pop()]))
        else:
            others.append(each)
    left = [each for number, each in enumerate(found) if number not in used]
    both = min(len(others), len(left))
    pairs += [Pair(*each) for each in zip(others[:both], left[:both], strict=True)]
    return pairs, others[both:], left[both:]


def _digests(each: Keyed) -> Hashable:
    return each.component.hashes or each.component.distributions


def _with_something_unsaid(
    said: Sequence[Keyed], found: Sequence[Keyed]
) -> tuple[list[Pair], list[Keyed], list[Keyed]]:
    """Pairs of packages of a system that are the same as far as both sides say."""
    there: dict[Hashable, list[Keyed]] = {}
    rest_found: list[Keyed] = []
    for each in found:
        name = _but_origin(each)
        (there.setdefault(name, []) if each.key.ecosystem in SYSTEM else rest_found).append(each)
    pairs: list[Pair] = []
    rest: list[Keyed] = []
    for each in said:
        group = there.get(_but_origin(each), [])
        at = next((at for at, one in enumerate(islice(group, _MOST_TRIED)) if _agree(each.key, one.key)), None)
        if at is None:
            rest.append(each)
        else:
            pairs.append(Pair(each, group.pop(at)))
    return pairs, rest, rest_found + [each for group in there.values() for each in group]


def _but_origin(each: Keyed) -> Hashable:
    return each.key._replace(namespace="", architecture="")


def _agree(one: Key, other: Key) -> bool:
    if one.architecture and other.architecture and one.architecture != other.architecture:
        return False
    return not one.namespace or not other.namespace or one.namespace == other.namespace
