"""What lies beside an image in a layout."""

import pytest

from tests.support.images.layout import Layout, described, opened, sha256
from tests.support.material import codes
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.formats.oci.manifest import OCI_INDEX, OCI_MANIFEST
from verifier.sources import layout as module

SIGS, ATTS = ({"kind": f"dev.cosignproject.cosign/{kind}"} for kind in ("sigs", "atts"))
SAVED = {"kind": "dev.cosignproject.cosign/image"}


@pytest.fixture
def place(tmp_path):
    places = []

    def opening(layout, rest=""):
        places.append(opened(f"oci-layout:{layout.write(tmp_path / 'layout')}{rest}"))
        return places[-1]

    yield opening
    for each in places:
        each.close()


def tag_of(image, ending=""):
    return f"sha256-{sha256(image)[7:]}{ending}"


def referring(place, image):
    return [str(each.digest) for each in place.referrers(Digest.of(image)).descriptors]


class TestReferrers:
    def test_what_has_the_image_for_its_subject_and_no_name_refers_to_it(self, place):
        layout = Layout()
        image = layout.image(b"one", name="1")
        first, second = layout.referring(image), layout.referring(image, annotations={"a": "b"})
        layout.referring(b"another")
        assert referring(place(layout, ":1"), image) == [sha256(first), sha256(second)]

    def test_they_are_told_as_a_registry_tells_them(self, place):
        layout = Layout()
        image = layout.image(b"one", name="1")
        layout.referring(image, annotations={"a": "b"})
        (found,) = place(layout).referrers(Digest.of(image)).descriptors
        assert (found.artifact_type, found.annotations) == ("application/x.test", (("a", "b"),))

    def test_without_an_artifact_type_they_are_what_their_config_is(self, place):
        layout = Layout()
        image = layout.image(b"one", name="1")
        layout.referring(image, artifactType="")
        (found,) = place(layout).referrers(Digest.of(image)).descriptors
        assert found.artifact_type == "application/vnd.oci.empty.v1+json"

    def test_a_manifest_with_a_name_is_an_image_of_its_own(self, place):
        layout = Layout()
        image = layout.image(b"one", name="1")
        layout.listed(layout.referring(image, listed=False), name="other")
        assert referring(place(layout, ":1"), image) == []

    def test_the_index_under_the_fallback_tag_lists_them_too(self, place):
        layout = Layout()
        image = layout.image(b"one", name="1")
        unnamed, tagged = layout.referring(image), layout.referring(image, annotations={"a": "b"}, listed=False)
        both = layout.index_of(described(unnamed, artifactType="application/x.test"), described(tagged))
        layout.listed(both, OCI_INDEX, name=tag_of(image))
        assert referring(place(layout, ":1"), image) == [sha256(unnamed), sha256(tagged)]

    def test_nothing_beside_it_is_an_empty_answer(self, place):
        layout = Layout()
        image = layout.image(b"one")
        found = place(layout).referrers(Digest.of(image))
        assert (found.descriptors, found.notes) == ((), ())

    def test_a_manifest_under_the_fallback_tag_is_noted_and_lists_nothing(self, place):
        layout = Layout()
        image = layout.image(b"one", name="1")
        layout.listed(layout.manifest(b"two"), name=tag_of(image))
        found = place(layout, ":1").referrers(Digest.of(image))
        assert (found.descriptors, [note.code for note in found.notes]) == ((), ["image.malformed"])
        assert not found.notes[0].is_error

    def test_an_image_that_is_tagged_by_its_own_digest_is_nothing_to_note(self, place):
        layout = Layout()
        image = layout.image(b"one", name="1")
        layout.listed(image, name=tag_of(image))
        assert place(layout, ":1").referrers(Digest.of(image)).notes == ()

    def test_an_unnamed_manifest_that_was_changed_is_refused(self, place):
        layout = Layout()
        image = layout.image(b"one", name="1")
        evidence = layout.referring(image)
        layout.files[f"blobs/sha256/{sha256(evidence)[7:]}"] = evidence.replace(b"test", b"TEST")
        with pytest.raises(Refused) as refused:
            place(layout, ":1").referrers(Digest.of(image))
        assert codes(refused) == ["image.digest-mismatch"]

    def test_what_is_of_an_unknown_type_refers_to_nothing(self, place):
        layout = Layout()
        image = layout.image(b"one", name="1")
        layout.listed(layout.blob(b"whatever"), "application/x.unknown")
        assert referring(place(layout, ":1"), image) == []

    def test_so_much_is_looked_through_and_no_more(self, place, monkeypatch):
        layout = Layout()
        image = layout.image(b"one", name="1")
        evidence = layout.referring(image)
        monkeypatch.setattr(module, "MAX_BESIDE_BYTES", len(evidence) - 1)
        with pytest.raises(Refused) as refused:
            place(layout, ":1").referrers(Digest.of(image))
        assert codes(refused) == ["input.too-large"]


