"""What hangs on an image, read once somebody is proven to have signed it: manifests, configs, layers.

* how deep it is read is what was asked for, or what the rule has to know, whichever is deeper
* a config speaks of as many layers as its manifest, and of the platform that the index says
* where the index names no platform, the config does
"""

from __future__ import annotations

from itertools import islice
from typing import Final

from verifier.core.errors import refuse
from verifier.core.limits import MAX_FINDINGS
from verifier.core.outcome import Reason
from verifier.core.value import replace
from verifier.formats.oci.config import MAX_CONFIG_BYTES, ImageConfig, parse_config, require_layers
from verifier.formats.oci.manifest import Descriptor, ImageManifest
from verifier.formats.oci.platform import Platform
from verifier.kinds.image.accounts import names_somebody
from verifier.kinds.image.artifact import Image, PlatformImage
from verifier.kinds.image.inspecting import Inspecting, inspected
from verifier.kinds.image.layers import hash_contents
from verifier.kinds.image.reading import manifest_of
from verifier.kinds.image.wish import LAYERS, Called, ImageWish, Layers
from verifier.kinds.kind import Reading
from verifier.sources.place import Place
from verifier.trust.evaluate import image_of, sbom_of
from verifier.trust.model import ArtifactRule
from verifier.trust.sections.version import VersionFrom, VersionRule

_CONFIG_TOO: Final = "config"
_DEPTHS: Final = ("manifest", _CONFIG_TOO, *LAYERS[1:])


def deepen(image: Image, rule: ArtifactRule, reading: Reading) -> Image:
    """`image` with all of it read that is to be judged; raises `Refused`."""
    if reading.place is None:
        raise TypeError("an image has a place")
    place, depth = reading.place, _depth(image, rule, reading)
    if depth == "manifest":
        return image
    wish, asked = reading.image or ImageWish(), image_of(rule)
    search = wish.search if asked is not None and asked.denies("secrets") else None
    how = Inspecting(
        wish=replace(wish, search=search, limits=reading.limits),
        called=_called(image, rule, wish),
        names_count=asked is not None and asked.denies_root,
    )
    parts = tuple(_deeper(part, depth, place, how) for part in image.platforms)
    return replace(image, platforms=parts, findings=(*image.findings, *_noticed(parts)))


def _called(image: Image, rule: ArtifactRule, wish: ImageWish) -> Called | None:
    """What the contents are called where they have to be known."""
    asked = sbom_of(rule)
    if not wish.contents and (asked is None or not asked.compares):
        return None
    return Called(name=image.name)


def deepest(part: PlatformImage, place: Place, how: Inspecting) -> PlatformImage:
    """One image with all that can be read of it, whoever has signed it; raises `Refused`."""
    return _deeper(part, "inspect", place, how)


def _noticed(parts: tuple[PlatformImage, ...]) -> tuple[Reason, ...]:
    """What was noticed in layers, and in putting them upon each other, without having to stop: each of it once."""
    noticed: dict[Reason, None] = {}
    for part in parts:
        for table in part.layers or ():
            noticed |= dict.fromkeys(table.notes)
        if part.tree is not None:
            noticed |= dict.fromkeys(part.tree.notes)
    return tuple(islice(noticed, MAX_FINDINGS))


def _depth(image: Image, rule: ArtifactRule, reading: Reading) -> str:
    wish = reading.image or ImageWish()
    usual: Layers = "hash" if reading.place is not None and reading.place.repository is None else "manifest"
    asked = [wish.layers or usual, *_needs(rule), *(["inspect"] if wish.contents else [])]
    if wish.platform is not None or image.index is not None:
        # What was chosen by its platform has to be for it.
        asked.append(_CONFIG_TOO)
    if reading.kept:
        asked.append(_CONFIG_TOO)
    return max(asked, key=_DEPTHS.index)


def _needs(rule: ArtifactRule) -> list[str]:
    """What the sections of the rule have to know."""
    order = VersionRule.of(rule).order
    labelled = isinstance(order, VersionFrom) and order.source.startswith("label:")
    section, bill = rule.section("image"), sbom_of(rule)
    return [
        *([_CONFIG_TOO] if labelled else []),
        *([getattr(section, "needs", _CONFIG_TOO)] if section is not None else []),
        *(["inspect"] if bill is not None and bill.compares else []),
    ]


def _deeper(part: PlatformImage, depth: str, place: Place, how: Inspecting) -> PlatformImage:
    manifest = part.manifest or _manifest(part, place)
    subject = f"{place.uri} ({manifest.config.digest})"
    content = _config_content(manifest, place)
    config = parse_config(content, subject=subject)
    require_layers(config, len(manifest.layers), subject=subject)
    deeper = replace(part, manifest=manifest, config=config, platform=_agreed(part.platform, config, subject))
    if how.names_count and names_somebody(config.user):
        depth = "inspect"  # who that is, /etc/passwd says
    if depth == "hash":
        hash_contents(manifest, config, place, subject=subject, wish=how.wish)
        return replace(deeper, hashed=True)
    return inspected(deeper, content, place, how, subject=subject) if depth == "inspect" else deeper


def _manifest(part: PlatformImage, place: Place) -> ImageManifest:
    _, manifest = manifest_of(Descriptor(media_type=part.media_type, digest=part.digest, size=part.size), place)
    return manifest


def _config_content(manifest: ImageManifest, place: Place) -> bytes:
    described = manifest.config
    return described.data if described.data is not None else place.blob(described, max_bytes=MAX_CONFIG_BYTES)


def _agreed(stated: Platform | None, config: ImageConfig, subject: str) -> Platform | None:
    """The platform that index and config speak of."""
    if stated is None or config.platform is None:
        if stated is not None:
            message = f"expected {stated}, as was asked for or the index says; its config names no platform"
            raise refuse("image.platform-mismatch", subject, message)
        return config.platform
    if not stated.is_same(config.platform):
        message = f"expected {stated}, as was asked for or the index says; its config is for {config.platform}"
        raise refuse("image.platform-mismatch", subject, message)
    return stated
