"""Verdicts as JUnit XML: an artifact is a testcase, in the suite of its kind.

* an error reason that denies is a failure of it, one that could not be decided an error; there may be several
* a warning or a note stands in the output of the testcase: it fails nothing
* a testcase is called the same for every version of the artifact; what was checked stands in its output
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.core.verdict import Verdict
from verifier.formats.verdict.dossier import Dossier
from verifier.reports.found import lasting
from verifier.reports.media.junit import Case, document, piece_of
from verifier.reports.table import PLAIN, Screen
from verifier.reports.told import RETOLD, decided, facts, summed


def render(dossier: Dossier, _: Screen = PLAIN, /) -> str:
    """One document, ending in a newline."""
    worst = dossier.worst
    properties = [("verdict", summed(dossier)), ("correlation id", worst.correlation_id)]
    if dossier.retold:
        properties.append(("shown again", RETOLD))
    return document("verify", list(map(_case, dossier.verdicts)), worst.time_verified, properties)


def _case(verdict: Verdict) -> Case:
    subject = verdict.subject
    pieces = tuple(
        piece_of("error" if each.is_undecided else "failure", each) for each in verdict.reasons if each.is_error
    )
    name = f"{subject.kind}:{lasting(subject.name, subject.version)}"
    return Case(f"verify {subject.kind}", name, pieces, tuple(_output(verdict)), f"{verdict.duration_ms / 1000:.3f}")


def _output(verdict: Verdict) -> Iterator[str]:
    yield decided(verdict)
    for each in verdict.reasons:
        if not each.is_error:
            yield f"{each.severity.value}: {each.code}: {each.subject}: {each.message} {each.hint}"
    for label, text in facts(verdict):
        yield f"{label}: {text}"
