"""What makes a kind of artifact: how it is read, what is signed inside it, and what is asked of it besides.

Whoever verifies asks a kind, never whether an artifact is a bundle. A kind is a folder and a row in `kinds.table`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from verifier.core.artifact import Artifact
from verifier.core.digest import Digest
from verifier.core.limits import Limits
from verifier.core.reading import ReadingMode
from verifier.core.value import Value, field
from verifier.core.verdict import EvidenceItem, Part
from verifier.evidence.inspection import Check, Evidence
from verifier.trust.model import ArtifactRule

if TYPE_CHECKING:
    from verifier.core.costs.budget import Budget
    from verifier.core.rego import ModuleAnalysis
    from verifier.core.signers.signer import Signer
    from verifier.evidence.contents import Contents
    from verifier.formats.json.strict_json import JsonValue
    from verifier.kinds.image.wish import ImageWish
    from verifier.ledger.view import KnownLayers
    from verifier.rego.interface import RegoEngine
    from verifier.sources.chain import Whereabouts
    from verifier.sources.place import Place
    from verifier.trust.model import TrustPolicy
    from verifier.versions.candidate import Unstated
    from verifier.versions.memory import Memory


class Reading(Value):
    """How an artifact is called and how it is to be read; `budget` pays, and knows how large the artifact is.

    `place` is where it lies together with what else is there, if that can be asked; `image` is what was asked for of
    an image. `whereabouts` is what was there when the bytes were fetched, for who has fetched them before. `kept` says
    that a ledger is to know what other images may be built on.
    """

    name: str
    resource_uri: str
    limits: Limits
    mode: ReadingMode
    budget: Budget
    place: Place | None = None
    image: ImageWish | None = None
    whereabouts: Whereabouts | None = None
    kept: bool = False


Inside = Callable[
    [Artifact, ArtifactRule, "Sequence[Signer]", datetime, "Budget"], tuple[Evidence, tuple[EvidenceItem, ...]]
]
Version = Callable[[Artifact, str], "str | Unstated | None"]


def nothing_inside(
    _: Artifact, __: ArtifactRule, ___: Sequence[Signer], ____: datetime, _____: Budget
) -> tuple[Evidence, tuple[EvidenceItem, ...]]:
    """Of a kind that carries no signature."""
    return Evidence(), ()


def no_modules(_: Artifact, __: ArtifactRule, ___: RegoEngine | None) -> tuple[ModuleAnalysis, ...]:
    """Of a kind that has no Rego in it."""
    return ()


def no_facts(_: Artifact, __: Evidence) -> JsonValue:
    """Of a kind of which the organisation's rules see nothing but what every artifact has."""
    return None


def nothing_deeper(artifact: Artifact, _: ArtifactRule, __: Reading) -> Artifact:
    """Of a kind that is read whole before anything else."""
    return artifact


def no_parts(_: Artifact) -> tuple[Part, ...]:
    """Of a kind that stands for nothing but itself."""
    return ()


class OfLedger(Value):
    """What a kind has to do with a ledger, besides versions.

    `memory` is what a ledger is told of an artifact, and asked about. `asked` are the ChainIDs that a rule has to know
    the images of, and `knowing` gives the artifact what was said of them. `checks` judge that, anew whenever the ledger
    is asked again; without a ledger, by what the artifact has.
    """

    memory: Callable[[Artifact], Memory | None]
    asked: Callable[[Artifact, ArtifactRule], tuple[Digest, ...]]
    knowing: Callable[[Artifact, Sequence[KnownLayers], TrustPolicy], Artifact]
    checks: tuple[tuple[str, Check], ...] = ()


class Kind(Value):
    """One kind of artifact.

    `read` refuses what cannot be read. `known_by` makes an artifact of which only the digest is known, None where
    that says too little. `deepen` reads what hangs on the artifact, once a signer is proven, and may refuse: what
    nobody has signed is not looked into. `parts` are what the artifact stands for. `inside` verifies what is signed
    inside the artifact. `modules` are what a Rego engine finds in it. `facts` is what the organisation's rules see
    of it as `input.NAME`. `versions` are the places, beside those that every kind has, from which a rule may take
    the version; one that ends in a dot or a colon takes whatever follows. `checks` are asked after those that hold
    for every kind, by their names. `contents` is what is in the artifact, of an index what is in each image that was
    looked into (none where nothing was), and None for a kind that cannot be looked into. `of_ledger` is None for a kind
    of which a ledger keeps versions alone.
    """

    name: str
    read: Callable[[bytes, Reading], Artifact]
    known_by: Callable[[Digest, Reading], Artifact] | None = None
    inside: Inside = nothing_inside
    deepen: Callable[[Artifact, ArtifactRule, Reading], Artifact] = nothing_deeper
    parts: Callable[[Artifact], tuple[Part, ...]] = no_parts
    modules: Callable[[Artifact, ArtifactRule, RegoEngine | None], tuple[ModuleAnalysis, ...]] = no_modules
    facts: Callable[[Artifact, Evidence], JsonValue] = no_facts
    versions: Mapping[str, Version] = field(default_factory=dict)
    checks: tuple[tuple[str, Check], ...] = ()
    of_ledger: OfLedger | None = None
    contents: Callable[[Artifact, Evidence], tuple[Contents, ...]] | None = None

    def version(self, artifact: Artifact, source: str) -> str | Unstated | None:
        """The version that stands where `source` says, None where it has no such place, or nothing is there.

        `Unstated` where there is more to say about why there is none.
        """
        for place, read in self.versions.items():
            if source == place or (place.endswith((".", ":")) and source.startswith(place)):
                return read(artifact, source.removeprefix(place))
        return None
