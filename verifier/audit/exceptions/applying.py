"""Which findings do not count, by whose decision and until when. Pure.

* an exception is for one package, and for a finding that has its id, as the primary one or another
* nothing is hidden: what is excepted stays, with the exception
* an exception that has ended keeps nothing from counting: what it covered counts again, and that it has ended is said
* an exception that covers nothing is a warning
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from verifier.audit.exceptions.model import AcceptedUnknown, Exceptions, Exemption
from verifier.audit.exceptions.scope import Name, Scope, called, covers, is_called, name_of
from verifier.audit.exceptions.vex import NO_VEX, Stated, VexInput
from verifier.core.clock import format_rfc3339
from verifier.core.outcome import Reason
from verifier.core.value import Value, replace
from verifier.formats.audit.package import Package
from verifier.formats.audit.result import AuditedPackage, Excuse, Finding
from verifier.formats.pypi.names import normalised

_EXPIRED = "vulnerability.exception-expired"
_UNUSED = "vulnerability.exception-unused"


class Excused(Value):
    """What is left: all findings and packages, in their order, with the exceptions that are about them."""

    findings: tuple[Finding, ...]
    packages: tuple[AuditedPackage, ...]
    reasons: tuple[Reason, ...] = ()


def excused(
    findings: Sequence[Finding],
    packages: Sequence[AuditedPackage],
    exceptions: Exceptions,
    vex: VexInput = NO_VEX,
    *,
    now: datetime,
) -> Excused:
    """`findings` and `packages` with the exceptions that cover them, as of `now`.

    `Refused` (`input.too-costly`) for VEX documents that mean more comparisons than anyone makes.
    """
    stated = Stated(vex, [each.package for each in packages], now)
    exempting, accepting = _Exempting(exceptions.exemptions, now), _Accepting(exceptions.unknowns, now)
    judged = tuple(_judged(each, exempting, stated) for each in findings)
    accepted = tuple(map(accepting.accepted, packages))
    ended = [_ended(each, each.excuse) for each in judged if each.excuse is not None and each.excuse.expired]
    reasons = (*stated.reasons, *ended, *exempting.reasons(), *accepting.reasons(), *stated.unused())
    return Excused(findings=judged, packages=accepted, reasons=reasons)


def _judged(finding: Finding, exempting: _Exempting, stated: Stated) -> Finding:
    """The finding with what keeps it from counting: a valid exception before one that has ended."""
    found = [each for each in (exempting.excuse(finding), stated.excuse(finding)) if each is not None]
    chosen = min(found, key=lambda each: each.expired, default=None)
    return finding if chosen is None else replace(finding, excuse=chosen)


class _Exempting:
    """The exceptions of findings, found by id; which of them have been of use."""

    def __init__(self, exemptions: Sequence[Exemption], now: datetime) -> None:
        self._all, self._now = exemptions, now
        self._about: dict[tuple[str, Name], list[Exemption]] = defaultdict(list)
        for each in exemptions:
            self._about[each.id, each.package.name].append(each)
        self._used: dict[int, bool] = {}

    def excuse(self, finding: Finding) -> Excuse | None:
        """The exception that covers a finding; of several the one that lasts longest."""
        name = name_of(finding.package) if self._about else None
        found = [
            each
            for identifier in finding.ids
            for each in (self._about.get((identifier, name), ()) if name is not None else ())
            if covers(each.package, finding.package)
        ]
        if not found:
            return None
        chosen = max(found, key=lambda each: each.expires)
        for each in found:
            self._used[id(each)] = self._used.get(id(each), False) or each is chosen
        return Excuse(
            by="exceptions",
            where=chosen.where,
            id=chosen.id,
            status=chosen.status,
            justification=chosen.justification,
            reason=chosen.reason,
            owner=chosen.owner,
            expires=chosen.expires,
            expired=chosen.expires <= self._now,
        )

    def reasons(self) -> Iterator[Reason]:
        """What is to be said of those that are of no use."""
        for each in self._all:
            ended = each.expires <= self._now
            if id(each) not in self._used:
                too = f"; it ended on {format_rfc3339(each.expires)}" if ended else ""
                message = f"{each.where}: no finding of {each.package.written} has the id {each.id}{too}"
                yield Reason(code=_UNUSED, subject=each.id, message=message)
            elif ended and not self._used[id(each)]:
                message = f"{each.where}: it ended on {format_rfc3339(each.expires)}; another one covers the same"
                yield Reason(code=_EXPIRED, subject=each.id, message=message)


class _Accepting:
    """The packages of which it is accepted that nobody knows; which of them there are."""

    def __init__(self, unknowns: Sequence[AcceptedUnknown], now: datetime) -> None:
        self._all, self._now = unknowns, now
        self._by_name: dict[Name, list[tuple[Scope, AcceptedUnknown]]] = defaultdict(list)
        self._by_text: dict[str, list[AcceptedUnknown]] = defaultdict(list)
        for each in unknowns:
            if isinstance(each.package, str):
                for spelling in {each.package, normalised(each.package)}:
                    self._by_text[spelling].append(each)
            else:
                self._by_name[each.package.name].append((each.package, each))
        self._used: dict[int, str] = {}

    def accepted(self, audited: AuditedPackage) -> AuditedPackage:
        """The package with whoever has accepted that nobody knows; others than unknown ones are left as they are."""
        if audited.status != "unknown":
            return audited
        found = [*self._found(audited.package)]
        for each in found:
            self._used.setdefault(id(each), audited.package.purl)
        valid = [each for each in found if each.expires > self._now]
        if not valid:
            return audited
        chosen = max(valid, key=lambda each: each.expires)
        until = format_rfc3339(chosen.expires)
        return replace(audited, accepted=f"{chosen.owner} until {until}: {chosen.reason} ({chosen.where})")

    def _found(self, package: Package) -> Iterator[AcceptedUnknown]:
        yield from (each for scope, each in self._by_name.get(name_of(package), ()) if covers(scope, package))
        candidates = [each for name in called(package) for each in self._by_text.get(name, ())]
        yield from (each for each in candidates if is_called(package, each.named))

    def reasons(self) -> Iterator[Reason]:
        """What is to be said of those that have ended, or are of no use."""
        for each in self._all:
            ended = each.expires <= self._now
            until = format_rfc3339(each.expires)
            if id(each) not in self._used:
                too = f"; it ended on {until}" if ended else ""
                message = f"{each.where}: no package of that name is unknown{too}"
                yield Reason(code=_UNUSED, subject=each.named, message=message)
            elif ended:
                message = f"{each.where}: that nobody knows of {self._used[id(each)]} was accepted until {until}"
                yield Reason(code=_EXPIRED, subject=each.named, message=message)


def _ended(finding: Finding, excuse: Excuse) -> Reason:
    """What there is to say of an exception that has ended, of a finding that it has covered."""
    ended = format_rfc3339(excuse.expires) if excuse.expires is not None else "no date"
    message = f"{excuse.where}: the exception of {excuse.id} ended on {ended}"
    return Reason(code=_EXPIRED, subject=finding.package.purl, message=message)
