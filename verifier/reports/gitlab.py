"""Verdicts as GitLab's report of code quality.

* a reason is an issue that says which verdict it is of; a denial blocks, what could not be decided is critical
* it is known by what stays the same over runs and versions (`reports.found`)
* what was decided is an issue as well, as mere information: the same in every run, so that no merge request shows it as
  new, and a report without it says that nothing was decided
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from verifier.core.severity import Severity
from verifier.core.verdict import Verdict
from verifier.formats.verdict.dossier import Dossier
from verifier.reports.found import Found, files, found, lasting
from verifier.reports.media import quality
from verifier.reports.media.fingerprint import fingerprint
from verifier.reports.table import PLAIN, Screen
from verifier.reports.told import RETOLD, decided, facts

_DECIDED: Final = "verifier.decided"
_SEVERITIES: Final[dict[Severity, quality.Severity]] = {
    Severity.ERROR: "blocker",
    Severity.WARNING: "minor",
    Severity.NOTE: "info",
}


def render(dossier: Dossier, _: Screen = PLAIN, /) -> str:
    """A JSON array, printable ASCII only, ending in a newline."""
    seen: Counter[str] = Counter()
    decided_ones = [_decided(dossier, *each, seen) for each in zip(dossier.verdicts, files(dossier), strict=True)]
    return quality.document([*decided_ones, *_issues(dossier)])


def _issues(dossier: Dossier) -> Iterator[quality.Issue]:
    said = {id(each): decided(each) for each in dossier.verdicts}
    return (_issue(each, said[id(each.verdict)]) for each in found(dossier))


def _issue(each: Found, said: str) -> quality.Issue:
    reason = each.reason
    text = f"{said}: {reason.code}: {reason.subject}: {reason.message}. {reason.hint}"
    severity = "critical" if reason.is_undecided else _SEVERITIES[reason.severity]
    return quality.issue(reason.code, text, severity, fingerprint(*each.identity), each.file)


def _decided(dossier: Dossier, verdict: Verdict, file: str, seen: Counter[str]) -> quality.Issue:
    subject = verdict.subject
    said = "; ".join(f"{label} {text}" for label, text in facts(verdict))
    name = f"{subject.kind}:{lasting(subject.name, subject.version)}"
    seen[name] += 1
    identity = fingerprint(_DECIDED, name, seen[name])
    again = f". {RETOLD}" if dossier.retold else ""
    return quality.issue(_DECIDED, f"{decided(verdict)}: {said}{again}", "info", identity, file)