class TestTags:
    def test_what_has_the_name_is_under_the_tag(self, place):
        layout = Layout()
        image = layout.image(b"one", name="1")
        signatures = layout.listed(layout.manifest(b"sig"), name=tag_of(image, ".sig"))
        found = place(layout, ":1").tagged(tag_of(image, ".sig"))
        assert (found.content, found.media_type) == (signatures, OCI_MANIFEST)

    def test_a_full_name_has_a_tag(self, place):
        layout = Layout()
        image = layout.image(b"one", name="1")
        tag = tag_of(image, ".sig")
        signatures = layout.listed(layout.manifest(b"sig"), full=f"registry.acme.example/app:{tag}")
        assert place(layout, ":1").tagged(tag).content == signatures

    def test_there_may_be_none(self, place):
        layout = Layout()
        image = layout.image(b"one")
        assert place(layout).tagged(tag_of(image, ".sig")) is None

    def test_two_of_one_name_are_refused(self, place):
        layout = Layout()
        image = layout.image(b"one", name="1")
        for content in (b"sig", b"other"):
            layout.listed(layout.manifest(content), name=tag_of(image, ".sig"))
        with pytest.raises(Refused) as refused:
            place(layout, ":1").tagged(tag_of(image, ".sig"))
        assert codes(refused) == ["image.ambiguous-reference"]


class TestWhatCosignSaved:
    def saved(self, layout):
        image = layout.listed(layout.manifest(b"one"), annotations=SAVED)
        signatures = layout.listed(layout.manifest(b"sig"), annotations=SIGS)
        attestations = layout.listed(layout.manifest(b"att"), annotations=ATTS)
        return image, signatures, attestations

    def test_signatures_and_attestations_belong_to_the_image_that_was_saved(self, place):
        layout = Layout()
        image, signatures, attestations = self.saved(layout)
        found = place(layout)
        assert found.resolve().content == image
        assert found.tagged(tag_of(image, ".sig")).content == signatures
        assert found.tagged(tag_of(image, ".att")).content == attestations
        assert found.tagged(tag_of(image, ".sbom")) is None
        assert found.referrers(Digest.of(image)).descriptors == ()

    def test_they_belong_to_no_other(self, place):
        layout = Layout()
        self.saved(layout)
        other = layout.manifest(b"other")
        assert place(layout).tagged(tag_of(other, ".sig")) is None

    def test_of_two_saved_images_neither_has_them(self, place):
        layout = Layout()
        image, _, _ = self.saved(layout)
        layout.listed(layout.manifest(b"two"), name="2", annotations=SAVED)
        assert place(layout, ":2").tagged(tag_of(image, ".sig")) is None

    def test_a_name_comes_before_a_mark(self, place):
        layout = Layout()
        image, _, _ = self.saved(layout)
        signatures = layout.listed(layout.manifest(b"named"), name=tag_of(image, ".sig"))
        assert place(layout).tagged(tag_of(image, ".sig")).content == signatures
