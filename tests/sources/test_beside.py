"""What lies beside an artifact: found in both formats, by what it is and not by what a listing says of it."""

import pytest

from tests.support.images.place import BUNDLE, DSSE, EMPTY_TYPE, SIMPLE_SIGNING, MemoryPlace, described, manifest_of
from verifier.core.document import Document
from verifier.core.errors import Rejected, refuse
from verifier.core.limits import Limits
from verifier.core.outcome import Reason
from verifier.formats.cosign.layer import parse_layer
from verifier.formats.oci.manifest import OCI_INDEX, OCI_MANIFEST, parse_digest
from verifier.sources.beside import MAX_CANDIDATES, MAX_LOOKED_AT, beside


def found(place, format_="bundle", **more):
    return beside(place, place.digest, format_, **more)


def bundle(number=0):
    """What is enough of a bundle to be taken for one."""
    return b'{"verificationMaterial": %d}' % number


def contents(answers):
    return [each.content for each in answers if isinstance(each, Document)]


def codes(answers):
    return [each.reasons[0].code for each in answers if not isinstance(each, Document)]


def test_nothing_beside_it_is_nothing():
    place = MemoryPlace()
    assert found(place) == found(place, "legacy") == ()
    assert place.asked == ["referrers", "tagged sig", "tagged att"]


def test_a_bundle_costs_the_listing_its_manifest_and_itself():
    place = MemoryPlace()
    digest = place.attach(bundle())
    (document,) = found(place)
    assert document.content == bundle()
    assert document.name == f"registry.acme.example/acme/app@{digest}"
    assert [each.partition(" ")[0] for each in place.asked] == ["referrers", "manifest", "blob"]


@pytest.mark.parametrize("list_as", [EMPTY_TYPE, "", "application/vnd.oci.image.config.v1+json"])
def test_what_the_listing_does_not_say_the_manifest_does(list_as):
    place = MemoryPlace()
    place.attach(bundle(), list_as=list_as)
    assert contents(found(place)) == [bundle()]


def test_where_neither_says_it_the_one_layer_does():
    place = MemoryPlace()
    place.attach(bundle(), says="", list_as=EMPTY_TYPE)
    assert contents(found(place)) == [bundle()]


def test_junk_of_other_types_costs_nothing_and_counts_for_nothing():
    place = MemoryPlace()
    for number in range(300):
        place.attach(b"junk %d" % number, "application/spdx+json")
    place.attach(bundle())
    assert contents(found(place)) == [bundle()]
    assert len(place.asked) == 3


def test_of_what_a_listing_says_nothing_a_bounded_number_is_looked_at():
    place = MemoryPlace()
    for number in range(MAX_LOOKED_AT + 1):
        place.attach(b"junk %d" % number, "application/spdx+json", list_as=EMPTY_TYPE)
    place.attach(bundle())
    answers = found(place)
    assert contents(answers) == [bundle()]
    assert codes(answers) == ["signature.too-many"]
    assert len(place.asked) == MAX_LOOKED_AT + 3


def test_more_candidates_than_are_read_are_said_to_be():
    place = MemoryPlace()
    for number in range(MAX_CANDIDATES + 1):
        place.attach(bundle(number))
    answers = found(place)
    assert len(contents(answers)) == MAX_CANDIDATES
    assert codes(answers) == ["signature.too-many"]


def test_exactly_as_many_as_are_read_are_not_too_many():
    place = MemoryPlace()
    for number in range(MAX_CANDIDATES):
        place.attach(bundle(number))
    assert codes(found(place)) == []


def test_what_refers_to_another_manifest_is_refused_whatever_the_listing_says():
    place = MemoryPlace()
    place.attach(bundle(), subject=described(b"another", "application/vnd.oci.image.manifest.v1+json"))
    (answer,) = found(place)
    assert isinstance(answer, Rejected)
    assert answer.reasons[0].code == "attestation.subject-mismatch"
    assert not any(each.startswith("blob") for each in place.asked)


