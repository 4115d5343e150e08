"""Shapes in which people push to a real registry: pushed by `oras`, pulled by this project and, beside it, by OPA."""

import json
from pathlib import Path

import pytest

from tests.support import workplace
from tests.support.command import ask
from tests.support.peers.opa_pulling import opa_decides
from tests.support.peers.registry_server import real_registry
from tests.support.publishing.releases import release
from verifier.formats.oci.choice import ATTESTATION, REFERENCE_DIGEST, REFERENCE_TYPE
from verifier.formats.oci.manifest import BUNDLE_LAYER, OCI_INDEX, OCI_MANIFEST

pytestmark = pytest.mark.interop
place = workplace.place
PLAIN = "--plain-http"
OPA_TYPE = "application/vnd.cncf.openpolicyagent"
UNKNOWN = {"os": "unknown", "architecture": "unknown"}


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    with real_registry(tmp_path_factory.mktemp("registry")) as running:
        yield running


def entry(registry, name, platform, annotations=None):
    """What an index says of the manifest under a name, by the registry's own word for digest and size."""
    described = json.loads(registry.oras("manifest", "fetch", PLAIN, "--descriptor", f"{registry.host}/{name}"))
    found = {"mediaType": OCI_MANIFEST, "digest": described["digest"], "size": described["size"], "platform": platform}
    return found | ({} if annotations is None else {"annotations": annotations})


def push_index(registry, name, *manifests):
    index = registry.folder / "index.json"
    index.write_text(json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests}))
    registry.oras("manifest", "push", PLAIN, "--media-type", OCI_INDEX, f"{registry.host}/{name}", str(index))


@pytest.fixture
def built(place, registry):
    """Pushes an index as docker buildx does, about the bundle or about something else; returns its reference."""

    def push(name, *, about=None, second=False):
        registry.push_bundle(f"{name}:bundle", release().absolute())
        statement = registry.folder / "statement.json"
        statement.write_text('{"_type": "https://in-toto.io/Statement/v0.1"}')
        registry.push(f"{name}:attestation", (statement, "application/vnd.in-toto+json"))
        bundle = entry(registry, f"{name}:bundle", {"os": "linux", "architecture": "amd64"})
        noted = {REFERENCE_TYPE: ATTESTATION, REFERENCE_DIGEST: about or bundle["digest"]}
        others = [entry(registry, f"{name}:bundle", {"os": "linux", "architecture": "arm64"})] if second else []
        push_index(registry, f"{name}:1.0.0", bundle, *others, entry(registry, f"{name}:attestation", UNKNOWN, noted))
        return f"{registry.host}/{name}:1.0.0"

    return push


class TestAnIndexAsBuildxPushesIt:
    def test_is_verified_and_opa_pulls_the_same(self, place, registry, built):
        Path("src/authz/policy.rego").write_text('package authz\n\nallow := "beside its attestation"\n')
        reference = built("acme/built/authz")
        answer = ask("bundle", f"oci://{reference}", "--policy", "trust.toml")
        assert (answer.status, answer.report["artifact"]["name"]) == (0, "authz")
        assert opa_decides(place, registry, reference) == "beside its attestation"

    def test_about_another_manifest_is_refused(self, built):
        answer = ask(
            "bundle", f"oci://{built('acme/astray/authz', about='sha256:' + '0' * 64)}", "--policy", "trust.toml"
        )
        assert (answer.status, answer.codes) == (1, ["image.attestation-mismatch"])

    def test_for_two_platforms_leaves_a_choice_and_is_refused(self, built):
        answer = ask("bundle", f"oci://{built('acme/platforms/authz', second=True)}", "--policy", "trust.toml")
        assert (answer.status, answer.codes) == (1, ["image.ambiguous-manifest"])


@pytest.mark.parametrize(
    ("name", "types", "said"),
    [
        ("conftest", (f"{OPA_TYPE}.policy.layer.v1+rego", f"{OPA_TYPE}.data.layer.v1+json"), "conftest pushed it"),
        ("trivy", (f"{OPA_TYPE}.layer.v1.tar+gzip",), "Trivy"),
        ("flux", ("application/vnd.cncf.flux.content.v1.tar+gzip",), "flux push artifact"),
        ("helm", ("application/vnd.cncf.helm.chart.content.v1.tar+gzip",), "Helm"),
        ("gzip", ("application/gzip",), "one file of another type"),
        ("zstd", ("application/vnd.oci.image.layer.v1.tar+zstd",), "not packed by gzip"),
    ],
)
def test_what_other_tools_push_is_named(place, registry, name, types, said):
    for number in range(len(types)):
        (place / f"file{number}").write_bytes(b"content %d" % number)
    files = [((place / f"file{number}").absolute(), each) for number, each in enumerate(types)]
    registry.push(f"acme/{name}/authz:1.0.0", *files)
    answer = ask("bundle", f"oci://{registry.host}/acme/{name}/authz:1.0.0", "--policy", "trust.toml")
    assert (answer.status, answer.codes) == (1, ["image.no-bundle"])
    assert said in json.dumps(answer.report["reasons"])


def test_what_oras_pushes_without_a_type_is_named_with_the_type_to_say(place, registry):
    pushed = release().absolute()
    reference = f"{registry.host}/acme/untyped/authz:1.0.0"
    registry.oras("push", PLAIN, "--disable-path-validation", reference, str(pushed))
    answer = ask("bundle", f"oci://{reference}", "--policy", "trust.toml")
    assert (answer.status, answer.codes) == (1, ["image.no-bundle"])
    (denial,) = [each for each in answer.report["reasons"] if each["code"] == "image.no-bundle"]
    assert "pushed without a type" in denial["message"]
    assert BUNDLE_LAYER in denial["hint"]
