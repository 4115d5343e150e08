"""Which document an image is: what the reference stands for, one platform of an index, or all of them."""

import pytest

from tests.support.images.judged import errors, judge, signed_statement
from tests.support.images.made import MemoryPlace, written
from verifier.core.digest import Digest
from verifier.formats.oci.manifest import OCI_INDEX, OCI_MANIFEST
from verifier.formats.oci.platform import parse_platform
from verifier.kinds.image.wish import ImageWish

ARM = ImageWish(platform=parse_platform("linux/arm64"))


@pytest.fixture
def place():
    return MemoryPlace()


def test_a_signed_image_is_accepted_and_its_manifest_handed_on(place):
    image = place.image([b"one"])
    found = judge(place.pointing_at(image), signed_statement(image))
    assert errors(found) == []
    assert found.require().content == place.documents[image["digest"]][1]
    assert str(found.verdict.subject.digest) == image["digest"]
    assert [part.read for part in found.verdict.parts] == ["layers: not read"]


def test_an_image_that_nobody_signed_is_denied_and_nothing_of_it_is_read_but_its_manifest(place):
    found = judge(place.pointing_at(place.image([b"one"])), wish=ImageWish(layers="inspect"))
    assert errors(found) == ["signature.missing"]
    assert [line for line in place.asked if "blobs" in line] == []


def test_an_index_without_a_platform_has_a_row_for_each(place):
    index = place.index(place.image([b"one"]), place.image([b"two"], platform="linux/arm64"))
    found = judge(place.pointing_at(index), signed_statement(index), wish=ImageWish(layers="hash"))
    assert errors(found) == []
    assert [part.name for part in found.verdict.parts] == ["linux/amd64", "linux/arm64"]


def test_a_platform_of_a_signed_index_is_what_is_handed_on(place):
    arm = place.image([b"two"], platform="linux/arm64")
    index = place.index(place.image([b"one"]), arm)
    found = judge(place.pointing_at(index), signed_statement(index), wish=ARM)
    assert errors(found) == []
    assert str(found.verdict.subject.digest) == arm["digest"]
    assert found.require().content == place.documents[arm["digest"]][1]


def test_a_platform_that_the_index_lacks_is_named_with_those_it_has(place):
    index = place.index(place.image([b"one"]))
    found = judge(place.pointing_at(index), signed_statement(index), wish=ARM)
    assert errors(found) == ["image.platform-missing"]
    assert "linux/amd64" in found.verdict.reasons[0].message


@pytest.mark.parametrize("wish", [None, ARM], ids=["all", "one"])
def test_two_manifests_for_one_platform_are_a_choice_that_nobody_makes(place, wish):
    ours = {"os": "linux", "architecture": "arm64", "variant": "v8"}
    index = place.index(
        place.image([b"one"], platform="linux/arm64"), place.image([b"two"], platform="linux/arm64", said=ours)
    )
    found = judge(place.pointing_at(index), signed_statement(index), wish=wish)
    assert errors(found) == ["image.platform-ambiguous"]


@pytest.mark.parametrize("other", ["Linux/AMD64", "linux/x86_64", "linux/amd64/V1"])
def test_one_platform_in_two_spellings_is_a_choice_that_nobody_makes(place, other):
    system, architecture, *variant = other.split("/")
    said = {"os": system, "architecture": architecture, **({"variant": variant[0]} if variant else {})}
    index = place.index(place.image([b"one"]), place.image([b"two"], said=said))
    assert errors(judge(place.pointing_at(index), signed_statement(index))) == ["image.platform-ambiguous"]


def test_an_index_that_says_another_platform_than_the_config_is_refused(place):
    index = place.index(place.image([b"one"], platform="linux/amd64", said={"os": "linux", "architecture": "arm64"}))
    found = judge(place.pointing_at(index), signed_statement(index), wish=ARM)
    assert errors(found) == ["image.platform-mismatch"]


