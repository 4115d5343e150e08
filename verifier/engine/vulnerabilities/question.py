"""What is asked about known vulnerabilities in one artifact, and what has to be answered for."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from verifier.audit.answers import AdvisorySource, Exploited
from verifier.core.artifact import Artifact
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.evidence.inspection import Evidence
from verifier.formats.audit.database import DatabaseInfo
from verifier.kinds.kind import Kind
from verifier.trust.model import ArtifactRule

if TYPE_CHECKING:
    from verifier.core.costs.budget import Budget


class Advisories(AdvisorySource, Exploited, Protocol):
    """A database of records (`audit.database.opening.Database`)."""

    @property
    def info(self) -> DatabaseInfo: ...


class Asked(NamedTuple):
    """One artifact, its evidence, and the records to hold its packages against: None where nobody has given any, or why
    they cannot be used."""

    kind: Kind
    artifact: Artifact
    evidence: Evidence
    rule: ArtifactRule
    now: datetime
    budget: Budget
    advisories: Advisories | Refused | None = None


class Wanted(NamedTuple):
    """Something that has to be answered for: what it is called, and the digests by which a scan may mean it."""

    name: str
    digests: frozenset[Digest]


def wanted_of(artifact: Artifact) -> tuple[Wanted, ...]:
    """The artifact, or of an index each image that is judged: a scan of the index may have looked at one of them."""
    parts = artifact.parts()
    if len(parts) > 1:
        return tuple(Wanted(str(each), frozenset((each,))) for each in sorted(parts, key=str))
    names = {each for one in artifact.names() for each in (one.digest, *one.other_digests)}
    # Of an image that was chosen from an index, the index is a name too, and stands for others as well.
    return (Wanted(artifact.reference, parts or frozenset(names)),)
