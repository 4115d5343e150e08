"""What was asked of an SBOM and what came of it, and that as a verdict, for reports of verdicts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from verifier.cli.options.answer import Answer, timed
from verifier.cli.sboms.demands import SbomDemands
from verifier.core.digest import Digest
from verifier.core.outcome import outcome_of
from verifier.core.text.shown import shown
from verifier.core.uris import AD_HOC_POLICY, VERIFIER_ID
from verifier.core.value import field_names
from verifier.core.verdict import PolicyReference, Subject, Verdict
from verifier.core.version import VERSION
from verifier.formats.json.write import canonical
from verifier.formats.verdict.dossier import Dossier

if TYPE_CHECKING:
    from verifier.engine.sboms.checking import SbomAnswer


class Checked(NamedTuple):
    """What was asked, and what came of it; `started` is of the clock that measures."""

    answer: SbomAnswer
    name: str
    against: str | None
    demands: SbomDemands
    now: datetime
    started: float


def dossier_of(checked: Checked, told: Answer) -> Dossier:
    """The answer as a verdict about the document: what is demanded of it stands in the place of a policy."""
    found, judged = checked.answer, checked.answer.judged
    digest = None if judged is None else judged.document.digest
    demands = {name: str(getattr(checked.demands, name)) for name in field_names(type(checked.demands))}
    verdict = Verdict.of(
        [outcome_of(found.reasons)],
        subject=Subject(kind="sbom", name=shown(checked.name), resource_uri="", digest=digest),
        policy=PolicyReference(uri=AD_HOC_POLICY, digest=Digest.of(canonical(demands).encode())),
        time_verified=checked.now,
        correlation_id=told.correlation(),
        verifier_id=VERIFIER_ID,
        verifier_version={"policy-verifier": VERSION},
    )
    return Dossier(verdicts=(timed(verdict, checked.started),), references=(shown(checked.name),))
