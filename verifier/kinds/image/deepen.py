"""What hangs on an image, read once somebody is proven to have signed it: manifests, configs, layers.

* how deep it is read is what was asked for, or what the rule has to know, whichever is deeper
* a config speaks of as many layers as its manifest, and of the platform that the index says
* where the index names no platform, the config does
"""

from __future__ import annotations

from typing import Final

from verifier.core.errors import refuse
from verifier.core.value import replace
from verifier.formats.oci.config import CONFIG_TYPES, MAX_CONFIG_BYTES, ImageConfig, parse_config, require_layers
from verifier.formats.oci.manifest import Descriptor, ImageManifest
from verifier.formats.oci.platform import Platform
from verifier.kinds.image.artifact import Image, PlatformImage
from verifier.kinds.image.reading import manifest_of
from verifier.kinds.image.wish import LAYERS, ImageWish, Layers
from verifier.kinds.kind import Reading
from verifier.sources.place import Place
from verifier.trust.model import ArtifactRule
from verifier.trust.sections.version import VersionFrom, VersionRule

_CONFIG: Final = "config"
_DEPTHS: Final = ("manifest", _CONFIG, *LAYERS[1:])


def deepen(image: Image, rule: ArtifactRule, reading: Reading) -> Image:
    """`image` with all of it read that is to be judged; raises `Refused`."""
    if reading.place is None:
        raise TypeError("an image has a place")
    place, depth = reading.place, _depth(image, rule, reading)
    if depth == "manifest":
        return image
    parts = tuple(_deeper(part, place) for part in image.platforms)
    return replace(image, platforms=parts)


def _depth(image: Image, rule: ArtifactRule, reading: Reading) -> str:
    wish = reading.image or ImageWish()
    usual: Layers = "hash" if reading.place is not None and reading.place.repository is None else "manifest"
    asked = [wish.layers or usual, *_needs(rule)]
    if wish.platform is not None or image.index is not None:
        # What was chosen by its platform has to be for it.
        asked.append(_CONFIG)
    return max(asked, key=_DEPTHS.index)


def _needs(rule: ArtifactRule) -> list[str]:
    """What the sections of the rule have to know."""
    order = VersionRule.of(rule).order
    labelled = isinstance(order, VersionFrom) and order.source.startswith("label:")
    section = rule.section("image")
    return [*([_CONFIG] if labelled else []), *([getattr(section, "needs", _CONFIG)] if section is not None else [])]


def _deeper(part: PlatformImage, place: Place) -> PlatformImage:
    manifest = part.manifest or _manifest(part, place)
    subject = f"{place.uri} ({manifest.config.digest})"
    config = _config(manifest, place, subject)
    platform = _agreed(part.platform, config, subject)
    return replace(part, manifest=manifest, config=config, platform=platform)


def _manifest(part: PlatformImage, place: Place) -> ImageManifest:
    _, manifest = manifest_of(Descriptor(media_type=part.media_type, digest=part.digest, size=part.size), place)
    return manifest


def _config(manifest: ImageManifest, place: Place, subject: str) -> ImageConfig:
    described = manifest.config
    if described.media_type not in CONFIG_TYPES:
        message = f"its config is {described.media_type}, expected an image's: it is an artifact of another kind"
        raise refuse("image.unsupported", subject, message, "Verify a policy bundle with `verify bundle oci://...`.")
    content = described.data if described.data is not None else place.blob(described, max_bytes=MAX_CONFIG_BYTES)
    config = parse_config(content, subject=subject)
    require_layers(config, len(manifest.layers), subject=subject)
    return config


def _agreed(stated: Platform | None, config: ImageConfig, subject: str) -> Platform | None:
    """The platform that index and config speak of."""
    if stated is None or config.platform is None:
        if stated is not None:
            message = f"it was chosen for {stated}, and its config names no platform"
            raise refuse("image.platform-mismatch", subject, message)
        return config.platform
    if not stated.is_same(config.platform):
        message = f"it was chosen for {stated}, and its config is for {config.platform}"
        raise refuse("image.platform-mismatch", subject, message)
    return stated
