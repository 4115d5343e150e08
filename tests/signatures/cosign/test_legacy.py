"""Layers of cosign's old scheme: by keys, and under certificates with a log's promise."""

import json

import pytest

from tests.support.images.cosign.layers import (
    attestation,
    authority_pem,
    changed,
    document,
    keyless,
    logged_key,
    payload_of,
    signed_by,
)
from tests.support.images.place import DSSE, SIGNATURE, SIMPLE_SIGNING
from tests.support.material import NOW, codes, envelope, signer, statement
from tests.support.sigstore_instance import SIGNED_AT, Instance, identity, message_of, pem_of
from verifier.core.digest import Digest
from verifier.core.errors import Refused, Rejected
from verifier.core.signers.sigstore import PRODUCTION, SigstoreInstance
from verifier.signatures.attestation import verify_attestation

DIGEST = Digest.of(b"manifest")
PAYLOAD = payload_of(DIGEST)


@pytest.fixture(scope="module")
def instance():
    return Instance()


def verify(layer, *signers, instance=None, now=NOW):
    root = PRODUCTION
    if instance is not None:
        root = SigstoreInstance(name="own", document=json.dumps(instance.root_document()).encode())
    content = layer if isinstance(layer, bytes) else document(layer).content
    return verify_attestation(
        content, signers=signers, sigstore=root, digest=DIGEST, content=b"manifest", now=now, subject="layer"
    )


@pytest.mark.parametrize("key", ["p256", "p384", "rsa", "ed25519"])
def test_a_payload_that_a_key_signed_is_handed_on(key):
    proven = verify(signed_by(key, PAYLOAD), signer(key))
    assert (proven.payload_type, proven.payload) == (SIMPLE_SIGNING, PAYLOAD)
    assert [(each.name, each.kind, each.signed_time) for each in proven.signers] == [(key, "key", None)]


def test_another_key_s_payload_is_nobody_s():
    with pytest.raises(Rejected) as refused:
        verify(signed_by("p256", PAYLOAD), signer("p256-2"))
    assert codes(refused) == ["signature.invalid"]


@pytest.mark.parametrize("change", [lambda each: each + b" ", lambda each: each[:-1], lambda each: each.upper()])
def test_a_changed_payload_is_nobody_s(change):
    _, media_type, annotations = signed_by("p256", PAYLOAD)
    with pytest.raises(Rejected) as refused:
        verify((change(PAYLOAD), media_type, annotations), signer("p256"))
    assert codes(refused) == ["signature.invalid"]


@pytest.mark.parametrize("media_type", ["text/plain", "application/vnd.oci.image.layer.v1.tar", DSSE + "x"])
def test_a_layer_of_another_type_is_no_signature_whatever_it_holds(media_type):
    content, _, annotations = signed_by("p256", PAYLOAD)
    with pytest.raises(Rejected) as refused:
        verify((content, media_type, annotations), signer("p256"))
    assert codes(refused) == ["signature.unsupported"]


def test_an_image_s_payload_as_an_envelope_is_no_envelope():
    content, _, _ = signed_by("p256", PAYLOAD)
    with pytest.raises(Refused) as refused:
        verify((content, DSSE, {SIGNATURE: ""}), signer("p256"))
    assert codes(refused) == ["attestation.invalid"]


def test_a_layer_without_a_signature_is_signed_by_nobody():
    with pytest.raises(Rejected) as refused:
        verify(changed(signed_by("p256", PAYLOAD), signature=None), signer("p256"))
    assert codes(refused) == ["signature.missing"]


@pytest.mark.parametrize("text", ["!", "MEUC", " MEUCIQ==", "A" * 9_000, "MEUCIQ=="])
def test_a_signature_that_is_no_signature_proves_nothing(text):
    with pytest.raises(Refused):
        verify(changed(signed_by("p256", PAYLOAD), signature=text), signer("p256"))


def test_an_envelope_that_a_key_signed_gives_its_statement():
    layer = (envelope(statement(DIGEST.value), "p256"), DSSE, {SIGNATURE: "", "predicateType": "t"})
    assert verify(layer, signer("p256")).payload == statement(DIGEST.value)


def test_an_envelope_with_a_signature_beside_its_own_is_refused():
    layer = (envelope(statement(DIGEST.value), "p256"), DSSE, {SIGNATURE: "MEUC"})
    with pytest.raises(Refused) as refused:
        verify(layer, signer("p256"))
    assert codes(refused) == ["attestation.invalid"]


def test_a_keyless_signature_with_its_promise_verifies_at_the_log_s_time(instance):
    proven = verify(keyless(instance, PAYLOAD), identity(), instance=instance)
    assert (proven.payload, proven.signers[0].signed_time) == (PAYLOAD, SIGNED_AT)
    assert proven.signers[0].kind == "keyless"


@pytest.mark.parametrize("kind", ["dsse", "intoto"])
def test_a_keyless_attestation_with_its_promise_verifies(instance, kind):
    said = statement(DIGEST.value)
    proven = verify(attestation(instance, said, kind=kind), identity(), instance=instance)
    assert (proven.payload, proven.signers[0].signed_time) == (said, SIGNED_AT)


@pytest.mark.parametrize("kind", ["dsse", "intoto"])
def test_an_entry_of_another_envelope_is_refused(instance, kind):
    with pytest.raises(Rejected) as refused:
        verify(attestation(instance, statement(DIGEST.value), kind=kind, other=b" "), identity(), instance=instance)
    assert codes(refused) == ["log.entry-invalid"]


def test_an_entry_of_another_payload_is_refused(instance):
    layer = keyless(instance, PAYLOAD, over=message_of("p256", PAYLOAD + b" "))
    with pytest.raises(Rejected) as refused:
        verify(layer, identity(), instance=instance)
    assert codes(refused) == ["log.entry-invalid"]


