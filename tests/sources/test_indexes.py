"""A reference that leads to an index: followed where that leaves one manifest. A real server on loopback."""

import json

import pytest

from tests.support.net.registries import BUNDLE, descriptor, digest_of, manifest, registry
from verifier.core.errors import Refused
from verifier.core.limits import DEFAULT_LIMITS
from verifier.formats.oci.choice import ATTESTATION, REFERENCE_DIGEST, REFERENCE_TYPE
from verifier.formats.oci.manifest import DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST
from verifier.sources.upstream import Access, open_upstream


@pytest.fixture
def held():
    with registry() as running:
        yield running


@pytest.fixture
def upstream(held):
    opened = open_upstream(f"oci://{held.reference}", access=Access(), limits=DEFAULT_LIMITS)
    yield opened
    opened.close()


def reason(call, *arguments):
    with pytest.raises(Refused) as refused:
        call(*arguments)
    return refused.value.reasons[0]


def built(held):
    """An index as docker buildx pushes one: the bundle's manifest, and the attestation manifest about it."""
    document, attested = held.manifests["1"][0], manifest(descriptor(b"{}", "application/vnd.in-toto+json"))
    held.put(attested, "attestation")
    bundle = descriptor(document, OCI_MANIFEST, platform={"architecture": "amd64", "os": "linux"})
    about = {REFERENCE_TYPE: ATTESTATION, REFERENCE_DIGEST: digest_of(document)}
    unknown = {"architecture": "unknown", "os": "unknown"}
    beside = descriptor(attested, OCI_MANIFEST, platform=unknown, annotations=about)
    return {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [bundle, beside]}


def test_an_index_with_one_manifest_is_followed(held, upstream):
    document = held.manifests["1"][0]
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [descriptor(document, OCI_MANIFEST)]}
    digest = held.put(json.dumps(index).encode(), content_type=OCI_INDEX)
    fetched = upstream.fetch(None)
    assert (fetched.content, fetched.validator) == (BUNDLE, digest)
    assert upstream.fetch(digest) is None


@pytest.mark.parametrize(("count", "code"), [(0, "image.no-bundle"), (2, "image.ambiguous-manifest")])
def test_an_index_that_leaves_no_manifest_or_a_choice_is_refused(held, upstream, count, code):
    document = held.manifests["1"][0]
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [descriptor(document, OCI_MANIFEST)] * count}
    held.put(json.dumps(index).encode(), content_type=OCI_INDEX)
    assert reason(upstream.fetch, None).code == code


@pytest.mark.parametrize("first", [True, False])
def test_attestation_manifests_about_the_bundle_leave_no_choice(held, upstream, first):
    index, document = built(held), held.manifests["1"][0]
    index["manifests"] = index["manifests"] if first else index["manifests"][::-1]
    digest = held.put(json.dumps(index).encode(), content_type=OCI_INDEX)
    fetched = upstream.fetch(None)
    assert (fetched.content, fetched.validator) == (BUNDLE, digest)
    asked = [path for path, _ in held.running.seen if "/manifests/" in path]
    assert [path.rpartition("/")[2] for path in asked] == ["1", digest_of(document)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"size": 1}, "image.digest-mismatch"),
        ({"mediaType": DOCKER_MANIFEST}, "image.malformed"),
        ({"digest": digest_of(b"other")}, "input.unreachable"),
    ],
)
def test_a_manifest_is_what_the_index_says_of_it(held, upstream, changes, code):
    entry = descriptor(held.manifests["1"][0], OCI_MANIFEST) | changes
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]}
    held.put(json.dumps(index).encode(), content_type=OCI_INDEX)
    assert reason(upstream.fetch, None).code == code


def test_the_attestation_manifest_itself_is_no_bundle_and_is_named(held, upstream):
    held.put(manifest(descriptor(b"{}", "application/vnd.in-toto+json")))
    refused = reason(upstream.fetch, None)
    assert (refused.code, "attestation manifest" in refused.message) == ("image.no-bundle", True)


def test_an_index_within_an_index_is_refused(held, upstream):
    inner = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}).encode()
    held.put(inner, "inner", OCI_INDEX)
    outer = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [descriptor(inner, OCI_INDEX)]}
    held.put(json.dumps(outer).encode(), content_type=OCI_INDEX)
    assert reason(upstream.fetch, None).code == "image.ambiguous-manifest"
