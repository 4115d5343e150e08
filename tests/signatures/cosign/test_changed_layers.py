"""Layers that were changed anywhere: refused, or still the very payload that was signed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.images.cosign.layers import attestation, document, keyless, logged_key, payload_of, signed_by
from tests.support.material import NOW, signer, statement
from tests.support.sigstore_instance import Instance, identity
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.signers.sigstore import SigstoreInstance
from verifier.signatures.attestation import verify_attestation

INSTANCE = Instance()
ROOT = SigstoreInstance(name="own", document=json.dumps(INSTANCE.root_document()).encode())
DIGEST = Digest.of(b"manifest")
PAYLOAD, STATEMENT = payload_of(DIGEST), statement(DIGEST.value)
LAYERS = {
    "a key's": (document(signed_by("p256", PAYLOAD)).content, PAYLOAD),
    "a logged key's": (document(logged_key(INSTANCE, PAYLOAD)).content, PAYLOAD),
    "a certificate's": (document(keyless(INSTANCE, PAYLOAD)).content, PAYLOAD),
    "an attestation": (document(attestation(INSTANCE, STATEMENT)).content, STATEMENT),
}


def verify(content):
    """The payload that is proven, None for nothing."""
    signers = [signer("p256"), identity()]
    try:
        return verify_attestation(
            content, signers=signers, sigstore=ROOT, digest=DIGEST, content=b"manifest", now=NOW, subject="layer"
        ).payload
    except Refused:
        return None


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_as_it_was_is_proven(name):
    content, payload = LAYERS[name]
    assert verify(content) == payload


@pytest.mark.parametrize("name", LAYERS)
@given(data=st.data())
def test_a_layer_with_other_bytes_is_refused_or_says_the_same(name, data):
    content, payload = LAYERS[name]
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    put = data.draw(st.binary(max_size=40))
    assert verify(content[:start] + put + content[end:]) in (None, payload)


@pytest.mark.parametrize("name", LAYERS)
@given(data=st.data())
def test_a_layer_with_an_annotation_of_another_is_refused_or_says_the_same(name, data):
    content, payload = LAYERS[name]
    prefix, _, text = content.partition(b"\n")
    value = json.loads(text)
    other = json.loads(LAYERS[data.draw(st.sampled_from(sorted(LAYERS)))][0].partition(b"\n")[2])
    member = data.draw(st.sampled_from(sorted(other["annotations"])))
    value["annotations"][member] = other["annotations"][member]
    assert verify(prefix + b"\n" + json.dumps(value).encode()) in (None, payload)
