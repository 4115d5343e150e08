"""Whether a component's digests in a document are those that were found: sets for each algorithm.

* what a document claims must all be known of the component: one digest more, or another one, differs
* a document that gives fewer digests than there are claims nothing wrong
* digests of what is handed out (`distributions`) are compared with each other before those of the component itself,
  and where both sides name a file by one URL its digests are compared by themselves
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from verifier.formats.bom.component import Component, Hash

_MOST_SHOWN: Final = 2


class HashOutcome(NamedTuple):
    """`equal`: all that is claimed is so. `partial`: only one side has digests, or the document has fewer, or none of
    an algorithm that both have. `none`: neither has any. `differ`: `algorithm`, and what was `seen` in the document
    and `expected`."""

    outcome: Literal["equal", "partial", "none", "differ"]
    algorithm: str = ""
    seen: str = ""
    expected: str = ""


_NONE: Final = HashOutcome("none")
_PARTIAL: Final = HashOutcome("partial")
_EQUAL: Final = HashOutcome("equal")


def judge_hashes(said: Component, found: Component) -> HashOutcome:
    """The digests of `said`, in a document, held against those of `found`, in the artifact."""
    if said.hashes == found.hashes and said.distributions == found.distributions:
        return _EQUAL if said.hashes or said.distributions else _NONE
    told = said.hashes or _handed_out(said)
    there = found.hashes or _handed_out(found)
    if not told or not there:
        return _PARTIAL if told or there else _NONE
    outcomes = list(_outcomes(said, found))
    for each in outcomes:
        if each.outcome == "differ":
            return each
    return _EQUAL if outcomes and all(each.outcome == "equal" for each in outcomes) else _PARTIAL


def _outcomes(said: Component, found: Component) -> Iterable[HashOutcome]:
    handed_out, offered = _handed_out(said), _handed_out(found)
    if handed_out:
        yield _compared(handed_out, offered or found.hashes)
        yield from _by_url(said, found)
    if said.hashes:
        # cdxgen writes the digests of what is handed out, one for each file, as those of the component.
        yield _compared(said.hashes, found.hashes or offered)


def _by_url(said: Component, found: Component) -> Iterable[HashOutcome]:
    there = {each.url: each.hashes for each in found.distributions if each.url and each.hashes}
    for each in said.distributions:
        if each.url in there and each.hashes:
            yield _compared(each.hashes, there[each.url])


def _compared(told: Iterable[Hash], there: Iterable[Hash]) -> HashOutcome:
    claimed, known = _by_algorithm(told), _by_algorithm(there)
    outcome = _EQUAL if claimed.keys() & known.keys() else _PARTIAL
    for algorithm, values in claimed.items():
        expected = known.get(algorithm)
        if expected is None:
            continue
        if not values <= expected:
            return HashOutcome("differ", algorithm, _shown(values - expected), _shown(expected))
        if values != expected:
            outcome = _PARTIAL
    return outcome


def _handed_out(component: Component) -> tuple[Hash, ...]:
    return tuple(digest for each in component.distributions for digest in each.hashes)


def _by_algorithm(hashes: Iterable[Hash]) -> dict[str, set[str]]:
    sets: dict[str, set[str]] = {}
    for algorithm, value in hashes:
        sets.setdefault(algorithm, set()).add(value.lower())
    return sets


def _shown(values: set[str]) -> str:
    first = sorted(values)[:_MOST_SHOWN]
    more = f" and {len(values) - len(first)} more" if len(values) > len(first) else ""
    return ", ".join(first) + more
