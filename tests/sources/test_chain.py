"""How a bundle hangs on what its reference stands for: every link is held against the bytes that it names."""

import json

import pytest

from tests.support.net.registries import BUNDLE, descriptor, manifest
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.value import replace
from verifier.formats.oci.manifest import OCI_INDEX, OCI_MANIFEST
from verifier.sources.chain import Chain, layer_of, require_layer
from verifier.sources.place import Resolved


def resolved(content: bytes, media_type=OCI_MANIFEST) -> Resolved:
    return Resolved(content=content, media_type=media_type, digest=Digest.of(content))


def index_of(*documents: bytes) -> Resolved:
    listed = [descriptor(each, OCI_MANIFEST) for each in documents]
    return resolved(json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed}).encode(), OCI_INDEX)


MANIFEST = manifest(descriptor(BUNDLE))
OTHER = manifest(descriptor(b"another bundle"))


@pytest.mark.parametrize("documents", [(resolved(MANIFEST),), (index_of(MANIFEST), resolved(MANIFEST))], ids=len)
def test_a_chain_that_holds_leads_to_the_layer(documents):
    layer = layer_of(Chain(documents=documents), subject="s")
    assert layer.digest == Digest.of(BUNDLE)
    require_layer(BUNDLE, layer, subject="s")


@pytest.mark.parametrize(
    ("documents", "code"),
    [
        ((replace(resolved(MANIFEST), content=OTHER),), "image.digest-mismatch"),
        ((replace(resolved(MANIFEST), digest=Digest.of(OTHER)),), "image.digest-mismatch"),
        ((index_of(MANIFEST), resolved(OTHER)), "image.digest-mismatch"),
        ((index_of(MANIFEST), replace(resolved(MANIFEST), content=OTHER)), "image.digest-mismatch"),
        ((index_of(MANIFEST),), "image.malformed"),
        ((index_of(MANIFEST), resolved(MANIFEST), resolved(MANIFEST)), "image.malformed"),
        ((resolved(MANIFEST), resolved(MANIFEST)), "image.malformed"),
        ((index_of(MANIFEST, OTHER), resolved(MANIFEST)), "image.ambiguous-manifest"),
        ((replace(resolved(MANIFEST), media_type=OCI_INDEX),), "image.malformed"),
        ((resolved(b"{}"),), "image.malformed"),
    ],
    ids=range(10),
)
def test_a_chain_that_does_not_hold_leads_nowhere(documents, code):
    with pytest.raises(Refused) as refused:
        layer_of(Chain(documents=documents), subject="s")
    assert refused.value.reasons[0].code == code


@pytest.mark.parametrize("content", [b"", BUNDLE + b"\0", BUNDLE[:-1] + b"\0"], ids=["nothing", "more", "other"])
def test_other_bytes_are_not_the_layer(content):
    layer = layer_of(Chain(documents=(resolved(MANIFEST),)), subject="s")
    with pytest.raises(Refused) as refused:
        require_layer(content, layer, subject="s")
    assert refused.value.reasons[0].code == "image.digest-mismatch"


def test_what_may_be_attested_are_the_documents_in_their_repository():
    chain = Chain(documents=(index_of(MANIFEST), resolved(MANIFEST)), repository="registry.acme.example/acme/authz")
    assert [each.digest for each in chain.attested()] == [each.digest for each in chain.documents]
    assert {each.repository for each in chain.attested()} == {"registry.acme.example/acme/authz"}
