"""OCI layouts as places: a folder and a tar file give the same answers."""

import hashlib
import os
import tracemalloc

import pytest

from tests.support.images.layout import LAYER, Layout, described, descriptor, opened, packed, sha256, written
from tests.support.material import codes
from verifier.core.digest import Digest
from verifier.core.errors import Absent, Refused
from verifier.core.value import replace
from verifier.formats.oci.manifest import DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, parse_manifest


def in_folder(layout, path, rest=""):
    return opened(f"oci-layout:{layout.write(path / 'layout')}{rest}")


def in_tar(layout, path, rest=""):
    (path / "layout.tar").write_bytes(layout.tar())
    return opened(f"oci-archive:{path / 'layout.tar'}{rest}")


def in_dotted_tar(layout, path, rest=""):
    (path / "layout.tar").write_bytes(layout.tar(dot="./"))
    return opened(f"oci-archive:{path / 'layout.tar'}{rest}")


def in_packed_tar(layout, path, rest=""):
    (path / "layout.tar.gz").write_bytes(packed(layout.tar()))
    return opened(f"oci-archive:{path / 'layout.tar.gz'}{rest}")


@pytest.fixture(params=[in_folder, in_tar, in_dotted_tar, in_packed_tar])
def place(request, tmp_path):
    """Opens a layout, in every form in turn; `rest` of the reference is behind its path."""
    places = []

    def opening(layout, rest=""):
        places.append(request.param(layout, tmp_path, rest))
        return places[-1]

    yield opening
    for each in places:
        each.close()


def refusal(call, *arguments, **options):
    with pytest.raises(Refused) as refused:
        call(*arguments, **options)
    return codes(refused)[0]


class TestWhatAReferenceStandsFor:
    def test_the_only_image_needs_no_name(self, place):
        layout = Layout()
        image = layout.image(b"layer")
        resolved = place(layout).resolve()
        assert (resolved.content, resolved.media_type, str(resolved.digest)) == (image, OCI_MANIFEST, sha256(image))

    def test_of_several_the_one_that_is_named(self, place):
        layout = Layout()
        layout.image(b"one", name="1")
        two = layout.image(b"two", name="2")
        found = place(layout, ":2")
        assert (found.resolve().content, found.tag, found.repository) == (two, "2", None)

    def test_of_several_the_one_with_the_digest(self, place):
        layout = Layout()
        one = layout.image(b"one", name="1")
        layout.image(b"two", name="2")
        found = place(layout, f"@{sha256(one)}")
        assert (found.resolve().content, found.tag) == (one, None)

    def test_a_name_and_a_digest_must_both_hold(self, place):
        layout = Layout()
        one, two = layout.image(b"one", name="1"), layout.image(b"two", name="2")
        found = place(layout, f":1@{sha256(one)}")
        assert (found.resolve().content, found.tag) == (one, None)
        assert refusal(place(layout, f":1@{sha256(two)}").resolve) == "input.unreadable"

    def test_containerd_s_full_name_is_a_name(self, place):
        layout = Layout()
        layout.image(b"one", name="1", full="registry.acme.example/one:1")
        two = layout.image(b"two", name="1", full="registry.acme.example/two:1")
        assert place(layout, ":registry.acme.example/two:1").resolve().content == two
        assert refusal(place(layout, ":1").resolve) == "image.ambiguous-reference"

    def test_several_without_a_word_about_which_are_refused(self, place):
        layout = Layout()
        layout.image(b"one", name="1")
        layout.image(b"two", name="2")
        assert refusal(place(layout).resolve) == "image.ambiguous-reference"

    def test_two_entries_of_one_name_are_refused(self, place):
        layout = Layout()
        layout.image(b"one", name="1")
        layout.image(b"two", name="1")
        assert refusal(place(layout, ":1").resolve) == "image.ambiguous-reference"

    def test_two_equal_entries_are_one(self, place):
        layout = Layout()
        image = layout.image(b"one", name="1")
        layout.listed(image, name="latest")
        layout.listed(image, name="1")
        assert place(layout).resolve().content == place(layout, ":1").resolve().content == image

    def test_one_digest_as_two_types_is_two(self, place):
        layout = Layout()
        image = layout.image(b"one", mediaType=None)
        layout.listed(image, DOCKER_MANIFEST)
        assert refusal(place(layout).resolve) == "image.ambiguous-reference"

    def test_a_name_that_nothing_has_is_told_with_those_that_are_there(self, place):
        layout = Layout()
        layout.image(b"one", name="1.0")
        with pytest.raises(Refused, match=r"there are '1\.0'"):
            place(layout, ":2.0").resolve()

    @pytest.mark.parametrize("manifests", ["[]", "null"])
    def test_an_empty_layout_has_no_image(self, place, manifests):
        layout = Layout()
        layout.index = f'{{"schemaVersion":2,"manifests":{manifests}}}'.encode()
        assert refusal(place(layout).resolve) == "image.malformed"

    def test_what_lies_beside_the_image_is_no_image(self, place):
        layout = Layout()
        image = layout.image(b"one")
        layout.referring(image)
        layout.listed(layout.manifest(b"signature"), name=f"sha256-{sha256(image)[7:]}.sig")
        layout.listed(layout.index_of(), OCI_INDEX, name=f"sha256-{sha256(image)[7:]}")
        assert place(layout).resolve().content == image

    def test_what_an_index_lists_is_a_part_of_it(self, place):
        """As oras copies an index; by its name it would be an image of its own."""
        layout = Layout()
        part = layout.manifest(b"part")
        index = layout.listed(layout.index_of(described(part)), OCI_INDEX)
        layout.listed(part)
        layout.referring(part)
        assert place(layout).resolve().content == index
        layout.listed(part, name="part")
        assert refusal(place(layout).resolve) == "image.ambiguous-reference"

    def test_the_only_thing_there_is_meant_even_where_it_refers_to_another(self, place):
        layout = Layout()
        evidence = layout.referring(b"what is elsewhere")
        assert place(layout).resolve().content == evidence

    def test_the_answer_does_not_change(self, place):
        layout = Layout()
        layout.image(b"one")
        found = place(layout)
        assert found.resolve() is found.resolve()


