"""What was pushed where a bundle is expected is named, with what to do."""

import json

import pytest

from verifier.core.errors import Refused
from verifier.formats.oci.choice import bundle_layer
from verifier.formats.oci.foreign_artifacts import KNOWN, told
from verifier.formats.oci.manifest import BUNDLE_LAYER, OCI_MANIFEST, parse_manifest

DIGEST = "sha256:" + "ab" * 32
IMAGE = "application/vnd.oci.image.config.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
OPA = "application/vnd.cncf.openpolicyagent"


def described(media_type, title=None):
    annotations = {} if title is None else {"annotations": {"org.opencontainers.image.title": title}}
    return {"mediaType": media_type, "digest": DIGEST, "size": 2} | annotations


def manifest(*layers, config=EMPTY, artifact_type=None, title=None):
    document = {
        "schemaVersion": 2,
        "config": described(config),
        "layers": [described(each, title) for each in layers],
    } | ({} if artifact_type is None else {"artifactType": artifact_type})
    return parse_manifest(json.dumps(document).encode(), content_type=OCI_MANIFEST, subject="s")


def reason(pushed):
    with pytest.raises(Refused) as caught:
        bundle_layer(pushed, subject="s")
    return caught.value.reasons[0]


@pytest.mark.parametrize(
    ("pushed", "what", "do"),
    [
        (
            manifest(f"{OPA}.policy.layer.v1+rego", f"{OPA}.data.layer.v1+json", config=f"{OPA}.config.v1+json"),
            "conftest pushed it, one layer for each file",
            "oras push",
        ),
        (manifest(f"{OPA}.policy.layer.v1+rego", config="application/vnd.unknown.config.v1+json"), "conftest", "oras"),
        (manifest(f"{OPA}.data.layer.v1+json"), "conftest", "instead of `conftest push`"),
        (manifest(f"{OPA}.layer.v1.tar+gzip", artifact_type=f"{OPA}.config.v1+json"), "Trivy", BUNDLE_LAYER),
        (manifest("application/gzip", artifact_type=f"{OPA}.config.v1+json"), "Trivy", BUNDLE_LAYER),
        (manifest("application/vnd.cncf.flux.content.v1.tar+gzip"), "flux push artifact", "oras push"),
        (manifest("application/vnd.cncf.helm.chart.content.v1.tar+gzip"), "a Helm chart", "not of the chart"),
        (manifest("application/octet-stream", config="application/vnd.cncf.helm.config.v1+json"), "Helm", "chart"),
        (manifest("application/vnd.cncf.kyverno.policy.layer.v1+yaml"), "Kyverno", "the OPA bundle"),
        (manifest("application/vnd.dev.cosign.simplesigning.v1+json", config=IMAGE), "cosign", "the bundle itself"),
        (manifest("application/vnd.dsse.envelope.v1+json", config=IMAGE), "cosign", "--attestation"),
        (manifest("application/vnd.dev.sigstore.bundle.v0.3+json"), "cosign", "the bundle itself"),
        (manifest("application/jose+json", config="application/vnd.cncf.notary.signature"), "Notation", "itself"),
        (manifest("application/vnd.in-toto+json", config=IMAGE), "attestation manifest", "the index"),
        (manifest("application/spdx+json"), "a bill of materials", "the bundle itself"),
        (manifest("application/vnd.wasm.content.layer.v1+wasm"), "WebAssembly", "opa build --target wasm"),
        (
            manifest(
                "application/vnd.docker.image.rootfs.diff.tar.gzip",
                config="application/vnd.docker.container.image.v1+json",
            ),
            "an image with Docker's own types",
            "oci-mediatypes=true",
        ),
        (manifest("application/vnd.oci.image.layer.v1.tar+zstd", config=IMAGE), "not packed by gzip", "as gzip"),
        (manifest("application/vnd.oci.image.layer.v1.tar"), "without a type of its own", "Say the type"),
    ],
)
def test_what_another_tool_pushed_is_named_with_what_to_do(pushed, what, do):
    refused = reason(pushed)
    assert refused.code == "image.no-bundle"
    assert what in refused.message
    assert do in refused.hint


@pytest.mark.parametrize(
    "media_type", ["application/gzip", "application/x-tar", "application/vnd.example", "text/plain"]
)
def test_one_file_of_another_type_is_called_by_its_name(media_type):
    refused = reason(manifest(media_type, title="bundle.tar.gz"))
    assert refused.message.startswith("one file of another type ('bundle.tar.gz'); no layer of type")
    assert media_type in refused.message
    assert "oras push" in refused.hint


@pytest.mark.parametrize("layers", [[], ["application/a", "application/b"], ["application/a"] * 1_000])
def test_what_is_not_known_is_told_by_its_types(layers):
    refused = reason(manifest(*layers))
    assert refused.message.startswith("no layer of type")
    assert len(refused.message) < 300


def test_nobody_is_accused():
    for each in KNOWN:
        assert not any(
            word in f"{each.what} {each.do}".lower() for word in ("tamper", "changed it", "attack", "forged")
        )


def test_a_bundle_beside_other_layers_is_still_the_bundle():
    pushed = manifest(f"{OPA}.policy.layer.v1+rego", BUNDLE_LAYER)
    assert bundle_layer(pushed, subject="s").media_type == BUNDLE_LAYER
    assert "conftest" in told(pushed)[0]
