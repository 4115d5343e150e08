"""To which version to upgrade. Pure.

* the minimal fix is the lowest version above the package's own that some record which affects it calls fixed, and that
  no live record affects or leaves undecided: a fix that has a vulnerability of its own is none
* a local version is judged as its public one; above a version that its ecosystem cannot order, nobody knows what lies,
  so that any fix may be the lowest
* where looking costs more than `MAX_STEPS`, none is known
* what was withdrawn rules no fix out; nor does a record that could not be read, whose own finding stays
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from verifier.audit.matching import Matcher, NotAffected, is_live, names_entry
from verifier.audit.orders import Order, order_of
from verifier.formats.audit.package import Package
from verifier.formats.osv.record import Record

MAX_STEPS: Final = 20_000_000
"""Events and versions that all records of a package together may be asked about for one fix: some seconds."""


def fixed_in(package: Package, records: Iterable[Record]) -> tuple[str, ...]:
    """The versions that records call fixed, each once, in their order; those that nobody can order come last."""
    order = order_of(package.ecosystem)
    ordered, others = [], []
    for text in sorted(set(_called_fixed(package, records))):
        key = order.key(text)
        if key is None:
            others.append(text)
        else:
            ordered.append((key, text))
    return (*(text for _, text in sorted(ordered, key=lambda each: each[0])), *others)


def minimal_fix(
    package: Package,
    affecting: Iterable[Record],
    records: Iterable[Record],
    *,
    asked: Mapping[int, Matcher] = MappingProxyType({}),
) -> str | None:
    """The lowest clean version above the package's own; None where no fixed version is known.

    `affecting` are the records that affect it, `records` all about its name, whatever they affect.
    """
    candidates = _above(package, fixed_in(package, affecting))
    if not candidates:
        return None
    live = (each for each in records if is_live(each))
    return _first_clean(candidates, deque(_asked(each, asked.get(id(each)) or Matcher(each, package)) for each in live))


def _first_clean(candidates: Iterable[str], asked: deque[_Asked]) -> str | None:
    """The first version that no record affects; None where there is none, or where looking further costs too much.

    The record that affects a version is asked first about the next, and those that do not, last: mostly one is asked.
    """
    left = MAX_STEPS
    for version in candidates:
        for index, each in enumerate(asked):
            left -= each.steps
            if not isinstance(each.matcher.judge(version), NotAffected):
                asked.rotate(-index)
                break
            if left < 0:
                return None
        else:
            return version
    return None


class _Asked(NamedTuple):
    """A record made ready to be asked, and how many steps an answer takes at most."""

    matcher: Matcher
    steps: int


def _asked(record: Record, matcher: Matcher) -> _Asked:
    sizes = (len(each.versions) + sum(len(span.events) for span in each.ranges) for each in record.affected)
    return _Asked(matcher, 1 + sum(sizes))


def _above(package: Package, versions: Sequence[str]) -> list[str]:
    order = order_of(package.ecosystem)
    own = order.key(order.judged(package.version)) if package.version is not None else None
    return [each for each in versions if _is_above(order, each, own)]


def _is_above(order: Order, version: str, own: object) -> bool:
    key = order.key(version)
    return key is not None and (own is None or key > own)


def _called_fixed(package: Package, records: Iterable[Record]) -> Iterator[str]:
    for record in records:
        for entry in record.affected:
            if not names_entry(entry, package):
                continue
            for span in entry.ranges:
                if span.type != "GIT":
                    yield from (event.version for event in span.events if event.kind == "fixed")
