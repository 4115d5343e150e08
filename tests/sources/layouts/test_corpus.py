"""Layouts and archives of other projects: each with what is to be expected of it."""

import json

import pytest

from tests.support.images.layout import opened
from tests.support.material import codes, corpus
from verifier.core.errors import Refused
from verifier.formats.oci.manifest import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    OCI_INDEX,
    OCI_MANIFEST,
    ImageIndex,
    parse_manifest,
)
from verifier.sources.layouts.listing import READABLE

pytestmark = pytest.mark.corpus

LAYOUTS = {
    "layouts/containers-image-two-identical": "image.ambiguous-reference",
    "layouts/containers-image-two-identical:1.0.0": "image.ambiguous-reference",
    "layouts/ggcr-test_gc_image_unknown_mediatype": "image.digest-mismatch",  # and there is no such file
    "layouts/ggcr-test_gc_index": "image.ambiguous-reference",
    "layouts/ggcr-test_gc_index:1": "image.malformed",  # a Docker manifest that is listed as an OCI one
    "layouts/ggcr-test_gc_index:3": (OCI_INDEX, "05f95b26ed10668b7183c1e2da98610e91372fa9f510046d4ce5812addad86b5"),
    "layouts/ggcr-test_gc_index:4": (DOCKER_LIST, "2b29a2b8dea3af91ea7d0154be1da0c92d55ddd098540930fc8d3db7de377fdb"),
    "layouts/ggcr-test_index": "image.ambiguous-reference",
    "layouts/ggcr-test_index:1": "image.malformed",
    "layouts/ggcr-test_index:2": "image.malformed",
    "layouts/ggcr-test_index:3": (OCI_INDEX, "05f95b26ed10668b7183c1e2da98610e91372fa9f510046d4ce5812addad86b5"),
    "layouts/ggcr-test_index:4": (DOCKER_LIST, "2b29a2b8dea3af91ea7d0154be1da0c92d55ddd098540930fc8d3db7de377fdb"),
    "layouts/ggcr-test_index_media_type": (
        OCI_MANIFEST,
        "b544f71ecd82372bc9a3c0dbef378abfd2734fe437df81ff6e242a0d720d8e3e",
    ),
    "layouts/ggcr-test_index_one_image": (
        OCI_MANIFEST,
        "98ceaf93e482fe91b9bfd6bba07137c098e49ee2d55e69f09fb6c951e75e0e46",
    ),
    "layouts/stereoscope-no-manifests": "image.malformed",
    "layouts/stereoscope-valid": (OCI_MANIFEST, "c1ed04a3da941a5dd09b58b16c37f065557863d382ef97995ddac885a8452ebb"),
    "layouts/stereoscope-valid:latest": (
        OCI_MANIFEST,
        "c1ed04a3da941a5dd09b58b16c37f065557863d382ef97995ddac885a8452ebb",
    ),
    "layouts/stereoscope-valid:2.0": "input.unreadable",
    "conforma-testimage": (OCI_MANIFEST, "bb2863eb5a15ce3551748cd6aecd40db02c96c0276ae062354b415ad37330fee"),
    "cosign-3.1.3": "image.ambiguous-reference",
    "cosign-3.1.3:1.4.0": (OCI_INDEX, "f6bd9b924df1867cc9d1c9c1c5803f0193f2cf3a07973f85e88031dac47dee07"),
    "regclient-testrepo": "image.ambiguous-reference",
    "slsa-container/v1.4.0": (DOCKER_MANIFEST, "a74d89d8dd863ca5dae4a29e0feede81ddf59197849a80784af5a02ab7786925"),
    "slsa-container/v2.1.0": (OCI_INDEX, "234e2c830c2fb31ac5671789d22adfe44d30c3ee831d01beae5e237841a13122"),
}
"""The type and the digest of what a reference stands for, or the code that it is refused with."""
ARCHIVES = {
    "containers-image-almostempty": "9d7f147c0d0c4d4538a04c7ef385809e56eb1aac7bf800fbe976612188025b68",
    "ggcr-overwritten_file": "68f6eb746cdb287658796ba120849bb77be87040a155fbefb89c96f109c0703a",
    # Its config was edited, and is still called by its old digest.
    "ggcr-source_image_with_empty_layer_history": "05b5ec1290589606ce19fabb1fb331f004acd9f618b9b4e813721be1a03a0712",
    "ggcr-test_image_1": "6e0b05049ed9c17d02e1a55e80d6599dbfcce7f4f4b022e3c673e685789c470e",
    "ggcr-test_link.tar:bazel/v1/tarball:test_image_1": (
        "6e0b05049ed9c17d02e1a55e80d6599dbfcce7f4f4b022e3c673e685789c470e"
    ),
    "ggcr-test_link.tar:bazel/v1/tarball:test_image_3": (
        "d4c9adacde69c3d92446e0484cea29493e9fd573cf0c8febfc700d80c46697a4"
    ),
    "ggcr-whiteout_dir": "92f1e3d53acdc7e137e73869abc4e87aba6614440a31723423790ca0d5db9111",
    "ggcr-whiteout_image": "decb630649c3e1256345d416b228d6c3ceb387a55120ad44dc3ec992976d28b9",
    "scalibr-basic": "cef24537555496e574fe14473659452c20e6ae3b03bdecf5f9a76d1afe14fd1a",
    "scalibr-multiple-files": "07628f196cad63d589a8c526116636052e40b8f44a65f20414c0d275ced2b453",
    "scalibr-overwrite-file": "86ee30779ba1b3aabbd48d12bdc99a3ba275c24b9a600cef87e256c7858fb2e1",
    "scalibr-symlink-basic": "2a92a3c5e77b627c59703144c52fbf1c693e9ef40b770ae03ac52f89282b6c0a",
    "scalibr-symlink-cycle": "373315c779608a5dc71c740b2ef4d68f27c2216b5f7e0520ee15c1d084b9ada2",
    "scalibr-symlink-dangling": "67d1cadc62112de17fda21cad21879bf6111c8561af11db6e8b4504083ecf120",
    "scalibr-symlink-depth-exceeded": "2ef1f326cc513e92032e231de15be74c60482d9ea6833406b15a0d09f1046ad8",
}
"""The digest of the config of each `docker save` archive: all that it has by way of a name."""
HELLO = "faa03e786c97f07ef34423fccceeec2398ec8a5759259f94d99078f264e9d7af"
WITH_LAYOUT = {
    "oci-archive:oras-hello-world.tar": (DOCKER_LIST, HELLO),
    "docker-archive:oras-hello-world.tar": (DOCKER_LIST, HELLO),
    "docker-archive:oras-hello-world.tar:hello-world:latest": (DOCKER_LIST, HELLO),
    "oci-archive:oras-hello-world.tar:docker.io/library/hello-world:latest": (DOCKER_LIST, HELLO),
    "oci-archive:stereoscope-valid-oci.tar": (
        OCI_MANIFEST,
        "c1ed04a3da941a5dd09b58b16c37f065557863d382ef97995ddac885a8452ebb",
    ),
}


