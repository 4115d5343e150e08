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

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Final, NamedTuple

from verifier.audit.orders import SEMVER, UNKNOWN, Key, Order, order_of
from verifier.formats.audit.package import Package
from verifier.formats.osv.ecosystems import compared_name, full_name, osv_name_of, releases_differ
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
_LISTED: Final = {code: None for code in _NO_ZEROS if code != ord("\n")}
"""The same for many versions, each on a line of its own."""


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
    kind, namespace = package.ecosystem, package.namespace
    ours = osv_name_of(kind, namespace)
    if not ours or ours != entry.ecosystem:
        return False
    if compared_name(kind, entry.name) != full_name(kind, namespace, package.name):
        return False
    return not releases_differ(entry.release, package.release)


class _Entry:
    """One entry of `affected`, made ready to be asked."""

    def __init__(self, entry: AffectedPackage, purl_type: str) -> None:
        self.versions = entry.versions
        self.order = order_of(purl_type)
        self.digits: str | None = None
        ranges = [each for each in entry.ranges if each.type != "GIT"]
        if self.order is UNKNOWN and any(each.type == "SEMVER" for each in ranges):
            self.order = SEMVER
        self.ranges = [_Span(each, SEMVER if each.type == "SEMVER" else self.order) for each in ranges]

    def judge(self, version: str) -> Judgement:
        if not self.versions and not self.ranges:
            return Undecided("the record gives no versions, only commits or nothing")
        public = self.order.judged(version)
        undecided: str = ""
        for span in self.ranges:
            inside = span.holds(public)
            if inside is True:
                return Affected("range")
            undecided = undecided or inside or ""
        listed = self._lists(version, public) if self.versions else False
        if listed is True:
            return Affected("versions")
        undecided = undecided or listed or ""
        return Undecided(undecided) if undecided else NotAffected()

    def _lists(self, version: str, public: str) -> bool | str:
        """Whether a version is listed by its text, or an equal one is; why nobody can say."""
        alike = self._alike(_digits(version))
        if version in alike or public in alike:
            return True
        keys = self.order.key(version), self.order.key(public)
        if None in keys:
            return _unordered(version)
        return any(self.order.key(each) in keys for each in alike)

    def _alike(self, digits: str) -> Sequence[str]:
        """The listed versions with these digits: reading every one costs a hundred times as much as looking at them, of
        all at once."""
        if self.digits is None:
            joined = "\n".join(self.versions)
            if "+" in joined:
                joined = "\n".join(each.partition("+")[0] for each in self.versions)
            self.digits = f"\n{joined.translate(_LISTED)}\n"
        if f"\n{digits}\n" not in self.digits:
            return ()
        return [each for each in self.versions if _digits(each) == digits]


@lru_cache(maxsize=16_384)
def _digits(version: str) -> str:
    return version.partition("+")[0].translate(_NO_ZEROS)


def _unordered(version: str) -> str:
    return f"the order of its ecosystem does not define the version {version!r:.100}"


class _Span:
    """A range, made ready to be asked: at which versions it changes; or why it cannot be evaluated."""

    def __init__(self, given: Range, order: Order) -> None:
        self.order = order
        self.problem = ""
        self.limit: Key | None = None
        self.from_start = False
        endless = False
        limits: list[Key] = []
        placed: list[tuple[Key, EventKind]] = []
        for kind, version in given.events:
            if kind == "introduced" and version == "0":
                self.from_start = True
            elif kind == "limit" and version == "*":
                endless = True
            else:
                key = order.key(version)
                if key is None:
                    self.problem = f"the order of its ecosystem does not define {version!r:.100}, at which a range ends"
                    return
                (limits.append(key) if kind == "limit" else placed.append((key, kind)))
        if limits and not endless:
            self.limit = max(limits)
        self.changes = list(_changes(placed, self.from_start))

    def holds(self, version: str) -> bool | str:
        """Whether a version is inside; why nobody can say."""
        if self.problem:
            return self.problem
        key = self.order.key(version)
        if key is None:
            return _unordered(version)
        if self.limit is not None and not key < self.limit:
            return False
        index = bisect_right(self.changes, key, key=_version) - 1
        if index < 0:
            return self.from_start
        change = self.changes[index]
        return change.at if change.version == key else change.above


class _Change(NamedTuple):
    """What a range is from one version on: `at` it, and `above` it until the next change."""

    version: Key
    at: bool
    above: bool


_version: Final = attrgetter("version")


def _changes(placed: Sequence[tuple[Key, EventKind]], inside: bool) -> Iterator[_Change]:
    """Where a range changes, in order; `inside` is whether it is open before the first of its events."""
    for version, group in groupby(sorted(placed, key=itemgetter(0)), key=itemgetter(0)):
        kinds = {kind for _, kind in group}
        still_open = inside and "fixed" not in kinds
        begins = "introduced" in kinds
        at = begins or still_open
        # `last_affected` ends what is open, of which what begins here is no part; else what begins here.
        inside = begins and still_open if "last_affected" in kinds else at
        yield _Change(version, at, inside)
