"""An image, or an index of images, that lies in a layout or another registry: everything that is to be written.

* what hangs on it is found by its digest, and each manifest is held against digest and size as it is read
* what an index lists goes before the index, what a manifest names before the manifest
* blobs are not read here, but passed on in pieces when they are written
* layers that are said to be elsewhere (`urls`) are written where the place has them, and left out where it has not
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.formats.oci.manifest import Descriptor, ImageIndex, ImageManifest, parse_manifest
from verifier.publish.push.written import Blob, Part, manifest_of
from verifier.sources.place import Place, Resolved

MAX_DEPTH: Final = 3
"""Indexes within indexes: some tools nest one."""
MAX_MANIFESTS: Final = 1_024


def image_parts(place: Place) -> tuple[Part, ...]:
    """The parts of what `place` stands for, what it stands for itself last; `Refused` where any cannot be had."""
    seen: dict[Digest, Part] = {}
    _collect(place, place.resolve(), seen, depth=0)
    return tuple(seen.values())


def _collect(place: Place, found: Resolved, seen: dict[Digest, Part], *, depth: int) -> None:
    if len(seen) >= MAX_MANIFESTS or depth > MAX_DEPTH:
        message = f"more than {MAX_MANIFESTS} manifests, or indexes more than {MAX_DEPTH} deep"
        raise refuse("image.malformed", place.uri, message)
    read = parse_manifest(found.content, content_type=found.media_type, subject=place.uri)
    manifest = manifest_of(found.content, read.media_type)
    if isinstance(read, ImageManifest):
        seen[found.digest] = Part(manifest=manifest, blobs=tuple(blobs_of(place, read)))
        return
    for listed in _distinct(read):
        if listed.digest in seen:
            continue
        if listed.digest.algorithm != manifest.digest.algorithm:
            message = f"it lists {listed.digest}, and a manifest is written by its {manifest.digest.algorithm}"
            hint = "Build the index anew: clients and registries know manifests by their sha256."
            raise refuse("image.unsupported", place.uri, message, hint)
        inner = place.manifest(listed.digest)
        _require_described(inner, listed, place.uri)
        _collect(place, inner, seen, depth=depth + 1)
    seen[found.digest] = Part(manifest=manifest)


def _distinct(index: ImageIndex) -> tuple[Descriptor, ...]:
    return tuple({each.digest: each for each in index.manifests}.values())


def blobs_of(place: Place, manifest: ImageManifest) -> Iterator[Blob]:
    """The blobs that a manifest names, each once."""
    named = {each.digest: each for each in (manifest.config, *manifest.layers) if not each.urls}
    for descriptor in named.values():
        yield blob_at(place, descriptor)


def blob_at(place: Place, descriptor: Descriptor) -> Blob:
    """A blob that is read from `place` when it is written."""
    return Blob(descriptor=descriptor, pieces=lambda: place.stream(descriptor))


def _require_described(found: Resolved, listed: Descriptor, subject: str) -> None:
    if len(found.content) != listed.size or found.media_type != listed.media_type:
        message = (
            f"{found.digest} is {found.media_type} of {len(found.content)} bytes, and the index says "
            f"{listed.media_type} of {listed.size}"
        )
        code = "image.digest-mismatch" if found.media_type == listed.media_type else "image.malformed"
        raise refuse(code, subject, message)
