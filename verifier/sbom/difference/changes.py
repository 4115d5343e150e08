"""What differs between two documents, as values.

* a change is of one category; what is upgraded and has another licence as well is two changes
* a category that one document says nothing of at all is said once, as `unsaid`, not once a component
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from verifier.core.value import Value, field
from verifier.formats.json.strict_json import JsonValue

CATEGORIES: Mapping[str, str] = MappingProxyType(
    {
        "confusion": "it comes from somewhere else, or nobody says from where any more",
        "downgraded": "an older version than before",
        "unordered": "another version, and nobody can say which is the newer",
        "hash": "the same version with other digests",
        "capability": "it can do other things than before",
        "removed": "no longer there",
        "added": "not there before",
        "upgraded": "a newer version than before",
        "source": "another revision of the same source, or a source that was not said before",
        "license": "another licence",
        "respelled": "the same version, written otherwise",
    }
)
"""What a change can be, the most telling first."""

FAILING: Final = ("added", "removed", "upgraded", "downgraded", "license", "source", "hash", "capability", "confusion")
"""What may be asked to fail. A version that went nobody knows where counts as upgraded and as downgraded."""

_MEANS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "upgraded": frozenset({"upgraded", "unordered"}),
        "downgraded": frozenset({"downgraded", "unordered"}),
        "source": frozenset({"source", "confusion"}),
    }
)


class Change(NamedTuple):
    """One component that differs: `subject` is its path or purl, as the newer document has it where it is in both;
    `old` and `new` are what the two say, "" where one has nothing."""

    category: str
    ecosystem: str
    subject: str
    old: str = ""
    new: str = ""


class Difference(Value):
    """How one document differs from another.

    `old` and `new` are what their subjects are called, "" where a document does not say. `changes` are sorted, the most
    telling first. `unsaid` are categories ("source", "hash", "license") that the older document speaks of and the newer
    one nowhere. `kept` is how many components are in both with the same version.
    """

    old: str
    new: str
    changes: tuple[Change, ...] = field(default=(), repr=False)
    unsaid: tuple[str, ...] = ()
    kept: int = 0

    def counts(self) -> dict[str, int]:
        """How many changes there are of each category that has any, the most telling first."""
        counted = Counter(each.category for each in self.changes)
        return {category: counted[category] for category in CATEGORIES if counted[category]}

    def failing(self, categories: Collection[str]) -> tuple[str, ...]:
        """Which of `categories` (of `FAILING`) there is a change of, or nobody can say whether there is."""
        counted = self.counts()
        silent = {*self.unsaid, *(("confusion",) if "source" in self.unsaid else ())}
        return tuple(each for each in FAILING if each in categories and (each in silent or _any(each, counted)))

    def document(self) -> JsonValue:
        """The difference as JSON values."""
        return {
            "old": self.old,
            "new": self.new,
            "kept": self.kept,
            "counts": {**self.counts()},
            "unsaid": list(self.unsaid),
            "changes": [each._asdict() for each in self.changes],
        }


def _any(category: str, counted: Mapping[str, int]) -> bool:
    return not _MEANS.get(category, frozenset({category})).isdisjoint(counted)
