"""Layouts and archives as other tools write them: read, and of the digests that the tools tell."""

import hashlib
import subprocess

import pytest

from tests.support.images.layout import Layout, opened, sha256
from tests.support.material import codes
from tests.support.peers.builders import Builders
from tests.support.peers.registries import DISTRIBUTION, running_registry
from verifier.core.errors import Refused
from verifier.formats.oci.config import parse_config
from verifier.formats.oci.manifest import OCI_INDEX, ImageManifest, parse_manifest

pytestmark = pytest.mark.interop
SIGNING = (
    *("--key", "cosign.key", "--use-signing-config=false", "--tlog-upload=false", "--allow-http-registry", "-y"),
    "--new-bundle-format=false",
)


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    with running_registry(DISTRIBUTION, tmp_path_factory.mktemp("registry")) as running:
        yield running.host


@pytest.fixture(scope="module")
def made(registry, tmp_path_factory):
    """The builders, and in the registry `app:1`, `app:2` and an index of the first, `app:index`."""
    made = Builders(folder=tmp_path_factory.mktemp("made"))
    for tag in ("1", "2"):
        layer = made.layer(f"{tag}.tar", hello=b"hello " + tag.encode(), app=b"#!/bin/true\n")
        made.run("crane", "append", "-f", layer, "-t", f"{registry}/app:{tag}")
    made.run("crane", "index", "append", "-m", f"{registry}/app:1", "-t", f"{registry}/app:index")
    return made


@pytest.fixture
def place(made):
    places = []

    def opening(scheme, rest):
        places.append(opened(f"{scheme}:{made.folder / rest}"))
        return places[-1]

    yield opening
    for each in places:
        each.close()


def digest_of(made, registry, tag):
    return made.run("crane", "digest", f"{registry}/app:{tag}").strip()


def parsed(resolved):
    return parse_manifest(resolved.content, content_type=resolved.media_type, subject="s")


def read_to_the_end(place):
    """The digest of what the place stands for, once its config and its layers were read."""
    resolved = place.resolve()
    document = parsed(resolved)
    if isinstance(document, ImageManifest):
        config = parse_config(place.blob(document.config, max_bytes=10_000), subject="s")
        assert len(config.diff_ids) == len(document.layers)
        for each in document.layers:
            assert sum(map(len, place.stream(each))) == each.size
    return str(resolved.digest)


def told_by_skopeo(made, reference):
    return f"sha256:{hashlib.sha256(made.run('skopeo', 'inspect', '--raw', reference).encode()).hexdigest()}"


class TestLayouts:
    @pytest.mark.parametrize("annotated", [False, True])
    def test_crane_s(self, made, registry, place, annotated):
        name = f"crane-{annotated}"
        made.run("crane", "pull", "--format", "oci", *["--annotate-ref"] * annotated, f"{registry}/app:1", name)
        tag = f":{registry}/app:1" if annotated else ""
        assert read_to_the_end(place("oci-layout", f"{name}{tag}")) == digest_of(made, registry, "1")

    def test_crane_s_of_an_index(self, made, registry, place):
        made.run("crane", "pull", "--format", "oci", f"{registry}/app:index", "crane-index")
        found = place("oci-layout", "crane-index")
        assert read_to_the_end(found) == digest_of(made, registry, "index")
        (below,) = parse_manifest(
            found.resolve().content, content_type=found.resolve().media_type, subject="s"
        ).manifests
        assert str(found.manifest(below.digest).digest) == digest_of(made, registry, "1")

    def test_skopeo_s(self, made, registry, place):
        for tag in ("1", "2"):
            copy = ("copy", "--src-tls-verify=false", f"docker://{registry}/app:{tag}", f"oci:skopeo:{tag}")
            made.run("skopeo", *copy)
        for tag in ("1", "2"):
            assert read_to_the_end(place("oci-layout", f"skopeo:{tag}")) == told_by_skopeo(made, f"oci:skopeo:{tag}")
        with pytest.raises(Refused) as refused:
            place("oci-layout", "skopeo").resolve()
        assert codes(refused) == ["image.ambiguous-reference"]

    def test_umoci_s_that_has_no_media_type(self, made, place):
        made.run("umoci", "init", "--layout", "umoci")
        made.run("umoci", "new", "--image", "umoci:one")
        made.run("umoci", "config", "--image", "umoci:one", "--tag", "two", "--config.user", "65532")
        for tag in ("one", "two"):
            found = place("oci-layout", f"umoci:{tag}")
            assert read_to_the_end(found) == told_by_skopeo(made, f"oci:umoci:{tag}")
            assert b"mediaType" not in found.resolve().content.partition(b'"config"')[0]

    def test_buildah_s(self, made, place):
        made.built("oci:buildah:x")
        assert read_to_the_end(place("oci-layout", "buildah:x")) == told_by_skopeo(made, "oci:buildah:x")

    def test_regctl_s(self, made, registry, place):
        made.regctl("registry", "set", "--tls", "disabled", registry)
        made.regctl("image", "copy", f"{registry}/app:1", "ocidir://regctl:1")
        assert read_to_the_end(place("oci-layout", "regctl:1")) == digest_of(made, registry, "1")

    def test_what_oras_attaches_refers_to_the_image(self, made, registry, place):
        made.run("crane", "pull", "--format", "oci", f"{registry}/app:1", "oras")
        digest = digest_of(made, registry, "1")
        evidence = made.layer("evidence", hello=b"hello")
        attach = ("attach", "--oci-layout", f"oras@{digest}", "--artifact-type", "application/x.test")
        made.run("oras", *attach, "--disable-path-validation", f"{evidence}:application/x.test")
        found = place("oci-layout", "oras")
        (described,) = found.referrers(found.resolve().digest).descriptors
        assert (str(found.resolve().digest), described.artifact_type) == (digest, "application/x.test")
        manifest = parse_manifest(
            found.manifest(described.digest).content, content_type=described.media_type, subject="s"
        )
        assert found.blob(manifest.layers[0], max_bytes=100_000) == evidence.read_bytes()


