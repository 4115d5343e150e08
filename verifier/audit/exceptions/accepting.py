"""The packages of which it is accepted that nobody knows: which covers one, and which cover nothing. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from verifier.audit.exceptions.model import EXPIRED, UNUSED, AcceptedUnknown
from verifier.audit.exceptions.scope import Name, Scope, called, covers, is_called, name_of
from verifier.core.clock import format_rfc3339
from verifier.core.outcome import Reason
from verifier.core.value import replace
from verifier.formats.audit.package import Package
from verifier.formats.audit.result import AuditedPackage
from verifier.formats.pypi.names import normalised


class Accepting:
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
                yield Reason(code=UNUSED, subject=each.named, message=message)
            elif ended:
                message = f"{each.where}: that nobody knows of {self._used[id(each)]} was accepted until {until}"
                yield Reason(code=EXPIRED, subject=each.named, message=message)