class TestTypes:
    def test_a_manifest_without_a_type_has_the_descriptor_s(self, place):
        layout = Layout()
        layout.image(b"one", mediaType=None)
        assert place(layout).resolve().media_type == OCI_MANIFEST

    def test_a_manifest_of_another_type_than_the_descriptor_s_is_refused(self, place):
        layout = Layout()
        layout.listed(layout.manifest(b"one", mediaType=DOCKER_MANIFEST), OCI_MANIFEST)
        assert refusal(place(layout).resolve) == "image.malformed"

    def test_what_is_no_manifest_is_refused(self, place):
        layout = Layout()
        layout.listed(layout.blob(b"{}"), "application/vnd.oci.descriptor.v1+json")
        assert refusal(place(layout).resolve) == "image.malformed"

    def test_a_manifest_below_an_index_has_the_type_that_the_index_gives_it(self, place):
        layout = Layout()
        below = layout.manifest(b"one", mediaType=None)
        layout.listed(layout.index_of(described(below, DOCKER_MANIFEST)), OCI_INDEX)
        found = place(layout)
        found.resolve()
        assert found.manifest(Digest.of(below)).media_type == DOCKER_MANIFEST

    @pytest.mark.parametrize(("own", "expected"), [(None, OCI_MANIFEST), (DOCKER_MANIFEST, DOCKER_MANIFEST)])
    def test_what_nobody_lists_is_what_it_says_or_looks_like(self, place, own, expected):
        layout = Layout()
        layout.image(b"listed")
        unlisted = layout.manifest(b"one", mediaType=own)
        assert place(layout, f"@{sha256(unlisted)}").resolve().media_type == expected

    def test_what_nobody_lists_and_could_be_two_things_is_refused(self, place):
        layout = Layout()
        layout.image(b"listed")
        both = layout.manifest(b"one", mediaType=None, manifests=[])
        assert refusal(place(layout, f"@{sha256(both)}").resolve) == "image.malformed"


class TestBlobs:
    def test_a_blob_is_read_whole_or_in_pieces(self, place):
        layout = Layout()
        big = bytes(range(256)) * 16_384
        layout.image(big)
        found = place(layout)
        pieces = list(found.stream(descriptor(big, LAYER)))
        assert b"".join(pieces) == found.blob(descriptor(big, LAYER), max_bytes=len(big)) == big
        assert len(pieces) == 4

    def test_no_more_is_read_than_was_allowed(self, place):
        layout = Layout()
        layout.image(b"12345")
        assert refusal(place(layout).blob, descriptor(b"12345"), max_bytes=4) == "input.too-large"

    def test_what_is_not_there_is_said_to_be_absent(self, place):
        layout = Layout()
        layout.image(b"one")
        with pytest.raises(Absent) as refused:
            list(place(layout).stream(descriptor(b"elsewhere")))
        assert codes(refused) == ["image.digest-mismatch"]

    def test_what_the_descriptor_carries_need_not_be_there(self, place):
        layout = Layout()
        image = layout.image(b"one", config=described(b"{}", "application/vnd.oci.empty.v1+json", data="e30="))
        found = place(layout)
        config = parse_manifest(image, content_type=OCI_MANIFEST, subject="s").config
        assert found.blob(config, max_bytes=2) == b"{}"
        assert refusal(found.blob, replace(config, data=None), max_bytes=2) == "image.digest-mismatch"

    def test_a_large_one_is_never_in_memory_whole(self, place):
        layout = Layout()
        large = os.urandom(1024 * 1024) * 32
        layout.image(large)
        found, described = place(layout), descriptor(large, LAYER)
        del large
        layout.files.clear()
        tracemalloc.start()
        try:
            assert sum(map(len, found.stream(described))) == described.size
            assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
        finally:
            tracemalloc.stop()

    def test_two_are_read_at_once(self, place):
        layout = Layout()
        one, two = b"1" * 2_500_000, b"2" * 2_500_000
        layout.image(one, two)
        found = place(layout)
        both = list(zip(found.stream(descriptor(one)), found.stream(descriptor(two)), strict=True))
        assert b"".join(first for first, _ in both) == one
        assert b"".join(second for _, second in both) == two


def test_a_manifest_of_a_digest_in_sha512_is_read(place):
    layout = Layout()
    content = written({"schemaVersion": 2, "config": described(b"{}", "a/b"), "layers": []})
    encoded = hashlib.sha512(content).hexdigest()
    layout.files[f"blobs/sha512/{encoded}"] = content
    layout.entries.append({"mediaType": OCI_MANIFEST, "digest": f"sha512:{encoded}", "size": len(content)})
    assert str(place(layout).resolve().digest) == f"sha512:{encoded}"
