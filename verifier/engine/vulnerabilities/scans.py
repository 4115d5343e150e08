"""Signed scans of one artifact: which count, and what they have found.

* of each signer the newest counts; older ones are set aside aloud
* one that ended, or whose records are, longer ago than the rule allows counts for nothing; nor does one from the future
* each that counts has to be satisfied: what one signer has found, another's silence does not undo
* one that cannot be read denies: nobody knows what is in it, nor how new it is. A scan in another format is no scan of
  this kind, and says so where there is no other
* of an index, each image that is judged has a scan of its own
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from verifier.audit.attested.reading import read_scan, require_readable
from verifier.audit.attested.scan import Scan
from verifier.core.clock import CLOCK_SKEW, format_duration, format_rfc3339, shifted
from verifier.core.errors import Refused
from verifier.core.outcome import Reason
from verifier.core.uris import VULNERABILITY_SCAN
from verifier.engine.vulnerabilities.question import Wanted
from verifier.evidence.attested import ProvenScan

_INVALID = "vulnerability.scan-invalid"
_STALE = "vulnerability.scan-stale"
_SUPERSEDED = "vulnerability.scan-superseded"


class SignedScan(NamedTuple):
    """A scan that was read, and what proves it."""

    proven: ProvenScan
    scan: Scan

    @property
    def subject(self) -> str:
        """What reports call it."""
        return f"scan in {self.proven.digest}"

    @property
    def told(self) -> str:
        """Who, when, and by what, in words."""
        who = ", ".join(each.name for each in self.proven.signers)
        scan = self.scan
        until = f"by records until {format_rfc3339(scan.last_update)}"
        return (
            f"signed by {who}: {scan.scanner} {scan.version}".rstrip() + f", {format_rfc3339(scan.finished)}, {until}"
        )


class Scans(NamedTuple):
    """What counts, of each thing that has to be answered for; `wrong` denies, `told` is said, and `lacking` says why
    there is no more of it."""

    counting: dict[Wanted, tuple[SignedScan, ...]]
    wrong: tuple[Reason, ...]
    told: tuple[Reason, ...]
    lacking: tuple[Reason, ...]

    @property
    def every(self) -> tuple[SignedScan, ...]:
        """All that count, each once."""
        return tuple({each.proven.digest: each for found in self.counting.values() for each in found}.values())

    @property
    def whole(self) -> bool:
        """Whether there is one for everything."""
        return all(self.counting.values())


def scans_of(proven: Sequence[ProvenScan], wanted: Sequence[Wanted], now: datetime, max_age: timedelta) -> Scans:
    """Which of the signed scans count."""
    read: list[SignedScan] = []
    wrong: list[Reason] = []
    lacking: list[Reason] = []
    for each in {one.digest: one for one in proven}.values():
        try:
            require_readable(each.predicate_type, subject=f"scan in {each.digest}")
            read.append(SignedScan(each, read_scan(each.document, subject=f"scan in {each.digest}")))
        except Refused as refusal:
            (wrong if each.predicate_type == VULNERABILITY_SCAN else lacking).extend(refusal.reasons)
    future = [each for each in read if each.scan.finished > shifted(now, CLOCK_SKEW)]
    wrong += (_of_the_future(each, now) for each in future)
    told: dict[Reason, None] = {}
    counting: dict[Wanted, tuple[SignedScan, ...]] = {}
    for one in wanted:
        about = [each for each in read if each not in future and not one.digests.isdisjoint(each.proven.about)]
        newest = _newest(about)
        counting[one] = tuple(each for each in newest if not _is_stale(each, now, max_age))
        stale = [_stale(each, now, max_age) for each in newest if each not in counting[one]]
        if counting[one]:
            told |= dict.fromkeys(_aside(each) for each in stale)
        else:
            lacking += stale
        told |= dict.fromkeys(_superseded(each) for each in about if each not in newest)
        if not about and read:
            message = f"{len(read)} signed scans are about something else than {one.name}"
            lacking.append(Reason(code="vulnerability.not-audited", subject=one.name, message=message))
    return Scans(counting, tuple(wrong), tuple(told), tuple(lacking))


def _newest(scans: Iterable[SignedScan]) -> list[SignedScan]:
    """Of each signer the newest; all of them where several ended at once."""
    newest: dict[str, datetime] = {}
    every = list(scans)
    for each in every:
        for signer in each.proven.signers:
            newest[signer.fingerprint] = max(each.scan.finished, newest.get(signer.fingerprint, each.scan.finished))
    return [
        each
        for each in every
        if any(newest[signer.fingerprint] == each.scan.finished for signer in each.proven.signers)
    ]


def _is_stale(each: SignedScan, now: datetime, max_age: timedelta) -> bool:
    return any(end < now for end in ends((each.scan,), max_age))


def ends(scans: Iterable[Scan], max_age: timedelta) -> Iterator[datetime]:
    """Until when each counts."""
    for each in scans:
        yield shifted(min(each.finished, each.last_update), max_age)


def _stale(each: SignedScan, now: datetime, max_age: timedelta) -> Reason:
    scan = each.scan
    old = scan.last_update if shifted(scan.last_update, max_age) < now else scan.finished
    what = "its newest record is of" if old == scan.last_update else "it ended at"
    message = f"{what} {format_rfc3339(old)}, and may be {format_duration(max_age)} old ({each.told})"
    return Reason(code=_STALE, subject=each.subject, message=message)


def _aside(stale: Reason) -> Reason:
    return Reason(code=_SUPERSEDED, subject=stale.subject, message=stale.message)


def _superseded(each: SignedScan) -> Reason:
    return Reason(code=_SUPERSEDED, subject=each.subject, message=f"there is a newer one ({each.told})")


def _of_the_future(each: SignedScan, now: datetime) -> Reason:
    message = f"it ended at {format_rfc3339(each.scan.finished)}, and now is {format_rfc3339(now)}"
    return Reason(code=_INVALID, subject=each.subject, message=message)
