"""What lies beside an image in its layout, and goes with it: its signatures and its evidence, as they are.

* what refers to any of its manifests, by the manifest's own word, and cosign's old tags beside them
* nothing of it is judged here: it is as good there as it was here
* more than anybody attaches is refused, not cut

Source: OCI image specification 1.1 (`subject`); cosign `specs/SIGNATURE_SPEC.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.core.value import Value
from verifier.formats.oci.manifest import ImageManifest, parse_manifest
from verifier.publish.push.image import blob_at, blobs_of
from verifier.publish.push.legacy import ATTESTATIONS, SIGNATURES, legacy_tag
from verifier.publish.push.written import Appended, Part, Referrer, manifest_of
from verifier.sources.place import Place

MAX_CARRIED: Final = 1_000


class Carried(Value):
    """What goes with an image."""

    referrers: tuple[Referrer, ...]
    appended: tuple[Appended, ...]


def carried_from(place: Place, parts: Sequence[Part]) -> Carried:
    """What lies beside `parts` at `place`; `Refused` where that cannot be had."""
    subjects = [part.manifest.digest for part in parts]
    found = Carried(
        referrers=tuple(each for subject in subjects for each in _referring(place, subject)),
        appended=tuple(each for subject in subjects for each in _tagged(place, subject)),
    )
    if len(found.referrers) + len(found.appended) > MAX_CARRIED:
        raise refuse("input.too-large", place.uri, f"more than {MAX_CARRIED} documents lie beside it")
    return found


def _referring(place: Place, subject: Digest) -> Iterator[Referrer]:
    for described in place.referrers(subject).descriptors:
        found = place.manifest(described.digest)
        read = parse_manifest(found.content, content_type=found.media_type, subject=place.uri)
        if not isinstance(read, ImageManifest) or read.subject is None or read.subject.digest != subject:
            continue  # the listing says so, and the manifest does not
        what = read.artifact_type or read.config.media_type
        manifest = manifest_of(found.content, read.media_type, artifact_type=what, annotations=read.annotations)
        part = Part(manifest=manifest, blobs=tuple(blobs_of(place, read)))
        yield Referrer(part=part, subject=subject, what=what, name="beside it")


def _tagged(place: Place, subject: Digest) -> Iterator[Appended]:
    for suffix in (SIGNATURES, ATTESTATIONS):
        found = place.tagged(legacy_tag(subject, suffix))
        if found is None:
            continue
        read = parse_manifest(found.content, content_type=found.media_type, subject=place.uri)
        for layer in read.layers if isinstance(read, ImageManifest) else ():
            yield Appended(
                subject=subject, suffix=suffix, layer=blob_at(place, layer), what=layer.media_type, name="beside it"
            )
