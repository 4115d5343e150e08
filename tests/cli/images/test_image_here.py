"""`verify image` for images on this machine: layouts and archives, signed beside and not."""

import json
import os

import pytest

from tests.support.command import ask, run
from tests.support.images.judged import signed_statement
from tests.support.images.layout import CONFIG, LAYER, Layout, described, path_of, saved_files, tar_of, written
from tests.support.images.made import layer
from tests.support.material import public_pem
from verifier.formats.oci.manifest import OCI_INDEX

DSSE = "application/vnd.dsse.envelope.v1+json"


def signed_layout(*, sign=True):
    """An image of one layer, version 1.4.0, and its signature beside it; the manifest."""
    layout = Layout()
    image = layout.image(layer({"app": b"#!/bin/true\n"}), name="1.4.0", full="registry.acme.example/acme/app:1.4.0")
    if sign:
        envelope = layout.blob(signed_statement(described(image)).content)
        layout.referring(image, artifactType=DSSE, layers=[described(envelope, DSSE)])
    return layout, image


@pytest.fixture
def key(place):
    (place / "key.pub").write_bytes(public_pem("p256"))
    return ("--key", "key.pub")


class TestLayouts:
    @pytest.mark.parametrize("rest", ["", ":1.4.0", ":registry.acme.example/acme/app:1.4.0"])
    def test_a_signed_image_in_a_folder_is_accepted(self, place, key, rest):
        layout, image = signed_layout()
        layout.write(place / "layout")
        answer = ask("image", f"oci-layout:layout{rest}", *key)
        assert (answer.status, answer.codes) == (0, [])
        assert answer.report["artifact"]["digest"] == {"sha256": described(image)["digest"][7:]}

    @pytest.mark.parametrize("dot", ["", "./"])
    def test_so_is_one_in_a_tar_file(self, place, key, dot):
        layout, image = signed_layout()
        (place / "app.tar").write_bytes(layout.tar(dot=dot))
        assert ask("image", "oci-archive:app.tar", *key).status == 0
        assert ask("image", f"oci-archive:app.tar@{described(image)['digest']}", *key).status == 0

    @pytest.mark.parametrize("rest", ["", ":1.4.0", ":registry.acme.example/acme/app:1.4.0"])
    def test_it_is_called_as_its_folder_or_its_file(self, place, key, rest):
        layout, _ = signed_layout()
        layout.write(place / "app")
        (place / "app.tar").write_bytes(layout.tar())
        for reference in (f"oci-layout:app{rest}", f"oci-archive:app.tar{rest}"):
            assert ask("image", reference, *key).report["artifact"]["name"] == "app"

    def test_an_image_that_nobody_signed_is_not(self, place, key):
        layout, _ = signed_layout(sign=False)
        layout.write(place / "layout")
        answer = ask("image", "oci-layout:layout", *key)
        assert (answer.status, answer.codes) == (1, ["signature.missing"])

    def test_a_layer_that_was_replaced_is_found_without_being_asked_for(self, place, key):
        layout, image = signed_layout()
        (described_layer,) = json.loads(image)["layers"]
        layout.files[f"blobs/sha256/{described_layer['digest'][7:]}"] = bytes(described_layer["size"])
        layout.write(place / "layout")
        answer = ask("image", "oci-layout:layout", *key)
        assert (answer.status, answer.codes) == (1, ["image.digest-mismatch"])

    def test_a_signature_of_another_image_is_none(self, place, key):
        layout, _ = signed_layout()
        layout.entries[0] = described(layout.manifest(b"evil"))
        layout.write(place / "layout")
        assert ask("image", "oci-layout:layout", *key).codes == ["signature.missing"]

    def test_several_images_are_told_apart_by_name_alone(self, place, key):
        layout, _ = signed_layout()
        layout.image(b"other", name="1.5.0")
        layout.write(place / "layout")
        answer = ask("image", "oci-layout:layout", *key)
        assert (answer.status, answer.codes) == (1, ["image.ambiguous-reference"])
        assert ask("image", "oci-layout:layout:1.4.0", *key).status == 0

    def test_an_index_ten_indexes_deep_is_not_decided(self, place, key):
        layout = Layout()
        listed = described(layout.manifest(b"layer"))
        for _ in range(10):
            index = layout.index_of(listed)
            listed = described(index, OCI_INDEX)
        layout.listed(index, OCI_INDEX)
        layout.write(place / "layout")
        answer = ask("image", "oci-layout:layout", *key)
        assert (answer.status, answer.codes) == (3, ["image.unsupported"])


class TestSavedArchives:
    def test_nothing_is_decided_where_the_manifest_is_gone(self, place, key):
        (place / "app.tar").write_bytes(tar_of(saved_files(b"layer")))
        answer = ask("image", "docker-archive:app.tar", *key)
        assert (answer.status, answer.codes) == (3, ["image.no-manifest"])

    def test_what_is_a_layout_too_is_judged_by_its_manifest(self, place, key):
        layout, image = signed_layout()
        config, (blob,) = json.loads(image)["config"], json.loads(image)["layers"]
        paths = [f"blobs/sha256/{each['digest'][7:]}" for each in (config, blob)]
        listed = {"Config": paths[0], "RepoTags": ["registry.acme.example/acme/app:1.4.0"], "Layers": paths[1:]}
        layout.files["manifest.json"] = written([listed])
        (place / "app.tar").write_bytes(layout.tar())
        assert ask("image", "docker-archive:app.tar", *key).status == 0
        layout.files["manifest.json"] = written([listed | {"Layers": [paths[0]]}])
        (place / "app.tar").write_bytes(layout.tar())
        answer = ask("image", "docker-archive:app.tar", *key)
        assert (answer.status, answer.codes) == (1, ["image.malformed"])


class TestBadInput:
    @pytest.mark.parametrize("scheme", ["oci-layout", "oci-archive", "docker-archive"])
    def test_what_is_not_there_is_undecided(self, key, scheme):
        answer = ask("image", f"{scheme}:nothing", *key)
        assert (answer.status, answer.codes) == (3, ["input.unreadable"])

    def test_a_fifo_is_not_waited_for(self, place, key):
        os.mkfifo(place / "fifo")
        assert ask("image", "oci-archive:fifo", *key).codes == ["input.unreadable"]

    @pytest.mark.parametrize(
        ("reference", "said"),
        [("alpine:3", "docker.io/library/alpine:3"), (".", "oci-layout:."), ("oci-layout:", "oci-layout:PATH")],
    )
    def test_a_mistyped_reference_is_told_what_to_write(self, key, reference, said):
        answer = run("image", reference, *key)
        assert answer.status == 2
        assert said in answer.err


def test_a_layout_s_layers_are_named_with_their_types():
    """What the tests above take for granted of their own material."""
    layout, image = signed_layout()
    document = json.loads(image)
    assert (document["config"]["mediaType"], document["layers"][0]["mediaType"]) == (CONFIG, LAYER)
    assert path_of(image) in layout.all_files()
