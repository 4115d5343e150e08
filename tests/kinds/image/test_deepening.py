"""What hangs on an image is read once a signer is proven: the config, the layers' digests, what is in them."""

import json

import pytest

from tests.support.images.judged import errors, image_policy, judge, signed_statement
from tests.support.images.made import MemoryPlace, layer
from verifier.core.limits import Limits
from verifier.core.value import replace
from verifier.kinds.image.wish import ImageWish
from verifier.trust.sections.version import VersionFrom


@pytest.fixture
def place():
    return MemoryPlace()


def depth(found):
    return [part.read for part in found.verdict.parts]


def test_of_a_registry_the_manifest_says_enough(place):
    image = place.image([layer({"a": b"1"})])
    judge(place.pointing_at(image), signed_statement(image))
    assert place.asked[0] == "GET manifests/1.4.0"
    assert not [line for line in place.asked if "blobs" in line]


def test_what_lies_here_is_hashed():
    place = MemoryPlace(repository=None, tag=None)
    image = place.image([layer({"a": b"1"})])
    found = judge(place.pointing_at(image), signed_statement(image))
    assert errors(found) == []
    assert depth(found) == ["config read, layers: digests recomputed"]


def test_what_is_in_the_layers_is_read_where_it_is_asked_for(place):
    image = place.image([layer({"a": b"1"}), layer({"b": b"2"})])
    found = judge(place.pointing_at(image), signed_statement(image), wish=ImageWish(layers="inspect"))
    assert depth(found) == ["config read, layers: 2 inspected"]


@pytest.mark.parametrize("layers", ["hash", "inspect"])
def test_a_layer_that_unpacks_to_something_else_than_the_config_says_is_refused(place, layers):
    wrong = {"rootfs": {"type": "layers", "diff_ids": ["sha256:" + "0" * 64]}}
    image = place.image([layer({"a": b"1"})], config=wrong)
    found = judge(place.pointing_at(image), signed_statement(image), wish=ImageWish(layers=layers))
    assert errors(found) == ["image.layer-malformed"]


def test_a_config_of_fewer_layers_than_the_manifest_is_refused(place):
    image = place.image([layer({"a": b"1"})], config={"rootfs": {"type": "layers", "diff_ids": []}})
    found = judge(place.pointing_at(image), signed_statement(image), wish=ImageWish(layers="hash"))
    assert errors(found) == ["image.malformed"]


def test_a_config_of_other_bytes_than_the_manifest_names_is_refused(place):
    image = place.image([])
    manifest = json.loads(place.documents[image["digest"]][1])
    place.blobs[manifest["config"]["digest"]] = b"{}"
    found = judge(place.pointing_at(image), signed_statement(image), wish=ImageWish(layers="hash"))
    assert errors(found) == ["image.digest-mismatch"]


def test_a_label_of_the_signed_config_is_the_version(place):
    image = place.image([], run={"Labels": {"org.opencontainers.image.version": "1.4.0"}})
    order = VersionFrom(source="label:org.opencontainers.image.version", scheme="semver")
    found = judge(place.pointing_at(image), signed_statement(image), policy=image_policy(version=order))
    assert errors(found) == []
    assert found.verdict.subject.version == "1.4.0"


def test_an_artifact_that_is_no_image_is_not_looked_into(place):
    other = place.document({"config": place.blob_of(b"{}", "application/vnd.oci.empty.v1+json"), "layers": []})
    found = judge(place.pointing_at(other), signed_statement(other), wish=ImageWish(layers="hash"))
    assert errors(found) == ["image.unsupported"]


def test_what_is_odd_about_a_layer_is_warned_of(place):
    odd = layer({"a": b"1", ".wh.a": b""}).rstrip(b"\0")
    image = place.image([odd + bytes(-len(odd) % 512)])
    found = judge(place.pointing_at(image), signed_statement(image), wish=ImageWish(layers="inspect"))
    assert errors(found) == []
    warned = {reason.code for reason in found.verdict.reasons if not reason.is_error}
    assert {"archive.duplicate-member", "archive.truncated"} <= warned


@pytest.mark.parametrize("content", [layer({"../a": b"1"}), layer({"a": b"1" * 900})[:700], layer({"a/.wh..": b""})])
def test_a_layer_that_could_be_read_in_two_ways_is_refused_where_it_is_looked_into(place, content):
    image = place.image([layer({"a": b"1"}), content])
    found = judge(place.pointing_at(image), signed_statement(image), wish=ImageWish(layers="inspect"))
    assert [code.partition(".")[0] for code in errors(found)] == ["archive"]
    hashed = judge(place.pointing_at(image), signed_statement(image), wish=ImageWish(layers="hash"))
    assert errors(hashed) == []


@pytest.mark.parametrize("layers", ["hash", "inspect"])
def test_the_policys_limits_bound_layers(place, layers):
    image = place.image([layer({"a": b"1"}), layer({"b": b"1"})])
    size = len(layer({"a": b"1"}))
    for limits, denied in (
        (Limits(layer_bytes=size - 1), True),
        (Limits(image_bytes=2 * size - 1), True),
        (Limits(image_bytes=2 * size), False),
    ):
        policy = replace(image_policy(), limits=limits)
        found = judge(place.pointing_at(image), signed_statement(image), policy=policy, wish=ImageWish(layers=layers))
        assert errors(found) == (["archive.too-large"] if denied else [])


def test_the_policys_limits_bound_entries(place):
    image = place.image([layer({"a": b"1"}), layer({"b": b"1"})])
    policy = replace(image_policy(), limits=Limits(image_entries=1))
    found = judge(place.pointing_at(image), signed_statement(image), policy=policy, wish=ImageWish(layers="inspect"))
    assert errors(found) == ["archive.too-many-members"]