@pytest.fixture(scope="module")
def signed(made, registry):
    made.run("cosign", "generate-key-pair")
    (made.folder / "predicate").write_text("{}")
    for tag in ("1", "index"):
        reference = f"{registry}/app@{digest_of(made, registry, tag)}"
        made.run("cosign", "sign", *SIGNING, reference)
        made.run("cosign", "attest", *SIGNING, "--predicate", "predicate", reference)
        made.run("cosign", "save", "--allow-http-registry", "--dir", f"saved-{tag}", reference)


class TestWhatCosignSaves:
    @pytest.mark.parametrize("tag", ["1", "index"])
    @pytest.mark.usefixtures("signed")
    def test_image_signatures_and_attestations_are_found(self, made, registry, place, tag):
        found = place("oci-layout", f"saved-{tag}")
        digest = digest_of(made, registry, tag)
        assert read_to_the_end(found) == digest
        for ending, layer in (("sig", "simplesigning"), ("att", "dsse")):
            beside = found.tagged(f"sha256-{digest[7:]}.{ending}")
            manifest = parsed(beside)
            assert layer in manifest.layers[0].media_type
            tagged = made.run("crane", "digest", f"{registry}/app:sha256-{digest[7:]}.{ending}").strip()
            assert [str(each.digest) for each in manifest.layers] == self.layers(made, registry, tagged)

    def layers(self, made, registry, digest):
        content = made.run("crane", "manifest", f"{registry}/app@{digest}").encode()
        kind = parse_manifest(content, content_type="application/vnd.oci.image.manifest.v1+json", subject="s")
        return [str(each.digest) for each in kind.layers]

    @pytest.mark.usefixtures("signed")
    def test_cosign_accepts_what_was_changed_below_an_index_and_we_do_not(self, made, place):
        """A platform's manifest that was changed, one that is absent, a layer that is another."""
        layout = made.folder / "saved-index"
        self.verify(made, "saved-index")
        (described,) = parsed(place("oci-layout", "saved-index").resolve()).manifests
        blob = layout / "blobs/sha256" / described.digest.value
        content = blob.read_bytes()
        layer = parse_manifest(content, content_type=described.media_type, subject="s").layers[0]
        for change in (lambda: blob.write_bytes(content + b" "), blob.unlink):
            change()
            self.verify(made, "saved-index")
            found = place("oci-layout", "saved-index")
            found.resolve()
            assert self.refused(found.manifest, described.digest) == ["image.digest-mismatch"]
        blob.write_bytes(content)
        (layout / "blobs/sha256" / layer.digest.value).write_bytes(bytes(layer.size))
        self.verify(made, "saved-index")
        found = place("oci-layout", "saved-index")
        found.manifest(described.digest)
        assert self.refused(list, found.stream(layer)) == ["image.digest-mismatch"]

    @pytest.mark.usefixtures("signed")
    def test_both_refuse_the_image_s_own_manifest_where_it_was_changed(self, made, place):
        digest = made.index("saved-1")[0]["digest"][7:]
        with (made.folder / "saved-1/blobs/sha256" / digest).open("ab") as file:
            file.write(b" ")
        with pytest.raises(subprocess.CalledProcessError):
            self.verify(made, "saved-1")
        assert self.refused(place("oci-layout", "saved-1").resolve) == ["image.digest-mismatch"]

    def verify(self, made, layout):
        """Raises where cosign does not accept the layout."""
        how = ("--key", "cosign.pub", "--insecure-ignore-tlog", "--new-bundle-format=false")
        made.run("cosign", "verify", *how, "--local-image", layout)

    def refused(self, call, *arguments):
        with pytest.raises(Refused) as refused:
            call(*arguments)
        return codes(refused)