def place_of(scheme, rest, folder="images"):
    return opened(f"{scheme}:{corpus(folder)}/{rest}")


def found(place):
    """The type and digest of what it stands for, or the code of the refusal."""
    try:
        resolved = place.resolve()
    except Refused as refused:
        return refused.reasons[0].code
    finally:
        place.close()
    return resolved.media_type, resolved.digest.value


@pytest.mark.parametrize("reference", LAYOUTS)
def test_a_layout_stands_for_what_it_should(reference):
    assert found(place_of("oci-layout", reference)) == LAYOUTS[reference]


def test_every_layout_and_archive_has_its_expectation():
    layouts = {f"layouts/{each.name}" for each in corpus("images/layouts").iterdir()}
    assert layouts <= {reference.partition(":")[0] for reference in LAYOUTS}
    archives = {each.stem for each in corpus("images/archives").iterdir()}
    named = {name.partition(".tar")[0] for name in ARCHIVES}
    named |= {name.partition(":")[2].partition(".tar")[0] for name in WITH_LAYOUT}
    assert archives == named | {"scalibr-empty"}


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_saved_image_is_readable_and_has_no_manifest(name):
    place = place_of("docker-archive", name if ".tar" in name else f"{name}.tar", "images/archives")
    try:
        image = place.unsigned_image()
        assert image.descriptor.digest.value == ARCHIVES[name]
        packed = [each.media_type.endswith("+gzip") for each in image.layers]
        assert all(packed) or [each.digest for each in image.layers] == list(image.config.diff_ids)
        assert all(place.blob(each, max_bytes=each.size) for each in image.layers)
        with pytest.raises(Refused) as refused:
            place.resolve()
        assert codes(refused) == ["image.no-manifest"]
    finally:
        place.close()


