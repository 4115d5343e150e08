"""What was pushed where a bundle is expected, told by its media types, and what to do instead.

* something that a known tool pushes is named with the tool and the one thing to do
* anything else is told by its types
* nothing here accuses anybody: other tools push other things

Imported only where a manifest was refused.
Source: the tools' own documentation; conftest `internal/commands/push.go`, `trivy-checks`, Flux's and Helm's OCI types.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from verifier.formats.oci.manifest import BUNDLE_LAYER, ImageManifest

PUSH: Final = f"`opa build`, sign it, and `oras push REF bundle.tar.gz:{BUNDLE_LAYER}`"
_TYPES_SHOWN: Final = 5


class _Pushed(NamedTuple):
    """One kind of thing: beginnings of media types that are only its own, what it is, and what to do."""

    types: tuple[str, ...]
    what: str
    do: str


_OPA: Final = "application/vnd.cncf.openpolicyagent."
_DOCKER: Final = "application/vnd.docker."

KNOWN: Final = (
    _Pushed(
        (f"{_OPA}policy.layer.", f"{_OPA}data.layer.", f"{_OPA}manifest.layer."),
        "conftest pushed it, one layer for each file",
        f"Push a bundle instead of `conftest push`: {PUSH}.",
    ),
    _Pushed(
        (_OPA,),
        "policies under types of their own, as Trivy's checks are pushed, which OPA does not take for a bundle",
        f"Push the same archive under the type that OPA takes: `oras push REF bundle.tar.gz:{BUNDLE_LAYER}`.",
    ),
    _Pushed(
        ("application/vnd.cncf.flux.",),
        "`flux push artifact` pushed it, for Flux",
        f"Push a bundle instead: {PUSH}.",
    ),
    _Pushed(("application/vnd.cncf.helm.",), "a Helm chart", "Name the reference of the bundle, not of the chart."),
    _Pushed(
        ("application/vnd.cncf.kyverno.",), "policies for Kyverno, in YAML", "Name the reference of the OPA bundle."
    ),
    _Pushed(
        ("application/vnd.dev.cosign.", "application/vnd.dev.sigstore.", "application/vnd.dsse."),
        "a signature or attestation of cosign's, not what it signs",
        "Name the reference of the bundle itself, and give what is beside it with --attestation or --signature.",
    ),
    _Pushed(
        ("application/vnd.cncf.notary.",),
        "a signature by Notation, not what it signs",
        "Name the reference of the bundle itself.",
    ),
    _Pushed(
        ("application/vnd.in-toto", "application/vnd.in-toto+json"),
        "an attestation manifest, as docker buildx adds it beside what it built",
        "Name the tag, or the index, that holds the bundle's own manifest.",
    ),
    _Pushed(
        ("application/spdx", "text/spdx", "application/vnd.cyclonedx", "application/vnd.syft"),
        "a bill of materials",
        "Name the reference of the bundle itself.",
    ),
    _Pushed(
        ("application/vnd.wasm.", "application/wasm", "application/vnd.module.wasm."),
        "a WebAssembly module",
        f"A compiled policy goes into a bundle (`opa build --target wasm`): {PUSH}.",
    ),
    _Pushed(
        (f"{_DOCKER}image.rootfs.", f"{_DOCKER}container.image."),
        "an image with Docker's own types, which OPA does not take",
        "An image is `verify image`. A bundle is built with `--output type=image,oci-mediatypes=true`, or pushed: "
        f"{PUSH}.",
    ),
    _Pushed(
        ("application/vnd.oci.image.layer.v1.tar+zstd", "application/vnd.oci.image.layer.nondistributable."),
        "an image whose layers are not packed by gzip",
        f"Push the bundle as gzip: {PUSH}.",
    ),
    _Pushed(
        ("application/vnd.oci.image.layer.v1.tar",),
        "a file pushed without a type of its own, as `oras push REF FILE` does, or an image that is not packed",
        f"Say the type behind the file's name: `oras push REF bundle.tar.gz:{BUNDLE_LAYER}`.",
    ),
)
"""The first that fits; what has types of its own stands before what it has in common with images."""


def told(manifest: ImageManifest) -> tuple[str, str]:
    """What a manifest without a bundle's layer is, as a message, and what to do, "" for what the code's remedy says."""
    layers = sorted({layer.media_type for layer in manifest.layers})
    seen = ", ".join(layers[:_TYPES_SHOWN]) or "none"
    plain = f"no layer of type {BUNDLE_LAYER}; its layers are of type {seen}"
    # A config says least: tools share it.
    types = (*layers, manifest.artifact_type or "", manifest.config.media_type)
    for each in KNOWN:
        if any(media_type.lower().startswith(each.types) for media_type in types):
            return f"{each.what}; {plain}", each.do
    if len(manifest.layers) == 1:
        name = dict(manifest.layers[0].annotations).get("org.opencontainers.image.title", "FILE")
        return f"one file of another type ({name!r:.100}); {plain}", ""
    return plain, ""
