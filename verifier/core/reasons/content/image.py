"""Reason codes of images, and what is kept in registries like one."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error

IMAGE: tuple[ReasonCode, ...] = (
    error(
        "image.malformed",
        "a manifest or index is malformed",
        cause="It is not what the OCI image specification defines, was sent as another type than its own, or could be "
        "read as a manifest and as an index.",
        remedy="Push it again with `oras push` or another OCI client.",
        threat="T-208",
    ),
    error(
        "image.digest-mismatch",
        "a manifest or layer is not what its digest stands for",
        cause="The bytes differ from the digest by which they were asked for, or from what their descriptor says.",
        remedy="Do not use it; the registry, or something on the way to it, has changed it.",
        threat="T-201",
    ),
    error(
        "image.ambiguous-manifest",
        "the reference leads to several manifests",
        cause="It names an index, whose readers choose by platform; a bundle has one manifest, beside which "
        "there may be attestation manifests about it.",
        remedy="Name the manifest that is meant by its digest (@sha256:...), or push the bundle without an index.",
        threat="T-208",
    ),
    error(
        "image.attestation-mismatch",
        "an attestation manifest in the index is not of the bundle's manifest",
        cause="It refers to another manifest, or has a platform as if it were something to run: what is left of "
        "the index is not what was built with it.",
        remedy="Build and push again, or name the bundle's manifest by its digest (@sha256:...).",
        threat="T-208",
    ),
    error(
        "image.no-bundle",
        "the image holds no bundle",
        cause="No layer is of the type that OPA takes for a bundle (application/vnd.oci.image.layer.v1.tar+gzip).",
        remedy="Push it with that type: `oras push REF bundle.tar.gz:application/vnd.oci.image.layer.v1.tar+gzip`.",
    ),
)
