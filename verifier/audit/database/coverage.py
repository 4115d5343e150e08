"""Which ecosystems a set of records covers. Pure.

* an export of one ecosystem also holds what its records say of others: 40 records about npm in an export of PyPI do not
  make "no record" mean anything for npm
* so an ecosystem is covered where it is needed to say what the set is about: those that most records name come first,
  and one whose every record is explained by them is incidental
* only ecosystems that packages can be told of by are looked at
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from verifier.formats.osv.ecosystems import ECOSYSTEMS
from verifier.formats.osv.record import Record


class Seen:
    """What the records of one set are about, and the newest of them. Changes; used by one thread."""

    def __init__(self) -> None:
        self.combinations: Counter[frozenset[str]] = Counter()
        self.newest: datetime | None = None

    def take(self, record: Record) -> None:
        """Count one record."""
        self.combinations[frozenset(each.ecosystem for each in record.affected if each.ecosystem in ECOSYSTEMS)] += 1
        if self.newest is None or record.modified > self.newest:
            self.newest = record.modified

    def covered(self) -> frozenset[str]:
        """The ecosystems, without releases, that the set is about."""
        return covered(self.combinations)


def covered(combinations: Counter[frozenset[str]]) -> frozenset[str]:
    """The ecosystems that are needed to say what records are about, of so many with each combination."""
    left = {names: count for names, count in combinations.items() if names}
    chosen: set[str] = set()
    while left:
        by_name: Counter[str] = Counter()
        for names, count in left.items():
            for name in names:
                by_name[name] += count
        most = max(by_name.values())
        chosen.update(name for name, count in by_name.items() if count == most)
        left = {names: count for names, count in left.items() if not names & chosen}
    return frozenset(chosen)


def dates(sets: Iterable[Seen]) -> dict[str, datetime]:
    """By ecosystem that is covered, the date of the newest set that covers it: its newest record, whatever that is
    about."""
    found: dict[str, datetime] = {}
    for each in sets:
        for name in each.covered():
            if each.newest is not None:
                found[name] = max(each.newest, found.get(name, each.newest))
    return found