def test_what_refers_to_nothing_is_refused():
    place = MemoryPlace()
    manifest = manifest_of([(bundle(), BUNDLE, {})], artifact_type=BUNDLE)
    place.put(manifest, "application/vnd.oci.image.manifest.v1+json")
    place.list(manifest, BUNDLE)
    assert codes(found(place)) == ["attestation.subject-mismatch"]


@pytest.mark.parametrize("count", [0, 2])
def test_a_manifest_with_other_than_one_layer_is_refused(count):
    place = MemoryPlace()
    subject = described(place.content, "application/vnd.oci.image.manifest.v1+json")
    manifest = manifest_of([(bundle(each), BUNDLE, {}) for each in range(count)], artifact_type=BUNDLE, subject=subject)
    place.put(manifest, "application/vnd.oci.image.manifest.v1+json")
    place.list(manifest, BUNDLE)
    assert codes(found(place)) == ["signature.unsupported"]


def test_a_layer_of_another_type_than_its_manifest_says_is_refused():
    place = MemoryPlace()
    place.attach(b"text", layer="text/plain")
    assert codes(found(place)) == ["signature.unsupported"]


def test_a_statement_that_nobody_signed_counts_for_nothing():
    place = MemoryPlace()
    place.attach(b'{"_type": "https://in-toto.io/Statement/v1"}', "application/vnd.in-toto+json")
    (answer,) = found(place)
    assert isinstance(answer, Rejected)
    assert answer.reasons[0].code == "signature.missing"


def test_an_envelope_that_oras_attached_is_found():
    place = MemoryPlace()
    place.attach(b'{"signatures": []}', DSSE)
    place.attach(b'{"signatures": [1]}', "application/vnd.in-toto+json")
    assert contents(found(place)) == [b'{"signatures": []}', b'{"signatures": [1]}']


@pytest.mark.parametrize("word", ["referrers", "tagged sig", "tagged att"])
def test_that_it_could_not_be_asked_for_is_never_that_there_is_nothing(word):
    place = MemoryPlace()
    place.failing[word] = "input.unreachable"
    assert codes((*found(place), *found(place, "legacy"))) == ["input.unreachable"]


def test_one_candidate_that_cannot_be_had_hides_no_other():
    place = MemoryPlace()
    first = place.attach(bundle(1))
    place.attach(bundle(2))
    place.failing[f"manifest {first}"] = "input.unreachable"
    answers = found(place)
    assert codes(answers) == ["input.unreachable"]
    assert contents(answers) == [bundle(2)]


def test_what_a_listing_leaves_out_is_said():
    place = MemoryPlace()
    place.notes = (Reason(code="signature.too-many", subject="here", message="more pages"),)
    assert codes(found(place)) == ["signature.too-many"]


def test_layers_under_the_old_tags_are_documents_with_their_annotations():
    place = MemoryPlace()
    place.tag_layers("sig", (b"payload", SIMPLE_SIGNING, {"dev.cosignproject.cosign/signature": "MEUC"}))
    place.tag_layers("att", (b"envelope", DSSE, {"predicateType": "https://slsa.dev/provenance/v1"}))
    signature, attestation = found(place, "legacy")
    assert parse_layer(signature.content, subject="").annotation("dev.cosignproject.cosign/signature") == "MEUC"
    assert parse_layer(attestation.content, subject="").payload == b"envelope"
    assert signature.name.endswith(".sig#1")


@pytest.mark.parametrize(
    ("ending", "kind"), [("sig", "text/plain"), ("sig", DSSE), ("att", SIMPLE_SIGNING), ("att", "text/plain")]
)
def test_a_layer_of_another_type_under_a_tag_is_no_signature(ending, kind):
    place = MemoryPlace()
    place.tag_layers(ending, (b"payload", kind, {"dev.cosignproject.cosign/signature": "MEUC"}))
    (answer,) = found(place, "legacy")
    assert isinstance(answer, Rejected)
    assert answer.reasons[0].code == "signature.unsupported"


def test_what_lies_under_sbom_is_never_looked_at():
    place = MemoryPlace()
    place.tag_layers("sbom", (b"sbom", "text/spdx", {}))
    assert found(place, "legacy") == ()
    assert place.asked == ["tagged sig", "tagged att"]


