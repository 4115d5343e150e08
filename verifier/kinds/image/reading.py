"""Which document an image is, read once: the manifest or index that the reference stands for, or one of its platforms.

* of an index that was asked for as a whole every platform is judged; what BuildKit adds for itself is none
* a platform is there once, or nothing is chosen: runtimes part on which of two they take
* a manifest that is proven by its index stands there once, with its own type and size
* an index within an index is refused: what would run is not decided

Source: OCI image specification 1.1, `image-index.md`; formats/images.md sections 1 and 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from verifier.core.artifact import Attested
from verifier.core.digest import Digest
from verifier.core.errors import Refused, refuse
from verifier.formats.oci.choice import ATTESTATION, REFERENCE_TYPE, UNKNOWN
from verifier.formats.oci.config import CONFIG_TYPES
from verifier.formats.oci.manifest import INDEX_TYPES, Descriptor, ImageIndex, ImageManifest, parse_manifest
from verifier.formats.oci.platform import Platform
from verifier.kinds.image.artifact import Image, PlatformImage
from verifier.kinds.image.wish import ImageWish
from verifier.kinds.kind import Reading
from verifier.sources.place import Place, Resolved

_SHOWN: Final = 10


def read_image(content: bytes, reading: Reading) -> Image:
    """The image that `content` is: raises `Refused` (`image.*`, `json.*`)."""
    place, wish = reading.place, reading.image or ImageWish()
    if place is None:
        message = "bytes alone are no image: what they name is elsewhere"
        raise refuse("image.unsupported", reading.name, message, "Give the reference of the image, or its layout.")
    found = place.resolve()
    document = parse(found, subject=place.uri)
    if wish.index is not None:
        return _proven_by(wish.index, found, document, place, reading)
    if isinstance(document, ImageManifest):
        require_image(document, place.uri)
        alone = PlatformImage(
            digest=found.digest,
            size=len(content),
            media_type=document.media_type,
            manifest=document,
            platform=wish.platform,
        )
        return _image(content, found.digest, document, (alone,), reading, stands_for=found.digest)
    listed = _platforms(document, place.uri)
    if wish.platform is None:
        platforms = tuple(map(_unread, listed))
        return _image(content, found.digest, document, platforms, reading, stands_for=found.digest)
    chosen = _only(listed, wish.platform, place.uri)
    return _chosen(chosen, found, place, reading, stands_for=found.digest)


def parse(found: Resolved, *, subject: str) -> ImageManifest | ImageIndex:
    """What a document at a place says."""
    return parse_manifest(found.content, content_type=found.media_type, subject=subject)


def manifest_of(described: Descriptor, place: Place) -> tuple[bytes, ImageManifest]:
    """The manifest that an index lists, with the type and the size that the index says."""
    found = place.manifest(described.digest)
    subject = f"{place.uri} ({described.digest})"
    if len(found.content) != described.size:
        message = f"{len(found.content)} bytes, expected the {described.size} of its descriptor"
        raise refuse("image.digest-mismatch", subject, message)
    document = parse(found, subject=subject)
    if isinstance(document, ImageIndex):
        raise _nested(subject)
    if document.media_type != described.media_type:
        message = f"the manifest is {document.media_type}, and the index says {described.media_type}"
        raise refuse("image.malformed", subject, message)
    require_image(document, subject)
    return found.content, document


def require_image(manifest: ImageManifest, subject: str) -> None:
    """Refuse an artifact of another kind in the shape of an image: its config says that it is none."""
    if manifest.config.media_type not in CONFIG_TYPES:
        message = f"its config is {manifest.config.media_type}, expected an image's: it is an artifact of another kind"
        raise refuse("image.unsupported", subject, message, "Verify a policy bundle with `verify bundle oci://...`.")


def _platforms(index: ImageIndex, subject: str) -> list[Descriptor]:
    """The manifests of an index that run, in its order."""
    if any(each.media_type in INDEX_TYPES for each in index.manifests):
        raise _nested(subject)
    listed = [each for each in index.manifests if not _is_attestation(each)]
    if not listed:
        message = f"an index of {len(index.manifests)} manifests, and none of them is an image"
        raise refuse("image.malformed", subject, message)
    for number, each in enumerate(listed):
        _require_one(each, listed[:number], subject)
    return listed


def _require_one(each: Descriptor, before: Sequence[Descriptor], subject: str) -> None:
    """Refuse an index with two manifests for one platform, of which runtimes would take different ones."""
    for other in before:
        if each.digest != other.digest and _is_same(each.platform, other.platform):
            message = f"{other.digest} and {each.digest} are both for {each.platform or 'no platform'}"
            raise refuse("image.platform-ambiguous", subject, message)


def _is_same(one: Platform | None, other: Platform | None) -> bool:
    return one is other if one is None or other is None else one.is_same(other)


def _is_attestation(described: Descriptor) -> bool:
    said = dict(described.annotations).get(REFERENCE_TYPE)
    return said == ATTESTATION and str(described.platform) == UNKNOWN


def _only(listed: Sequence[Descriptor], platform: Platform, subject: str) -> Descriptor:
    fitting = [each for each in listed if each.platform is not None and each.platform.is_same(platform)]
    if not fitting:
        there = ", ".join(str(each.platform or each.digest) for each in listed[:_SHOWN])
        raise refuse("image.platform-missing", subject, f"the index has nothing for {platform}; it has {there}")
    if len(fitting) > 1:
        there = ", ".join(f"{each.digest} ({each.platform})" for each in fitting[:_SHOWN])
        raise refuse("image.platform-ambiguous", subject, f"the index has {len(fitting)} for {platform}: {there}")
    return fitting[0]


def _chosen(described: Descriptor, index: Resolved, place: Place, reading: Reading, *, stands_for: Digest) -> Image:
    content, manifest = manifest_of(described, place)
    part = _unread(described, manifest)
    return _image(content, described.digest, manifest, (part,), reading, stands_for=stands_for, index=index)


def _proven_by(
    digest: Digest, found: Resolved, document: ImageManifest | ImageIndex, place: Place, reading: Reading
) -> Image:
    """The manifest that was asked for, as one that the index lists: what is signed is the index."""
    if isinstance(document, ImageIndex):
        message = "is an index itself, expected the manifest of one platform"
        raise refuse("image.platform-mismatch", f"{place.uri} ({found.digest})", message)
    proving = place.manifest(digest)
    index = parse(proving, subject=f"{place.uri} ({digest})")
    listed = _platforms(index, place.uri) if isinstance(index, ImageIndex) else []
    described = next((each for each in listed if each.digest == found.digest), None)
    if described is None:
        message = f"the index {digest} does not list {found.digest}"
        raise refuse("image.platform-missing", place.uri, message, "Name the index that it was built into.")
    return _chosen(described, proving, place, reading, stands_for=found.digest)


def _unread(described: Descriptor, manifest: ImageManifest | None = None) -> PlatformImage:
    return PlatformImage(
        digest=described.digest,
        size=described.size,
        media_type=described.media_type,
        manifest=manifest,
        platform=described.platform,
    )


def _image(
    content: bytes,
    digest: Digest,
    document: ImageManifest | ImageIndex,
    platforms: tuple[PlatformImage, ...],
    reading: Reading,
    *,
    stands_for: Digest,
    index: Resolved | None = None,
) -> Image:
    place = reading.place
    repository = None if place is None else place.repository
    return Image(
        name=reading.name,
        resource_uri=reading.resource_uri,
        digest=digest,
        content=content,
        read=document,
        platforms=platforms,
        repository=repository,
        tag=None if place is None else place.tag,
        index=None if index is None else index.digest,
        stands_for=stands_for,
        attested=() if index is None else (_about(index, repository),),
    )


def _about(index: Resolved, repository: str | None) -> Attested:
    """What evidence is about where one platform was chosen: what the reference stands for."""
    return Attested(digest=index.digest, content=index.content, repository=repository)


def _nested(subject: str) -> Refused:
    message = "an index within an index: which manifest would run is not decided"
    return refuse("image.unsupported", subject, message, "Name the inner index, or its manifest, by its digest.")