def test_the_promise_of_another_signature_is_refused(instance):
    bundle = keyless(instance, PAYLOAD + b" ")[2]["dev.sigstore.cosign/bundle"]
    with pytest.raises(Rejected) as refused:
        verify(changed(keyless(instance, PAYLOAD), bundle=bundle), identity(), instance=instance)
    assert codes(refused) == ["log.entry-invalid"]


def test_another_log_s_promise_is_refused(instance):
    other = Instance()
    bundle = keyless(other, PAYLOAD, certificate=instance.certificate())[2]["dev.sigstore.cosign/bundle"]
    with pytest.raises(Rejected) as refused:
        verify(changed(keyless(instance, PAYLOAD), bundle=bundle), identity(), instance=instance)
    assert codes(refused) == ["log.entry-invalid"]


@pytest.mark.parametrize("name", ["integratedTime", "logIndex"])
def test_a_promise_with_another_number_is_refused(instance, name):
    layer = keyless(instance, PAYLOAD)
    bundle = json.loads(layer[2]["dev.sigstore.cosign/bundle"])
    bundle["Payload"][name] += 1
    with pytest.raises(Rejected) as refused:
        verify(changed(layer, bundle=json.dumps(bundle)), identity(), instance=instance)
    assert codes(refused) == ["log.entry-invalid"]


def test_a_certificate_without_a_log_entry_is_nobody_s(instance):
    with pytest.raises(Rejected) as refused:
        verify(keyless(instance, PAYLOAD, promise=False), identity(), instance=instance)
    assert codes(refused) == ["log.missing"]


def test_a_certificate_of_another_authority_is_nobody_s_and_harmless(instance):
    other = Instance()
    with pytest.raises(Rejected) as refused:
        verify(keyless(other, PAYLOAD), identity(), instance=instance)
    assert codes(refused) == ["log.entry-invalid"]


def test_another_identity_is_not_the_one_that_is_listened_to(instance):
    with pytest.raises(Rejected) as refused:
        verify(keyless(instance, PAYLOAD), identity(identity="https://forge.example/x/*"), instance=instance)
    assert codes(refused) == ["signer.untrusted"]


def test_the_chain_beside_a_certificate_is_nothing_to_build_on(instance):
    layer = changed(keyless(instance, PAYLOAD), chain=authority_pem(Instance()))
    assert verify(layer, identity(), instance=instance).payload == PAYLOAD


def test_a_key_s_signature_with_a_promise_has_the_log_s_time(instance):
    proven = verify(logged_key(instance, PAYLOAD), signer("p256"), instance=instance)
    assert (proven.signers[0].kind, proven.signers[0].signed_time) == ("key", SIGNED_AT)


def test_a_key_s_signature_with_another_key_s_entry_is_refused(instance):
    bundle = logged_key(instance, PAYLOAD, "p256-2")[2]["dev.sigstore.cosign/bundle"]
    with pytest.raises(Rejected) as refused:
        verify(changed(signed_by("p256", PAYLOAD), bundle=bundle), signer("p256"), instance=instance)
    assert codes(refused) == ["log.entry-invalid"]


def test_a_key_s_entry_of_a_log_that_nobody_trusts_is_refused(instance):
    with pytest.raises(Rejected) as refused:
        verify(logged_key(Instance(), PAYLOAD), signer("p256"), instance=instance)
    assert codes(refused) == ["log.entry-invalid"]


@pytest.mark.parametrize(
    "broken",
    [
        {"bundle": "{}"},
        {"bundle": "null"},
        {"bundle": "[" * 100},
        {"bundle": '{"SignedEntryTimestamp":"MEUC","Payload":{},"more":1}'},
        {"certificate": "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"},
        {"certificate": ""},
        {"certificate": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"},
        {"chain": "no chain"},
        {"rfc3161timestamp": "MEUC"},
        {"rfc3161timestamp": '{"SignedRFC3161Timestamp":"!"}'},
    ],
)
def test_what_stands_beside_a_signature_is_read_strictly(instance, broken):
    with pytest.raises(Refused):
        verify(changed(keyless(instance, PAYLOAD), **broken), identity(), instance=instance)


def test_two_certificates_in_the_place_of_one_are_refused(instance):
    twice = pem_of(instance.certificate()).decode() * 2
    with pytest.raises(Refused) as refused:
        verify(changed(keyless(instance, PAYLOAD), certificate=twice), identity(), instance=instance)
    assert codes(refused) == ["attestation.invalid"]


def test_a_timestamp_by_nobody_is_no_time(instance):
    layer = changed(keyless(instance, PAYLOAD, promise=False), rfc3161timestamp='{"SignedRFC3161Timestamp":"MEUC"}')
    with pytest.raises(Refused) as refused:
        verify(layer, identity(), instance=instance)
    assert codes(refused) == ["log.missing"]


@pytest.mark.parametrize(
    "content",
    [
        b"\x00sigstore-json\n",
        b"\x00sigstore-json\nnull",
        b"\x00sigstore-json\n{}",
        b'\x00sigstore-json\n{"mimeType":"text/plain"}',
        b'\x00sigstore-json\n{"mimeType":"a","mimeType":"b"}',
        document(signed_by("p256", PAYLOAD)).content[:-1],
        document(signed_by("p256", PAYLOAD)).content * 2,
        document(signed_by("p256", PAYLOAD)).content.replace(b'"payload"', b'"Payload"'),
        document((b"", SIMPLE_SIGNING, {})).content,
    ],
)
def test_a_document_that_is_no_layer_is_refused(content):
    with pytest.raises(Refused):
        verify(content, signer("p256"))