def test_of_two_saved_images_none_is_chosen():
    assert found(place_of("docker-archive", "ggcr-test_link.tar", "images/archives")) == "image.ambiguous-reference"


def test_an_archive_of_nothing_is_refused():
    with pytest.raises(Refused) as refused:
        place_of("docker-archive", "scalibr-empty.tar", "images/archives")
    assert codes(refused) == ["image.malformed"]


@pytest.mark.parametrize("reference", WITH_LAYOUT)
def test_an_archive_with_a_layout_has_its_manifest(reference):
    scheme, _, rest = reference.partition(":")
    assert found(place_of(scheme, rest, "images/archives")) == WITH_LAYOUT[reference]


def test_what_cosign_signed_lies_beside_it():
    place = place_of("oci-layout", "cosign-3.1.3:1.4.0")
    digest = place.resolve().digest
    listed = json.loads((corpus("images/cosign-3.1.3") / "referrers.json").read_bytes())["manifests"]
    assert {str(each.digest) for each in place.referrers(digest).descriptors} == {each["digest"] for each in listed}
    types = {each.artifact_type for each in place.referrers(digest).descriptors}
    assert types == {"application/vnd.dev.sigstore.bundle.v0.3+json"}
    assert [place.tagged(f"sha256-{digest.value}.{ending}") is None for ending in ("sig", "att", "sbom")] == [
        False,
        False,
        True,
    ]
    place.close()


@pytest.mark.parametrize(
    ("folder", "endings"),
    [("slsa-container/v1.4.0", "att"), ("slsa-container/v2.1.0", "att"), ("conforma-testimage", "sig att")],
)
def test_what_cosign_saved_lies_beside_it(folder, endings):
    place = place_of("oci-layout", folder)
    digest = place.resolve().digest
    beside = [ending for ending in ("sig", "att") if place.tagged(f"sha256-{digest.value}.{ending}") is not None]
    assert beside == endings.split()
    assert place.referrers(digest).descriptors == ()
    place.close()


class TestRegclientsRepository:
    """Indexes that list their own subject, artifacts tagged by their own digest: every walk ends."""

    FOLDER = "regclient-testrepo"

    def names(self):
        index = json.loads((corpus(f"images/{self.FOLDER}") / "index.json").read_bytes())
        named = (each.get("annotations", {}).get("org.opencontainers.image.ref.name") for each in index["manifests"])
        return [name for name in named if name]

    def test_every_name_is_resolved_and_walked_to_its_end(self):
        assert len(self.names()) == 24
        for name in self.names():
            place = place_of("oci-layout", f"{self.FOLDER}:{name}")
            self.walk(place, place.resolve().digest, set())
            place.close()

    def walk(self, place, digest, seen):
        """Every manifest, blob and referrer below a digest, each once."""
        if digest in seen:
            return
        seen.add(digest)
        resolved = place.manifest(digest)
        document = parse_manifest(resolved.content, content_type=resolved.media_type, subject="s")
        if isinstance(document, ImageIndex):
            for each in document.manifests:
                if each.media_type in READABLE:
                    self.walk(place, each.digest, seen)
        else:
            for each in (document.config, *document.layers):
                assert len(place.blob(each, max_bytes=each.size)) == each.size
        for each in place.referrers(digest).descriptors:
            self.walk(place, each.digest, seen)

    @pytest.mark.parametrize(
        ("name", "count"), [("v2", 2), ("v3", 2), ("v1", 0), ("mirror", 0), ("child", 1), ("loop", 0)]
    )
    def test_what_refers_to_an_image_is_found(self, name, count):
        place = place_of("oci-layout", f"{self.FOLDER}:{name}")
        found = place.referrers(place.resolve().digest)
        assert (len(found.descriptors), found.notes) == (count, ())
        place.close()
