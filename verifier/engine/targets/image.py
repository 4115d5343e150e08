"""Container images: a registry's, an OCI layout's, or what `docker save` has written.

* one image is listed: of an index with several platforms one has to be named
* every manifest, config and layer is held against its digest; nothing of a layer counts before all of it was read
* an archive without a manifest is known by its config: what nobody can have signed can still be listed
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from verifier.core.costs.budget import Budget
from verifier.core.errors import ConfigurationError
from verifier.core.reading import ReadingMode
from verifier.core.text.shown import shown
from verifier.engine.facade import open_image
from verifier.engine.targets.target import Target
from verifier.evidence.contents import Contents
from verifier.formats.oci.manifest import OCI_MANIFEST, ImageManifest
from verifier.kinds.image.artifact import Image, PlatformImage
from verifier.kinds.image.deepen import deepest
from verifier.kinds.image.inspecting import Inspecting
from verifier.kinds.image.reading import read_image
from verifier.kinds.image.wish import Called, ImageWish
from verifier.kinds.kind import Reading

if TYPE_CHECKING:
    from verifier.sources.docker_archive import SavedPlace
    from verifier.sources.place import Place

_THREADS: Final = 2
"""Layers that are read at once: unpacking and hashing run beside each other."""
_LISTED: Final = 10


def contents(target: Target) -> Contents:
    """What is in the image; `Refused` where it cannot be read, `ConfigurationError` where it is not the only one."""
    place = open_image(target.reference, access=target.access, limits=target.limits)
    try:
        return contents_in(place, target)
    finally:
        place.close()


def contents_in(place: Place, target: Target) -> Contents:
    """What is in the image that `place` stands for; raises as `contents`."""
    from verifier.sources.docker_archive import SavedPlace  # noqa: PLC0415 - beside the one question

    wish = ImageWish(platform=target.platform, contents=True, threads=_THREADS, limits=target.limits)
    part = _without_manifest(place, target) if isinstance(place, SavedPlace) else _chosen(place, target, wish)
    called = Called(name=_name(place), version=place.tag, all_layers=target.all_layers)
    found = deepest(part, place, Inspecting(wish=wish, called=called)).contents
    if found is None:
        raise TypeError("contents were asked for")
    return found


def _chosen(place: Place, target: Target, wish: ImageWish) -> PlatformImage:
    """The one image that the reference stands for."""
    name, limits = _name(place), target.limits
    reading = Reading(
        name=name,
        resource_uri=place.uri,
        limits=limits,
        mode=ReadingMode.STRICT,
        budget=Budget(limits),
        place=place,
        image=wish,
    )
    image = read_image(place.resolve().content, reading)
    if len(image.platforms) > 1:
        raise _several(image, place)
    return image.platforms[0]


def _several(image: Image, place: Place) -> ConfigurationError:
    named = [str(each.platform or each.digest) for each in image.platforms]
    more = f" and {len(named) - _LISTED} more" if len(named) > _LISTED else ""
    return ConfigurationError(
        f"an index of {len(named)} images: {', '.join(named[:_LISTED])}{more}",
        where=shown(place.uri),
        hint=f"Name one, as in --platform {named[0]}: each has components of its own.",
    )


def _without_manifest(place: SavedPlace, target: Target) -> PlatformImage:
    """The image of an archive that has lost its manifest; its config's digest is what it is known by."""
    found = place.unsigned_image()
    manifest = ImageManifest(media_type=OCI_MANIFEST, config=found.descriptor, layers=found.layers)
    digest = found.descriptor.digest
    return PlatformImage(
        digest=digest,
        size=found.descriptor.size,
        media_type=OCI_MANIFEST,
        manifest=manifest,
        platform=target.platform,
    )


def _name(place: Place) -> str:
    """`registry/repository`; of what lies here the name of the folder or the file, wherever it lies."""
    if place.repository is not None:
        return place.repository
    path = place.uri.partition(":")[2].partition("@")[0]
    if place.tag is not None:
        path = path.removesuffix(f":{place.tag}")
    return path.rstrip("/").rpartition("/")[2].removesuffix(".tar") or "image"
