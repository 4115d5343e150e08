"""Writing OCI documents: one text for one value, so that what is pushed twice has one digest.

* members are sorted, nothing stands between them, and what is not said is not there: no clock, no host, no order of
  a dictionary has a say in it
* what is written is what `formats.oci.manifest` reads, and reads the same

Source: OCI image specification 1.1 (`manifest.md`, `image-index.md`, `descriptor.md`, `config.md`).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from typing import Any

from verifier.core.digest import Digest
from verifier.formats.json.write import canonical
from verifier.formats.oci.manifest import OCI_INDEX, OCI_MANIFEST, Descriptor


def described(descriptor: Descriptor) -> dict[str, Any]:
    """`descriptor` as JSON values."""
    value: dict[str, Any] = {
        "mediaType": descriptor.media_type,
        "digest": str(descriptor.digest),
        "size": descriptor.size,
    }
    if descriptor.artifact_type is not None:
        value["artifactType"] = descriptor.artifact_type
    if descriptor.annotations:
        value["annotations"] = dict(descriptor.annotations)
    if descriptor.urls:
        value["urls"] = list(descriptor.urls)
    if descriptor.data is not None:
        value["data"] = base64.b64encode(descriptor.data).decode("ascii")
    if descriptor.platform is not None:
        parts = descriptor.platform
        value["platform"] = {
            name: part
            for name, part in (
                ("os", parts.os),
                ("architecture", parts.architecture),
                ("variant", parts.variant),
                ("os.version", parts.os_version),
                ("os.features", list(parts.os_features)),
            )
            if part or name in {"os", "architecture"}
        }
    return value


def write_manifest(
    *,
    config: Descriptor,
    layers: Iterable[Descriptor],
    subject: Descriptor | None = None,
    artifact_type: str | None = None,
    annotations: Iterable[tuple[str, str]] = (),
) -> bytes:
    """The bytes of an image manifest."""
    value: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": described(config),
        "layers": [described(layer) for layer in layers],
    }
    if artifact_type is not None:
        value["artifactType"] = artifact_type
    if subject is not None:
        value["subject"] = described(subject)
    if said := dict(annotations):
        value["annotations"] = said
    return canonical(value).encode()


def write_index(manifests: Iterable[Descriptor]) -> bytes:
    """The bytes of an index, its manifests in their order."""
    return canonical(
        {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [described(each) for each in manifests]}
    ).encode()


def write_config(diff_ids: Sequence[Digest], *, platform: str) -> bytes:
    """The bytes of an image's config that says its layers, and that it is for nothing that runs (`platform` twice)."""
    return canonical(
        {
            "architecture": platform,
            "os": platform,
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [str(each) for each in diff_ids]},
        }
    ).encode()
