"""A repository as a place: resolved once, asked for no more than is needed, and counted by the registry."""

import json

import pytest

from tests.support.net.documents import push_note
from tests.support.net.registries import digest_of
from tests.support.net.taking import taking
from verifier.core.digest import Digest
from verifier.core.errors import Absent, Refused
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.formats.oci.manifest import OCI_MANIFEST, Descriptor, parse_manifest, parse_reference
from verifier.net.access import Access
from verifier.net.registry.destination import Destination
from verifier.sources.registry import RegistryPlace

SIGNATURE = b"a bundle"


@pytest.fixture(params=[True, False], ids=["by api", "by tag"])
def held(request):
    """An image with one signature."""
    with taking(lists=request.param) as running:
        to = Destination(parse_reference(f"{running.host}/acme/app:1"), Access(), pause=lambda _: None)
        with to as destination:
            image = push_note(destination, b"layer", tag="1")
            push_note(destination, SIGNATURE, about=image)
        running.image = Digest.of(image)
        running.asked.clear()
        yield running


@pytest.fixture
def opened(held):
    made = []

    def open_place(reference="{}/acme/app:1", limits=DEFAULT_LIMITS):
        made.append(RegistryPlace(reference.format(held.host), Access(attempts=1), limits))
        return made[-1]

    yield open_place
    for each in made:
        each.close()


def read(resolved):
    return parse_manifest(resolved.content, content_type=resolved.media_type, subject="x")


def signature(place):
    """What a verifier asks for, by one signature."""
    image = place.resolve()
    listed = place.referrers(image.digest).descriptors
    return [place.blob(read(place.manifest(each.digest)).layers[0], max_bytes=99) for each in listed]


@pytest.mark.parametrize("by", ["digest", "tag"])
def test_one_signature_costs_four_requests_and_five_by_the_fallback_tag(held, opened, by):
    reference = "{}/acme/app:1" if by == "tag" else f"{{}}/acme/app@{held.image}"
    assert signature(opened(reference)) == [SIGNATURE]
    assert len(held.asked) == (4 if held.lists else 5)
    assert {each.partition(" ")[0] for each in held.asked} == {"GET"}


def test_the_config_is_one_more(held, opened):
    place = opened()
    signature(place)
    assert place.blob(read(place.resolve()).config, max_bytes=99) == b"{}"
    assert len(held.asked) == (5 if held.lists else 6)


def test_it_is_resolved_once_whatever_the_tag_names_later(held, opened):
    place = opened()
    first = place.resolve()
    held.manifests["1"] = (b"{}", OCI_MANIFEST)
    assert place.resolve() == first == place.manifest(first.digest)
    assert held.asked == ["GET /v2/acme/app/manifests/1"]


@pytest.mark.parametrize("scheme", ["", "oci://"])
def test_a_reference_is_written_with_or_without_its_scheme(held, opened, scheme):
    place = opened(f"{scheme}{{}}/acme/app:1")
    assert (place.uri, place.repository, place.tag) == (f"oci://{held.host}/acme/app:1", f"{held.host}/acme/app", "1")
    assert place.resolve().digest == held.image


def test_beside_a_digest_the_tag_is_not_what_is_meant(held, opened):
    place = opened(f"{{}}/acme/app:other@{held.image}")
    assert (place.tag, place.resolve().digest) == (None, held.image)


@pytest.mark.parametrize(
    "reference", ["", "app:1", "oci://", "{}/app", "{}/App:1", "oci://oci://{}/a:1", "https://{}/a:1"]
)
def test_what_names_no_repository_is_refused(held, reference):
    with pytest.raises(ValueError):  # noqa: PT011  (whatever it says)
        RegistryPlace(reference.format(held.host), Access(), DEFAULT_LIMITS)


def test_a_tag_that_is_not_there_is_an_answer(opened):
    place = opened()
    assert place.tagged(f"sha256-{place.resolve().digest.value}.sig") is None
    assert place.tagged("1") == place.resolve()


def test_an_image_that_is_not_there_is_absent(opened):
    with pytest.raises(Absent):
        opened("{}/acme/app:2").resolve()


def test_a_repository_that_serves_other_bytes_for_a_digest_is_refused(held, opened):
    held.manifests[str(held.image)] = (b"{}", OCI_MANIFEST)
    with pytest.raises(Refused) as refused:
        opened(f"{{}}/acme/app@{held.image}").resolve()
    assert refused.value.reasons[0].code == "image.digest-mismatch"


def test_the_digest_is_the_sha256_of_what_was_sent_whatever_else_the_registry_states(held, opened):
    content = held.manifests["1"][0]
    held.instead["GET /v2/acme/app/manifests/1"] = lambda exchange: exchange.answer(
        body=content, Content_Type=f"{OCI_MANIFEST}; charset=utf-8", Docker_Content_Digest=digest_of(content, "sha512")
    )
    resolved = opened().resolve()
    assert (resolved.digest, resolved.media_type) == (held.image, OCI_MANIFEST)


def test_what_a_descriptor_carries_is_not_asked_for(held, opened):
    carried = Descriptor(media_type="text/plain", digest=Digest.of(b"x"), size=1, data=b"x")
    assert opened().blob(carried, max_bytes=1) == b"x"
    assert held.asked == []


def test_a_blob_is_no_larger_than_it_may_be(held, opened):
    layer = Descriptor(media_type="text/plain", digest=Digest.of(SIGNATURE), size=len(SIGNATURE))
    for place, most in ((opened(), 7), (opened(limits=Limits(archive_bytes=7)), 99)):
        with pytest.raises(Refused) as refused:
            place.blob(layer, max_bytes=most)
        assert refused.value.reasons[0].code == "input.too-large"
    assert held.asked == []


def test_a_listing_that_names_what_is_not_there_is_no_signature_and_no_silence(held, opened):
    place = opened()
    referring = place.referrers(held.image).descriptors[0]
    del held.manifests[str(referring.digest)]
    with pytest.raises(Refused):
        place.manifest(referring.digest)


def test_an_image_of_no_signature_has_an_empty_listing(held, opened):
    empty = {"schemaVersion": 2, "config": {"digest": digest_of(b"{}")}, "layers": []}
    held.manifests["2"] = (json.dumps(empty).encode(), OCI_MANIFEST)
    place = opened("{}/acme/app:2")
    assert place.referrers(place.resolve().digest).descriptors == ()
