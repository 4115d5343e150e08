"""Container images as a kind of artifact: what all the files of this folder come to."""

from __future__ import annotations

from verifier.core.artifact import Artifact
from verifier.core.verdict import Part
from verifier.evidence.contents import Contents
from verifier.evidence.inspection import Evidence
from verifier.kinds.image import versions
from verifier.kinds.image.artifact import Image, PlatformImage
from verifier.kinds.image.checks.table import CHECKS, OF_LEDGER
from verifier.kinds.image.deepen import deepen
from verifier.kinds.image.reading import read_image
from verifier.kinds.image.recalled import asked_of, knowing, memory_of
from verifier.kinds.kind import Kind, OfLedger, Reading
from verifier.trust.model import ArtifactRule


def _deepen(artifact: Artifact, rule: ArtifactRule, reading: Reading) -> Artifact:
    return deepen(artifact, rule, reading) if isinstance(artifact, Image) else artifact


def _parts(artifact: Artifact) -> tuple[Part, ...]:
    """A row for each image that runs, with what of it was read."""
    platforms = artifact.platforms if isinstance(artifact, Image) else ()
    return tuple(Part(name=_called(each, artifact), digest=each.digest, read=_read(each)) for each in platforms)


def _called(part: PlatformImage, artifact: Artifact) -> str:
    """The platform by an index or a config: what was asked for is nobody's word yet."""
    alone = isinstance(artifact, Image) and artifact.index is None and artifact.read is part.manifest
    if part.config is None and alone:
        return "platform not read"
    return str(part.platform) if part.platform is not None else "platform not stated"


def _read(part: PlatformImage) -> str:
    config = "" if part.config is None else "config read, "
    if part.layers is not None:
        return f"{config}layers: {len(part.layers)} inspected"
    return f"{config}layers: {'digests recomputed' if part.hashed else 'not read'}"


def _contents(artifact: Artifact, _: Evidence) -> tuple[Contents, ...]:
    """Of every image that was looked into."""
    platforms = artifact.platforms if isinstance(artifact, Image) else ()
    return tuple(each.contents for each in platforms if each.contents is not None)


KIND = Kind(
    name="image",
    read=read_image,
    deepen=_deepen,
    parts=_parts,
    versions=versions.PLACES,
    checks=CHECKS,
    contents=_contents,
    of_ledger=OfLedger(memory=memory_of, asked=asked_of, knowing=knowing, checks=OF_LEDGER),
)
