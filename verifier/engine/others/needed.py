"""What lies beside an artifact, asked for once: for who judges it again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from verifier.core.costs.budget import Budget
from verifier.core.document import Document
from verifier.core.errors import Refused
from verifier.engine.evidence import gather
from verifier.engine.examine import read_artifact, reading_of
from verifier.engine.finding import Finding
from verifier.engine.others.parts import asking
from verifier.engine.request import Request
from verifier.kinds.table import kind_of
from verifier.sources.place import Place
from verifier.trust.model import ArtifactRule


def needed_beside(request: Request, rule: ArtifactRule, place: Place) -> Mapping[str, tuple[Document | Refused, ...]]:
    """What lies beside the artifact at `place`, by format, in as many formats as are asked for where it is verified.

    None of them where the artifact cannot be read. For who has fetched it, with the chain that led there, to have it
    judged over and over (`Request.whereabouts`).
    """
    kind = kind_of(request.kind)
    reading = reading_of(request, rule, Budget(request.policy.limits))
    artifact = read_artifact(request, kind, rule, reading)
    found: dict[str, tuple[Document | Refused, ...]] = {}
    if isinstance(artifact, Finding):
        return found
    look = asking(place, artifact, reading.limits)

    def ask(format_: str) -> Sequence[Document | Refused]:
        found[format_] = tuple(look(format_))
        return found[format_]

    gather(kind, artifact, request.attestations, rule=rule, policy=request.policy, now=request.now, beside=ask)
    return found
