"""Bundles in three real registries, signed inside, and beside them by a real cosign in both formats and by oras."""

import json
from datetime import timedelta

import pytest

from tests.support.command import run as verify
from tests.support.gateway.scene import Scene
from tests.support.images.signed import cosign_statement
from tests.support.material import envelope
from tests.support.peers.peers import executable, run
from tests.support.stories import archive, signed
from verifier.core.digest import Digest

pytestmark = pytest.mark.interop
OFF_LINE = ("--use-signing-config=false", "--tlog-upload=false", "--allow-http-registry", "--yes")
FORMATS = {"bundle": (), "legacy": ("--new-bundle-format=false",)}
THREE = 'signatures = {{ from = ["p256", "p384", "cosign"], threshold = {} }}'


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path)


@pytest.fixture
def there(any_registry, scene, request):
    return There(any_registry, scene, request.node.name.partition("[")[0].replace("_", "-"))


class There:
    """One bundle under one name of a registry, three signers of whom cosign is one, and who signs beside."""

    def __init__(self, registry, scene, name):
        self.registry, self.scene, self.name = registry, scene, f"acme/{name}"
        self.environment = {"COSIGN_PASSWORD": "x", "HOME": str(scene.folder), "TUF_ROOT": str(scene.folder / "tuf")}
        self.cosign("generate-key-pair")

    @property
    def reference(self):
        return f"{self.registry.host}/{self.name}:1"

    @property
    def uri(self):
        return f"oci://{self.reference}"

    def cosign(self, *arguments):
        return run(executable("cosign", "COSIGN"), *arguments, cwd=self.scene.folder, environment=self.environment)

    def trust(self, threshold):
        path = self.scene.folder / "trust.toml"
        text = path.read_text().replace('signatures = { from = ["p256"] }', THREE.format(threshold))
        path.write_text(text.replace("[signers.p384]", '[signers.cosign]\nkey = "cosign.pub"\n[signers.p384]'))

    def push(self, content):
        """Push a bundle by oras; the digest of its manifest."""
        path = self.scene.folder / "bundle.tar.gz"
        path.write_bytes(content)
        return self.registry.push_bundle(f"{self.name}:1", path)

    def sign(self, digest, format_):
        """Sign it by cosign."""
        self.cosign(
            "sign", "--key", "cosign.key", *OFF_LINE, *FORMATS[format_], f"{self.registry.host}/{self.name}@{digest}"
        )

    def attach(self, digest, key, about=None):
        """Attach an envelope by oras, as whoever signs without cosign does."""
        statement = cosign_statement(Digest.parse(about or digest))
        path = self.scene.folder / f"{key}.json"
        path.write_bytes(envelope(statement, key))
        kind = "application/vnd.dsse.envelope.v1+json"
        subject = f"{self.registry.host}/{self.name}@{digest}"
        flags = ("--plain-http", "--disable-path-validation", "--artifact-type", kind)
        self.registry.oras("attach", *flags, subject, f"{path}:{kind}")

    def gateway(self, **changes):
        bundle = self.scene.bundle(upstream=self.uri, spacing=timedelta(milliseconds=10))
        return self.scene.running(bundle, **changes)


@pytest.mark.parametrize("format_", FORMATS)
def test_one_inside_and_one_beside_by_cosign_are_two_of_three(there, scene, format_):
    content = signed()
    there.trust(2)
    digest = there.push(content)
    with there.gateway() as gateway:
        refused = scene.saw("bundle.refused")
        assert "signature.threshold-not-met" in refused.facts["codes"]
        assert gateway.ask().status == 503
        there.sign(digest, format_)
        scene.saw("bundle.served")
        assert gateway.ask().body == content


def test_two_beside_in_two_formats_are_two_of_three(there, scene):
    content = archive()
    there.trust(2)
    digest = there.push(content)
    there.sign(digest, "legacy")
    there.attach(digest, "p384")
    with there.gateway() as gateway:
        scene.saw("bundle.served")
        assert gateway.ask().body == content


def test_three_of_three_are_inside_by_cosign_and_by_oras(there, scene):
    content = signed()
    there.trust(3)
    digest = there.push(content)
    there.sign(digest, "bundle")
    there.attach(digest, "p384")
    with there.gateway() as gateway:
        scene.saw("bundle.served")
        assert gateway.ask().body == content


def test_a_signature_copied_from_the_release_before_is_refused_and_that_release_is_served_on(there, scene):
    first = signed()
    there.trust(2)
    before = there.push(first)
    there.attach(before, "p384")
    with there.gateway() as gateway:
        scene.saw("bundle.served")
        after = there.push(signed(archive("1.1.0")))
        there.attach(after, "p384", about=before)
        scene.saw("bundle.refused")
        gateway.until(lambda: "attestation.subject-mismatch" in json.dumps(gateway.status()["lastRefusal"]))
        assert gateway.ask().body == first


def test_what_suffices_inside_is_served_whatever_lies_beside(there, scene):
    content = signed()
    digest = there.push(content)
    there.sign(digest, "bundle")
    with there.gateway() as gateway:
        scene.saw("bundle.served")
        assert gateway.ask().body == content


def test_the_command_counts_the_same_signers(there, scene, monkeypatch):
    there.trust(2)
    digest = there.push(signed())
    policy = scene.folder / "trust.toml"
    asked = ("bundle", there.uri, "--policy", policy, "--name", "authz", "--format", "json")
    monkeypatch.chdir(scene.folder)
    refused = verify(*asked)
    assert refused.status == 1, refused.err
    assert "signature.threshold-not-met" in refused.codes
    there.sign(digest, "bundle")
    answer = verify(*asked)
    assert (answer.status, answer.codes) == (0, [])
