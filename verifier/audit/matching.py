"""Does a record affect a version? Pure. formats/audit.md section 2 to the letter.

* listed in `versions`, by its text or as an equal version, or inside any range: affected; the list is never complete
* `GIT` ranges say nothing about a version, and are not an end: what else stands there counts
* what cannot be evaluated is undecided, never clean: only commits or nothing at all, a version or an event that the
  order does not define
* a local version of Python (`2.0.0+cu118`) is judged as its public one
* at one version, `fixed` comes before `introduced`, however the events stand; `introduced: "0"` is below everything
* a record that was withdrawn is not asked about here: `is_live`

Source: https://ossf.github.io/osv-schema/#evaluation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from verifier.audit.orders import SEMVER, UNKNOWN, Key, Order, order_of
from verifier.formats.audit.package import Package
from verifier.formats.osv.ecosystems import compared_name, full_name, osv_name_of, purl_type_of, releases_differ
from verifier.formats.osv.record import AffectedPackage, EventKind, Range, Record


class Affected(NamedTuple):
    """The version is affected; `by` is "versions" or "range"."""

    by: str


class NotAffected(NamedTuple):
    """The version is not affected: everything that the record says of the package was evaluated."""


class Undecided(NamedTuple):
    """Nobody can say, and why."""

    why: str


Judgement = Affected | NotAffected | Undecided

_NO_ZEROS: Final = {code: None for code in range(128) if chr(code) not in "123456789"}
"""Takes everything out of a version but its digits from 1 to 9: of equal versions, the same are left."""


def judge(record: Record, package: Package, version: str | None = None) -> Judgement:
    """Whether `record` affects `package`, or what it would be at another `version`."""
    return Matcher(record, package).judge(package.version if version is None else version)


def names(record: Record, package: Package) -> bool:
    """Whether a record is about a package, whatever its version."""
    return any(names_entry(entry, package) for entry in record.affected)


def is_live(record: Record) -> bool:
    """Whether a record counts: it was not withdrawn."""
    return record.withdrawn is None


class Matcher:
    """One record asked about one package, for as many versions as there are to ask about."""

    def __init__(self, record: Record, package: Package) -> None:
        self.entries = [_Entry(entry, package.ecosystem) for entry in record.affected if names_entry(entry, package)]

    def judge(self, version: str | None) -> Judgement:
        """Whether the package is affected at `version`."""
        if version is None:
            return Undecided("the package has no version")
        undecided: Undecided | None = None
        for entry in self.entries:
            judgement = entry.judge(version)
            if isinstance(judgement, Affected):
                return judgement
            if isinstance(judgement, Undecided):
                undecided = undecided or judgement
        return undecided or NotAffected()


def names_entry(entry: AffectedPackage, package: Package) -> bool:
    """Whether one entry of a record is about a package, whatever its version."""
    kind = package.ecosystem
    if not kind or purl_type_of(entry.ecosystem) != kind:
        return False
    if compared_name(kind, entry.name) != full_name(kind, package.namespace, package.name):
        return False
    distribution = osv_name_of(kind, package.namespace)
    if distribution and distribution != entry.ecosystem:
        return False
    return not releases_differ(entry.release, package.release)


class _Entry:
    """One entry of `affected`, made ready to be asked."""

    def __init__(self, entry: AffectedPackage, purl_type: str) -> None:
        self.versions = entry.versions
        self.order = order_of(purl_type)
        ranges = [each for each in entry.ranges if each.type != "GIT"]
        if self.order is UNKNOWN and any(each.type == "SEMVER" for each in ranges):
            self.order = SEMVER
        self.ranges = [_Span(each, SEMVER if each.type == "SEMVER" else self.order) for each in ranges]

    def judge(self, version: str) -> Judgement:
        if version in self.versions:
            return Affected("versions")
        if not self.versions and not self.ranges:
            return Undecided("the record gives no versions, only commits or nothing")
        public = self.order.judged(version)
        undecided: str = ""
        for span in self.ranges:
            inside = span.holds(public)
            if inside is True:
                return Affected("range")
            undecided = undecided or inside or ""
        listed = self._lists(version, public)
        if listed is True:
            return Affected("versions")
        undecided = undecided or listed or ""
        return Undecided(undecided) if undecided else NotAffected()

    def _lists(self, version: str, public: str) -> bool | str:
        """Whether an equal version is listed; why nobody can say."""
        if not self.versions:
            return False
        if public != version and public in self.versions:
            return True
        keys = self.order.key(version), self.order.key(public)
        if None in keys:
            return _unordered(version)
        alike = _digits(version), _digits(public)
        # Reading every listed version costs a hundred times as much as looking at its digits.
        return any(self.order.key(each) in keys for each in self.versions if _digits(each) in alike)


def _digits(version: str) -> str:
    return version.partition("+")[0].translate(_NO_ZEROS)


def _unordered(version: str) -> str:
    return f"the order of its ecosystem does not define the version {version!r:.100}"


class _Span:
    """A range, its events in their order; or why it cannot be evaluated."""

    def __init__(self, given: Range, order: Order) -> None:
        self.order = order
        self.problem = ""
        self.limits: list[Key] = []
        self.limited = False
        self.from_start = False
        placed: list[tuple[Key, EventKind]] = []
        for kind, version in given.events:
            if kind == "introduced" and version == "0":
                self.from_start = True
            elif kind == "limit" and version == "*":
                self.limited = True
            else:
                key = order.key(version)
                if key is None:
                    self.problem = f"the order of its ecosystem does not define {version!r:.100}, at which a range ends"
                    return
                (self.limits.append(key) if kind == "limit" else placed.append((key, kind)))
        self.limited = self.limited or not self.limits
        self.events = _sorted(placed, self.from_start)

    def holds(self, version: str) -> bool | str:
        """Whether a version is inside; why nobody can say."""
        if self.problem:
            return self.problem
        key = self.order.key(version)
        if key is None:
            return _unordered(version)
        if not self.limited and not any(key < limit for limit in self.limits):
            return False
        inside = self.from_start
        for at, kind in self.events:
            if key < at:
                break
            if kind == "introduced":
                inside = True
            elif kind == "fixed" or at != key:
                inside = False
        return inside


def _sorted(placed: Sequence[tuple[Key, EventKind]], inside: bool) -> list[tuple[Key, EventKind]]:
    """Events in the order that they are walked in; `inside` is whether a range is open before the first."""
    events: list[tuple[Key, EventKind]] = []
    for at, group in groupby(sorted(placed, key=lambda event: event[0]), key=lambda event: event[0]):
        for kind in _at_one_version({kind for _, kind in group}, inside):
            events.append((at, kind))
            inside = kind == "introduced"
    return events


def _at_one_version(kinds: set[EventKind], inside: bool) -> Iterator[EventKind]:
    """What happens at one version: what was open ends, what begins there begins, and ends if nothing else did.

    `last_affected` ends the range that is open; where none is, that of this one version.
    """
    if "fixed" in kinds:
        yield "fixed"
        inside = False
    last = "last_affected" in kinds
    if last and inside:
        yield "last_affected"
    if "introduced" in kinds:
        yield "introduced"
    if last and not inside:
        yield "last_affected"
