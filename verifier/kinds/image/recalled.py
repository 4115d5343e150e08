"""What a ledger is told of an image, and what it is asked about it.

* the ledger knows an image by the digest of the index it was chosen from, so that the platforms of one index are one
  release; who withdraws the index, the manifest or one of the platforms withdraws the image
* a tag is told of with what it stands for in its repository, whichever platform of it is judged; a digest is no tag,
  and a repository has one spelling
* layers are told of by ChainID, of every platform whose config was read
* a base that the ledger knows is as good as its scope: withdrawn since, or below a floor, it was denied
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from verifier.core.artifact import Artifact
from verifier.core.digest import Digest
from verifier.core.value import replace
from verifier.formats.oci.repository import spelled
from verifier.kinds.image.artifact import Image
from verifier.kinds.image.bases import KnownBase
from verifier.trust.evaluate import rule_of_scope
from verifier.trust.model import ArtifactRule
from verifier.trust.sections.image import ImageRule
from verifier.trust.sections.version import VersionRule
from verifier.versions.memory import MAX_LAYERS, Memory, Tag, chain_ids
from verifier.versions.schemes import Scheme, order_key

if TYPE_CHECKING:
    from verifier.ledger.view import KnownLayers
    from verifier.trust.model import TrustPolicy


def memory_of(artifact: Artifact) -> Memory | None:
    """What a ledger keeps of an image, None where it holds no digest of it."""
    if not isinstance(artifact, Image):
        return None
    content = artifact.index or artifact.digest
    others = dict.fromkeys((artifact.digest, *(each.digest for each in artifact.platforms)))
    if content.algorithm != "sha256":
        return None
    return Memory(
        content=content,
        others=tuple(each for each in others if each != content),
        tag=_tag(artifact),
        layers=_layers(artifact),
    )


def asked_of(artifact: Artifact, rule: ArtifactRule) -> tuple[Digest, ...]:
    """The ChainIDs of everything that the image's platforms may be built on, where the rule asks for a base."""
    if not isinstance(artifact, Image) or not ImageRule.of(rule).base:
        return ()
    return tuple(dict.fromkeys(chain for layers in _looked_into(artifact) for chain in chain_ids(layers)))


def knowing(artifact: Artifact, known: Sequence[KnownLayers], policy: TrustPolicy) -> Artifact:
    """The image with the bases that a ledger knows of it, each called as the policy's rule for its scope calls it."""
    if not isinstance(artifact, Image):
        return artifact
    bases = [base for layers in _looked_into(artifact) for base in _bases(layers, known, policy)]
    return replace(artifact, bases=tuple(dict.fromkeys((*artifact.bases, *bases))))


def _bases(layers: tuple[Digest, ...], known: Sequence[KnownLayers], policy: TrustPolicy) -> Iterator[KnownBase]:
    # A ChainID names a whole sequence of layers: whoever has it as its last one is made of the first of these.
    lengths = {chain: length for length, chain in enumerate(chain_ids(layers), start=1)}
    for each in known:
        rule, reference = rule_of_scope(policy, each.scope)
        if rule is None or each.chain not in lengths:
            continue
        called = f"{each.digest}, version {each.version}" if each.version is not None else str(each.digest)
        yield KnownBase(
            reference=reference,
            diff_ids=layers[: lengths[each.chain]],
            accepted=each.stands and not _is_below_floor(each.version, rule),
            where=called,
        )


def _is_below_floor(version: str | None, rule: ArtifactRule) -> bool:
    """Whether the rule would not accept it any more."""
    versions = VersionRule.of(rule)
    scheme, floor = getattr(versions.order, "scheme", None), versions.floor
    if floor is None or scheme is None:
        return False
    try:
        return version is None or order_key(Scheme(scheme), version) < order_key(Scheme(scheme), floor)
    except ValueError:
        return True


def _looked_into(image: Image) -> Iterator[tuple[Digest, ...]]:
    """The recomputed diff_ids of each platform whose layers were read to their end."""
    for platform in image.platforms:
        if platform.layers is not None:
            yield tuple(each.diff_id for each in platform.layers)


def _tag(image: Image) -> Tag | None:
    if image.tag is None or image.repository is None or image.stands_for is None:
        return None
    try:
        return Tag(name=f"{spelled(image.repository)}:{image.tag}", digest=image.stands_for)
    except ValueError:
        return None


def _layers(image: Image) -> tuple[Digest, ...]:
    """Of more platforms than one event may name none are: then nothing is known to be built on it."""
    chains = dict.fromkeys(
        chain for each in image.platforms if each.config for chain in list(chain_ids(each.config.diff_ids))[-1:]
    )
    return tuple(chains) if len(chains) <= MAX_LAYERS and all(each.algorithm == "sha256" for each in chains) else ()
