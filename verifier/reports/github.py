"""Verdicts as annotations: commands to the runner of GitHub's workflows.

* a reason is an annotation of the artifact, the most severe first; what passes with nothing to say has a notice
* the line that decides is a notice with what was checked; whoever reads the log finds it last
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.core.severity import Severity
from verifier.formats.verdict.dossier import Dossier
from verifier.reports.found import Found, found
from verifier.reports.media.annotations import Annotation, command, shown
from verifier.reports.table import PLAIN, Screen
from verifier.reports.told import RETOLD, decided, facts, named, summed, what_next


def render(dossier: Dossier, _: Screen = PLAIN, /) -> str:
    """Commands, one a line, ending in a newline."""
    listed = found(dossier)
    errors = [_of(each) for each in listed if each.reason.severity is Severity.ERROR]
    others = [_of(each) for each in listed if each.reason.severity is not Severity.ERROR]
    notice = Annotation("Policy verification", "\n".join(_lines(dossier)))
    return "\n".join([*shown("error", errors), *shown("warning", others), command("notice", notice)]) + "\n"


def _of(each: Found) -> Annotation:
    reason = each.reason
    text = f"{named(each.verdict.subject)}: {reason.subject}: {reason.message}\n{reason.hint}"
    return Annotation(reason.code, text, each.file)


def _lines(dossier: Dossier) -> Iterator[str]:
    if len(dossier.verdicts) > 1:
        yield summed(dossier)
        yield from (decided(each) for each in dossier.verdicts)
        if dossier.retold:
            yield RETOLD
        return
    yield decided(dossier.worst)
    yield from (f"{label}: {text}" for label, text in facts(dossier.worst))
    yield what_next(dossier, dossier.worst)
