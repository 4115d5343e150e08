"""What was found, one reason after the other, for formats that list issues: where it stands, and what it is known by.

* the most severe comes first: errors of what is denied, then of what could not be decided, then warnings, then notes
* what an issue is known by is the same in every run, at any time, by every release of this program, and for every
  version of the artifact: neither a message, nor a hint, a version, a digest or a time is a part of it
* two reasons of one run never share it: what would be equal is numbered
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from verifier.core.outcome import Reason
from verifier.core.severity import Severity
from verifier.core.verdict import Verdict
from verifier.formats.verdict.dossier import Dossier

_RANK: Final = {Severity.ERROR: 0, Severity.WARNING: 2, Severity.NOTE: 3}
_CHANGES: Final = r"[0-9a-f]{32,}|\d{4}-\d\d-\d\d(?:[T ][0-9:.]+(?:Z|[+-]\d\d:\d\d)?)?|(?<![0-9A-Za-z])v?\d+(?:\.\d+)+"
"""What differs from version to version: digests, times, versions."""
_SCHEME: Final = r"[A-Za-z][A-Za-z0-9+.-]*:(?://)?(?=.)"
_TAGGED: Final = r"(?:@sha\d+:[0-9a-f]+|:[\w][\w.-]{0,127})+\Z"


class Found(NamedTuple):
    """A reason; `file` is where the artifact was, as a path; `identity` what it is known by."""

    verdict: Verdict
    reason: Reason
    file: str
    identity: tuple[str, ...]


def found(dossier: Dossier) -> Sequence[Found]:
    """Every reason of every verdict, the most severe first."""
    listed = [
        (verdict, reason, reference)
        for verdict, reference in zip(dossier.verdicts, files(dossier), strict=True)
        for reason in verdict.reasons
    ]
    listed.sort(key=lambda each: _RANK[each[1].severity] + each[1].is_undecided)
    return list(_identified(listed))


def files(dossier: Dossier) -> Sequence[str]:
    """Where each artifact was, as a path: what was typed, or what it is called."""
    references = dossier.references or [each.subject.name for each in dossier.verdicts]
    return [file_of(each) for each in references]


def file_of(reference: str) -> str:
    """A reference as a path: without its scheme, and where it has one without tag and digest."""
    match = re.match(_SCHEME, reference)
    if match is None:
        return reference.removeprefix("./")
    return re.sub(_TAGGED, "", reference[match.end() :]).lstrip("/")


def lasting(text: str, version: str | None) -> str:
    """`text` without what differs from version to version."""
    if version:
        text = re.sub(rf"(?<![0-9A-Za-z.])v?{re.escape(version)}(?![0-9A-Za-z])", "*", text)
    return re.sub(_CHANGES, "*", text)


def _identified(listed: Sequence[tuple[Verdict, Reason, str]]) -> Iterator[Found]:
    seen: Counter[tuple[str, ...]] = Counter()
    for verdict, reason, file in listed:
        subject = verdict.subject
        name = lasting(subject.name, subject.version)
        identity = (reason.code, subject.kind, name, lasting(reason.subject, subject.version))
        seen[identity] += 1
        yield Found(verdict, reason, file, (*identity, str(seen[identity])))