class TestArchives:
    def test_skopeo_s_layout(self, made, registry, place):
        copy = ("copy", "--src-tls-verify=false", f"docker://{registry}/app:1", "oci-archive:skopeo.tar:1")
        made.run("skopeo", *copy)
        found = place("oci-archive", "skopeo.tar:1")
        assert read_to_the_end(found) == told_by_skopeo(made, "oci-archive:skopeo.tar:1")

    def test_buildah_s_layout(self, made, place):
        made.built(f"oci-archive:{made.folder}/buildah.tar:x")
        assert read_to_the_end(place("oci-archive", "buildah.tar:x")) == told_by_skopeo(
            made, "oci-archive:buildah.tar:x"
        )

    @pytest.mark.parametrize("packed", [False, True])
    def test_regctl_s_that_is_both(self, made, registry, place, packed):
        made.regctl("registry", "set", "--tls", "disabled", registry)
        made.regctl("image", "export", *["--compress"] * packed, f"{registry}/app:1", "regctl.tar")
        for scheme in ("oci-archive", "docker-archive"):
            assert read_to_the_end(place(scheme, f"regctl.tar:{registry}/app:1")) == digest_of(made, registry, "1")

    def test_regctl_s_of_an_index(self, made, registry, place):
        made.regctl("registry", "set", "--tls", "disabled", registry)
        made.regctl("image", "export", f"{registry}/app:index", "regctl-index.tar")
        found = place("oci-archive", "regctl-index.tar")
        assert (read_to_the_end(found), found.resolve().media_type) == (digest_of(made, registry, "index"), OCI_INDEX)

    @pytest.mark.parametrize("format_", ["tarball", "legacy"])
    def test_crane_s_without_a_manifest(self, made, registry, place, format_):
        made.run("crane", "pull", "--format", format_, f"{registry}/app:1", f"crane-{format_}.tar")
        self.without_a_manifest(made, registry, place("docker-archive", f"crane-{format_}.tar"))

    def test_crane_s_of_two_images(self, made, registry, place):
        made.run("crane", "pull", f"{registry}/app:1", f"{registry}/app:2", "crane-two.tar")
        self.without_a_manifest(made, registry, place("docker-archive", f"crane-two.tar:{registry}/app:2"), "2")
        with pytest.raises(Refused) as refused:
            place("docker-archive", "crane-two.tar").resolve()
        assert codes(refused) == ["image.ambiguous-reference"]

    def test_skopeo_s_without_a_manifest(self, made, registry, place):
        copy = ("copy", "--src-tls-verify=false", f"docker://{registry}/app:1", "docker-archive:saved.tar:acme/app:1")
        made.run("skopeo", *copy)
        self.without_a_manifest(made, registry, place("docker-archive", "saved.tar:acme/app:1"))

    def test_buildah_s_without_a_manifest(self, made, place):
        made.built(f"docker-archive:{made.folder}/buildah-saved.tar:acme/app:1")
        image = place("docker-archive", "buildah-saved.tar").unsigned_image()
        assert [each.digest for each in image.layers] == list(image.config.diff_ids)

    def without_a_manifest(self, made, registry, place, tag="1"):
        """The config is the registry's, the layers are the config's; what would be signed is gone."""
        config = made.run("crane", "config", f"{registry}/app:{tag}").encode()
        image = place.unsigned_image()
        assert image.content == config
        assert all(sum(map(len, place.stream(each))) == each.size for each in image.layers)
        with pytest.raises(Refused) as refused:
            place.resolve()
        assert codes(refused) == ["image.no-manifest"]


def test_skopeo_takes_the_first_of_two_of_one_name_and_we_none(made, place):
    layout = Layout()
    first, _ = (layout.image(content, name="1") for content in (b"one", b"two"))
    layout.write(made.folder / "two")
    assert told_by_skopeo(made, "oci:two:1") == sha256(first)
    with pytest.raises(Refused) as refused:
        place("oci-layout", "two:1").resolve()
    assert codes(refused) == ["image.ambiguous-reference"]
