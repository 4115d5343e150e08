"""What cannot change is asked for once, what can change every time."""

import pytest

from tests.support.images.place import MemoryPlace, descriptor_of
from verifier.core.errors import Refused
from verifier.core.value import replace
from verifier.sources.kept_place import KeptPlace


@pytest.fixture
def place():
    return MemoryPlace()


def test_a_manifest_and_a_blob_are_asked_for_once(place):
    kept = KeptPlace(place)
    digest, described = place.put(b"{}"), descriptor_of(b"a blob")
    place.put(b"a blob")
    assert kept.manifest(digest) == kept.manifest(digest)
    assert kept.blob(described, max_bytes=10) == kept.blob(described, max_bytes=10) == b"a blob"
    assert place.asked == [f"manifest {digest}", f"blob {described.digest}"]


def test_a_listing_and_a_tag_are_asked_for_every_time(place):
    kept = KeptPlace(place)
    for _ in range(2):
        kept.referrers(place.digest)
        kept.tagged("sha256-00.sig")
    assert [each.partition(" ")[0] for each in place.asked] == ["referrers", "tagged", "referrers", "tagged"]


def test_what_is_kept_is_not_handed_out_beyond_its_bound_or_as_another_size(place):
    kept = KeptPlace(place)
    place.put(b"a blob")
    described = descriptor_of(b"a blob")
    kept.blob(described, max_bytes=10)
    for asked, most in ((described, 5), (replace(described, size=7), 10)):
        with pytest.raises(Refused):
            kept.blob(asked, max_bytes=most)


def test_a_blob_and_a_manifest_of_the_same_digest_are_two_things(place):
    kept = KeptPlace(place)
    digest = place.put(b"{}", "application/vnd.oci.image.manifest.v1+json")
    assert kept.blob(descriptor_of(b"{}"), max_bytes=10) == b"{}"
    assert kept.manifest(digest).digest == digest


def test_what_is_large_is_not_kept(place):
    kept, large = KeptPlace(place), bytes(1024 * 1024 + 1)
    place.put(large)
    for _ in range(2):
        kept.blob(descriptor_of(large), max_bytes=len(large))
    assert len(place.asked) == 2


def test_the_oldest_goes_first_where_there_is_too_much(place):
    kept, contents = KeptPlace(place), [b"%d" % number for number in range(513)]
    for content in contents:
        place.put(content)
        kept.blob(descriptor_of(content), max_bytes=10)
    place.asked.clear()
    kept.blob(descriptor_of(contents[-1]), max_bytes=10)
    kept.blob(descriptor_of(contents[0]), max_bytes=10)
    assert place.asked == [f"blob {descriptor_of(contents[0]).digest}"]


def test_a_failure_is_not_kept(place):
    kept, digest = KeptPlace(place), place.put(b"{}")
    place.failing[f"manifest {digest}"] = "input.unreachable"
    with pytest.raises(Refused):
        kept.manifest(digest)
    place.failing.clear()
    assert kept.manifest(digest).content == b"{}"