def test_old_layers_beyond_the_bound_are_said_to_be_there():
    place = MemoryPlace()
    place.tag_layers("sig", *((b"%d" % each, SIMPLE_SIGNING, {}) for each in range(MAX_CANDIDATES + 1)))
    assert codes(found(place, "legacy")) == ["signature.too-many"]


def test_what_there_is_no_room_for_is_not_read_and_said_to_be_there():
    place = MemoryPlace()
    large = place.attach(bundle(10**100))
    place.attach(bundle())
    answers = found(place, limits=Limits(document_bytes=64))
    assert codes(answers) == ["signature.too-many"]
    assert contents(answers) == [bundle()]
    assert f"manifest {large}" in place.asked
    assert sum(each.startswith("blob") for each in place.asked) == 1


def test_many_small_documents_have_no_more_room_than_one_large_one():
    place = MemoryPlace()
    for number in range(10, 20):
        place.attach(bundle(number))
    answers = found(place, limits=Limits(document_bytes=5 * len(bundle(10))))
    assert len(contents(answers)) == 5
    assert set(codes(answers)) == {"signature.too-many"}


def test_one_manifest_that_is_listed_many_times_is_one():
    place = MemoryPlace()
    place.attach(bundle())
    manifest = place.blobs[parse_digest(place.listed[0]["digest"])]
    for number in range(100):
        place.list(manifest, BUNDLE, {"number": str(number)})
    assert contents(found(place)) == [bundle()]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (BUNDLE, b"MEUCIQ=="),
        (BUNDLE, b'{"payloadType": "t", "payload": "", "signatures": []}'),
        (DSSE, bundle() + b'"signatures"'),
        (DSSE, b"{}"),
        (DSSE, b"\x00sigstore-json\n{}"),
    ],
)
def test_a_layer_is_what_its_type_says_or_refused(kind, content):
    place = MemoryPlace()
    place.attach(content, kind)
    assert codes(found(place)) == ["attestation.invalid"]


def test_an_index_under_an_old_tag_is_refused():
    place = MemoryPlace()
    index = b'{"schemaVersion":2,"mediaType":"%s","manifests":[]}' % OCI_INDEX.encode()
    place.tags[f"sha256-{place.digest.value}.sig"] = place.put(index, OCI_INDEX)
    assert codes(found(place, "legacy")) == ["signature.unsupported"]


@pytest.mark.parametrize("content", [b"<html>", b"", b"[]", b"{}", b'{"schemaVersion":1,"fsLayers":[]}'])
def test_what_is_no_manifest_under_an_old_tag_says_nothing_of_what_is_there(content):
    place = MemoryPlace()
    place.tags[f"sha256-{place.digest.value}.sig"] = place.put(content, OCI_MANIFEST)
    assert codes(found(place, "legacy")) == ["input.unreachable"]


def test_a_manifest_of_two_types_at_once_is_refused():
    place = MemoryPlace()
    subject = described(place.content, OCI_MANIFEST)
    manifest = manifest_of([(bundle(), BUNDLE, {})], artifact_type=BUNDLE, subject=subject, manifests=[])
    place.put(manifest, OCI_MANIFEST)
    place.list(manifest, BUNDLE)
    assert codes(found(place)) == ["image.malformed"]


def test_an_index_that_says_that_it_is_a_bundle_attaches_nothing():
    place = MemoryPlace()
    index = b'{"schemaVersion":2,"mediaType":"%s","artifactType":"%s","manifests":[]}'
    index %= (OCI_INDEX.encode(), BUNDLE.encode())
    place.put(index, OCI_INDEX)
    place.list(index, BUNDLE)
    assert found(place) == ()


def test_buildkit_s_unsigned_attestations_are_passed_over_whatever_a_registry_calls_them():
    place = MemoryPlace()
    said = "application/vnd.docker.attestation.manifest.v1+json"
    place.attach(b'{"_type": "s"}', "application/vnd.in-toto+json", says=said, list_as=EMPTY_TYPE)
    assert found(place) == ()


def test_a_refusal_of_the_place_keeps_its_reasons():
    place = MemoryPlace()
    place.failing["referrers"] = refuse("input.unreachable", "here", "500")
    assert found(place)[0].reasons[0].message == "500"
