"""PyPI's own answers about vulnerabilities, by way of pip-audit's service, in a child process with an end.

* PyPI is asked about one version at a time, and says which of its vulnerabilities affect it: that is believed as it is
* a package that PyPI does not have, or that pip-audit skips for another reason, is unknown, whoever else has no record
  of it; an answer without the key `vulnerabilities` is none
* everything about the service is `vulnerability.source-unavailable`
* a canary is asked about first: a service that says of it that it is fine is not believed in anything
* of a vulnerable version, the versions that PyPI calls fixed are asked about as well, the lowest first, until one has
  no vulnerability: only what was asked about can become a fix
* nothing that was answered is kept longer than one call of `ask`

Source: https://docs.pypi.org/api/json/; formats/audit.md sections 5 and 6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from verifier.audit.answers import Answers
from verifier.audit.online.canary import CANARY, Canary
from verifier.audit.online.children import PipAudit, Replies
from verifier.audit.online.client import MAX_FAILURES, WHOLE_S
from verifier.audit.online.pypi_records import Known, records_of
from verifier.core.errors import Refused
from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.formats.audit.package import Package
from verifier.formats.osv.record import Record
from verifier.formats.pypi.names import is_name

URL: Final = "https://pypi.org"
TIMEOUT_S: Final = 15.0
"""Seconds for one answer, where nobody says otherwise."""
_ATTEMPTS: Final = 3


Listing = dict[str, tuple[Known, ...]]
"""By version, what PyPI lists."""


class PypiService(Value):
    """PyPI's JSON API, asked by `pip_audit`, each answer within `timeout_s` seconds and all of them in `whole_s`.

    What fails for the moment is asked for `attempts` times; after `failures` that do not pass, nothing more is asked.
    """

    pip_audit: PipAudit = field(default=PipAudit(), repr=False)
    timeout_s: float = TIMEOUT_S
    whole_s: float = WHOLE_S
    canary: Canary = CANARY
    attempts: int = _ATTEMPTS
    failures: int = MAX_FAILURES

    @property
    def name(self) -> str:
        """The service as a report names it: pip-audit knows no other."""
        return URL

    def ask(self, packages: Sequence[Package], now: datetime) -> Answers:
        """What PyPI says of `packages`; raises nothing."""
        unknown = {each.purl: why for each in packages if (why := _unaskable(each))}
        asked = list(dict.fromkeys(_asked(each) for each in packages if each.purl not in unknown))
        canary = (self.canary.name, self.canary.version)
        request = {
            "do": "ask",
            "packages": [(at, *each) for at, each in enumerate((canary, *asked))],
            "timeout_s": self.timeout_s,
            "attempts": self.attempts,
            "failures": self.failures,
        }
        replies = self.pip_audit.run(request, whole_s=self.whole_s, subject=self.name)
        said = _Said(replies, (canary, *asked))
        if why := said.wrong_about(self.canary):
            reasons = said.reasons or (_failed(why),)
            return Answers(
                records={}, unknown={each.purl: f"{URL} did not answer" for each in packages}, reasons=reasons
            )
        records: dict[str, tuple[Record, ...]] = {}
        for package in packages:
            if package.purl in unknown:
                continue
            name, version = _asked(package)
            known, why = said.of(name, version)
            if known is not None or said.is_missing(name, version):
                records[package.purl] = records_of(name, version, known or {}, now)
            if why:
                unknown[package.purl] = why
        return Answers(records=records, unknown=unknown, reasons=said.reasons)


class _Said:
    """What the child said, by name and version."""

    def __init__(self, replies: Replies, asked: Sequence[tuple[str, str]]) -> None:
        self._problem = replies.problem
        self._failed: dict[str, None] = {}
        self._known: dict[tuple[str, str], Listing] = {}
        self._why: dict[tuple[str, str], str] = {}
        self._missing: set[tuple[str, str]] = set()
        for line in replies.lines:
            self._take(line, asked)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Everything that is wrong with the service."""
        found = tuple(map(_failed, self._failed))
        return found if self._problem is None else (self._problem, *found)

    def of(self, name: str, version: str) -> tuple[Listing | None, str]:
        """What is known of a package, by version, its own first; and why nobody knows (all of it)."""
        known, why = self._known.get((name, version)), self._why.get((name, version), "")
        if known is None and not why:
            why = f"{URL} did not answer"
        return known, why

    def is_missing(self, name: str, version: str) -> bool:
        """Whether PyPI does not have it, which outweighs that somebody else has no record about it."""
        return (name, version) in self._missing

    def wrong_about(self, canary: Canary) -> str:
        """Why the service is not believed; "" where it knows of the canary what it must."""
        known, why = self.of(canary.name, canary.version)
        found = (known or {}).get(canary.version, ())
        if known is None:
            return f"{canary.name} {canary.version}, which must be found: {why}"
        if not any(canary.id in (each.id, *each.aliases) and not each.withdrawn for each in found):
            return f"it does not list {canary}, which must be found"
        return ""

    def _take(self, line: Mapping[str, Any], asked: Sequence[tuple[str, str]]) -> None:
        try:
            key, version = asked[line["at"]], str(line["version"])
            own = version == key[1]
            if "said" in line:
                self._unsaid(key, str(line["said"]), str(line["why"]), own=own)
                return
            self._known.setdefault(key, {})[version] = tuple(map(Known.read, line["vulnerabilities"]))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError, Refused):
            self._failed["what it answers is not as it has to be"] = None

    def _unsaid(self, key: tuple[str, str], kind: str, why: str, *, own: bool) -> None:
        if kind == "failed":
            self._failed[why] = None
        if own:  # of what may be a fix, nothing follows but that it is none
            self._why[key] = f"{URL} did not answer" if kind == "failed" else why
            if kind == "skipped":
                self._missing.add(key)


def _asked(package: Package) -> tuple[str, str]:
    """Name and version as PyPI knows them: it has no local versions, which are judged as their public one."""
    return package.name, str(package.version).partition("+")[0]


def _unaskable(package: Package) -> str:
    if package.ecosystem != "pypi":
        return f"PyPI has no packages of {package.ecosystem or 'what has no ecosystem'}"
    if not is_name(package.name):  # it would be a part of a URL
        return "its name is none that an index of Python takes"
    return "" if package.version is not None else "it has no version"


def _failed(why: str) -> Reason:
    return Reason(code="vulnerability.source-unavailable", subject=URL, message=why)
