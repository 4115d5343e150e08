"""Which manifest of an index, and which layer of a manifest, is the bundle.

* what BuildKit adds for itself, provenance and SBOMs, is known by its annotation and its platform `unknown/unknown`,
  and is about the one manifest that is left; an index that contradicts itself in this is refused
* one manifest is left, or the index is refused: nothing is chosen by platform, by place or by content
* an index within an index is refused
* of a manifest the first layer of OPA's type is the bundle, unless it is an image of several; where there is none, what
  it is instead is named

Source: BuildKit `docs/attestations/attestation-storage.md`; OPA `v1/download/oci_download.go`, which passes over
`unknown/unknown` and takes the first manifest with a layer that fits.
"""

from __future__ import annotations

from typing import Final

from verifier.core.errors import Refused, refuse
from verifier.formats.oci.manifest import BUNDLE_LAYER, INDEX_TYPES, Descriptor, ImageIndex, ImageManifest

REFERENCE_TYPE: Final = "vnd.docker.reference.type"
REFERENCE_DIGEST: Final = "vnd.docker.reference.digest"
ATTESTATION: Final = "attestation-manifest"
UNKNOWN: Final = "unknown/unknown"

_IMAGE_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
_MANIFESTS_SHOWN: Final = 5


def chosen_manifest(index: ImageIndex, *, subject: str) -> Descriptor:
    """The one manifest of `index` that is no attestation's; `Refused` (`image.*`) where there is none, or a choice."""
    if any(each.media_type in INDEX_TYPES for each in index.manifests):
        raise refuse("image.ambiguous-manifest", subject, "an index within an index, expected a manifest")
    attestations: list[Descriptor] = []
    left: list[Descriptor] = []
    for each in index.manifests:
        (attestations if _is_attestation(each, subject) else left).append(each)
    if len(left) > 1:
        message = f"an index with {len(left)} manifests, expected one manifest: {_told(left)}"
        raise refuse("image.ambiguous-manifest", subject, message)
    if not left or str(left[0].platform) == UNKNOWN:
        raise _nothing(left, len(attestations), subject)
    for each in attestations:
        about = dict(each.annotations).get(REFERENCE_DIGEST)
        if about != str(left[0].digest) or each.digest == left[0].digest:
            message = (
                f"the attestation manifest {each.digest} is about {about!r:.150}, the manifest is {left[0].digest}"
            )
            raise refuse("image.attestation-mismatch", subject, message)
    return left[0]


def bundle_layer(manifest: ImageManifest, *, subject: str) -> Descriptor:
    """The layer that OPA takes for the bundle; `Refused` (`image.no-bundle`) where there is none, or an image."""
    fitting = [layer for layer in manifest.layers if layer.media_type == BUNDLE_LAYER]
    if len(fitting) > 1 and manifest.config.media_type == _IMAGE_CONFIG:
        message = f"an image of {len(manifest.layers)} layers, of which OPA would take the first; a bundle is one layer"
        raise refuse("image.no-bundle", subject, message, "Name the reference of the bundle, or build it as one layer.")
    if fitting:
        return fitting[0]
    from verifier.formats.oci.foreign_artifacts import told  # noqa: PLC0415 - only where something was refused

    message, hint = told(manifest)
    raise refuse("image.no-bundle", subject, message, hint)


def _is_attestation(described: Descriptor, subject: str) -> bool:
    kind = dict(described.annotations).get(REFERENCE_TYPE)
    if kind != ATTESTATION:
        return False
    if str(described.platform) != UNKNOWN:
        seen = described.platform or "no platform"
        message = f"the manifest {described.digest} is called an attestation manifest and is for {seen}"
        raise refuse("image.attestation-mismatch", subject, f"{message}, expected {UNKNOWN}")
    return True


def _nothing(left: list[Descriptor], attestations: int, subject: str) -> Refused:
    if left:
        message = f"the one manifest of the index is for {UNKNOWN}, which OPA passes over, and no attestation manifest"
    elif attestations:
        message = f"an index of {attestations} attestation manifests, and none that they are about"
    else:
        message = "an index with 0 manifests, expected one manifest"
    return refuse("image.no-bundle", subject, message)


def _told(manifests: list[Descriptor]) -> str:
    named = [f"{each.digest} ({each.platform or 'no platform'})" for each in manifests[:_MANIFESTS_SHOWN]]
    more = [f"{len(manifests) - _MANIFESTS_SHOWN} more"] if len(manifests) > _MANIFESTS_SHOWN else []
    return ", ".join([*named, *more])