def test_a_platform_that_was_only_asked_for_is_not_told_as_one_that_was_read(place):
    image = place.image([b"one"])
    unsigned = judge(place.pointing_at(image), wish=ARM)
    assert [part.name for part in unsigned.verdict.parts] == ["platform not read"]
    signed = judge(place.pointing_at(image), signed_statement(image), wish=ARM)
    assert errors(signed) == ["image.platform-mismatch"]
    assert "as was asked for or the index says; its config is for linux/amd64" in signed.verdict.reasons[0].message


def test_an_image_whose_name_nobody_signed_is_told_how_an_image_s_rule_binds_it(place):
    image = place.image([b"one"])
    found = judge(place.pointing_at(image), signed_statement(image))
    (hint,) = [each.hint for each in found.verdict.reasons if each.code == "name.unbound"]
    assert "equals" in hint
    assert "opa" not in hint


def test_what_buildkit_adds_for_itself_is_no_platform(place):
    extra = place.image([b"x"], said={"os": "unknown", "architecture": "unknown"})
    extra["annotations"] = {"vnd.docker.reference.type": "attestation-manifest"}
    index = place.index(place.image([b"one"]), extra)
    found = judge(place.pointing_at(index), signed_statement(index))
    assert [part.name for part in found.verdict.parts] == ["linux/amd64"]


def test_an_index_within_an_index_is_not_decided(place):
    index = place.index(place.index(place.image([b"one"])))
    assert errors(judge(place.pointing_at(index), signed_statement(index))) == ["image.unsupported"]


def test_a_manifest_is_proven_by_the_signed_index_that_lists_it(place):
    arm = place.image([b"two"], platform="linux/arm64")
    index = place.index(place.image([b"one"]), arm)
    wish = ImageWish(index=Digest.parse(index["digest"]))
    found = judge(place.pointing_at(arm), signed_statement(index), wish=wish)
    assert errors(found) == []
    assert str(found.verdict.subject.digest) == arm["digest"]


def test_an_index_that_does_not_list_the_manifest_proves_nothing_of_it(place):
    arm, index = place.image([b"two"], platform="linux/arm64"), place.index(place.image([b"one"]))
    wish = ImageWish(index=Digest.parse(index["digest"]))
    assert errors(judge(place.pointing_at(arm), signed_statement(index), wish=wish)) == ["image.platform-missing"]


def test_the_signature_of_a_platform_is_none_of_the_index(place):
    arm = place.image([b"two"], platform="linux/arm64")
    index = place.index(arm)
    found = judge(place.pointing_at(index), signed_statement(arm), wish=ARM)
    assert errors(found)[0] == "attestation.subject-mismatch"


def test_a_manifest_of_another_size_than_its_index_says_is_refused(place):
    index = place.index({**place.image([b"one"], platform="linux/arm64"), "size": 3})
    found = judge(place.pointing_at(index), signed_statement(index), wish=ARM)
    assert errors(found) == ["image.digest-mismatch"]


@pytest.mark.parametrize(
    ("media_type", "document", "code"),
    [
        (OCI_MANIFEST, {"schemaVersion": 1, "fsLayers": []}, "image.unsupported"),
        ("application/vnd.docker.distribution.manifest.v1+prettyjws", {}, "image.unsupported"),
        (OCI_INDEX, {"schemaVersion": 2, "manifests": []}, "image.malformed"),
        (OCI_MANIFEST, {"schemaVersion": 2, "manifests": [], "layers": [], "config": {}}, "image.malformed"),
    ],
)
def test_what_is_no_image_is_refused_by_name(place, media_type, document, code):
    content = written(document)
    place.documents[str(Digest.of(content))] = (media_type, content)
    place.target = str(Digest.of(content))
    assert errors(judge(place)) == [code]


def test_a_signed_artifact_in_the_shape_of_an_image_is_none(place):
    other = place.document({"config": place.blob_of(b"{}", "application/vnd.oci.empty.v1+json"), "layers": []})
    assert errors(judge(place.pointing_at(other), signed_statement(other))) == ["image.unsupported"]
