"""Bundles signed by a key of the trust policy, with and without log entries, and with and without a trusted root."""

import base64
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.material import NOW, codes, private_key, public_pem, signer
from tests.support.sigstore_instance import (
    PAYLOAD,
    SIGNED_AT,
    V01,
    Instance,
    b64,
    body,
    bundle,
    envelope_of,
    identity,
    key_material,
    managed,
    message_of,
)  # fmt: skip
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.signers.signer import Signer
from verifier.formats.intoto.dsse import pae
from verifier.signatures import keys
from verifier.signatures.sigstore.keyless import SigstoreVerifier

INSTANCE = Instance()
WITH_ROOT = SigstoreVerifier(INSTANCE.root())
WITHOUT_ROOT = SigstoreVerifier(None)
KINDS = [
    ("intoto", "0.0.1"),
    ("intoto", "0.0.2"),
    ("dsse", "0.0.1"),
    ("hashedrekord", "0.0.1"),
    ("hashedrekord", "0.0.2"),
]


def verify(document, *signers, verifier=WITH_ROOT, digest=None, content=b"artifact", now=NOW):
    return verifier.verify(
        json.dumps(document).encode(),
        signers=signers or [signer("p256")],
        digest=digest,
        content=content,
        now=now,
        subject="a.sigstore.json",
    )


def refusal(document, *signers, **given):
    with pytest.raises(Refused) as refused:
        verify(document, *signers, **given)
    return refused


@pytest.mark.parametrize(("kind", "version"), KINDS)
def test_a_key_with_a_log_entry_of_any_kind_is_proven_with_its_time(kind, version):
    proven = verify(managed(INSTANCE, kind, version))
    assert proven.findings == ()
    (who,) = proven.signers
    assert (who.name, who.kind, who.algorithm, who.signed_time) == ("p256", "key", "ES256", SIGNED_AT)
    assert who.certificate is None


@pytest.mark.parametrize(("kind", "version"), KINDS)
def test_a_log_entry_of_any_kind_that_is_about_another_key_is_refused(kind, version):
    content = message_of("p256", b"artifact") if kind == "hashedrekord" else envelope_of()
    entry = INSTANCE.entry(body(kind, version, content, public_pem("p256-2")))
    refused = refusal(bundle(content, key_material(), entry))
    assert codes(refused) == ["log.entry-invalid"]
    assert refused.value.reasons[0].message.endswith("is about another key")


def signed_anew(content):
    """The same content under another signature by the same key: one with a nonce of chance."""
    fresh = ec.ECDSA(hashes.SHA256())
    if "messageDigest" in content:
        return content | {"signature": b64(private_key("p256").sign(b"artifact", fresh))}
    signature = private_key("p256").sign(pae(content["payloadType"], PAYLOAD), fresh)
    return content | {"signatures": [{"sig": b64(signature), "keyid": ""}]}


@pytest.mark.parametrize(("kind", "version"), [each for each in KINDS if each != ("intoto", "0.0.1")])
def test_a_log_entry_of_any_kind_that_is_about_another_signature_is_refused(kind, version):
    make = (lambda: message_of("p256", b"artifact")) if kind == "hashedrekord" else envelope_of
    content, other = make(), signed_anew(make())
    entry = INSTANCE.entry(body(kind, version, other, public_pem("p256")))
    refused = refusal(bundle(content, key_material(), entry))
    assert codes(refused) == ["log.entry-invalid"]
    assert refused.value.reasons[0].message.endswith("is about another signature")


def test_an_envelope_logged_by_the_hash_of_its_encoding_is_proven():
    content = envelope_of()
    entry = INSTANCE.entry(body("hashedrekord", "0.0.2", content, public_pem("p256")))
    assert verify(bundle(content, key_material(), entry)).payload == PAYLOAD


def repeating(payload, *, twice, hashed):
    """A bundle whose `intoto` 0.0.2 entry repeats `payload`, in base64 once or twice."""
    content = envelope_of()
    recorded = body("intoto", "0.0.2", content, public_pem("p256"))
    inner = recorded["spec"]["content"]
    inner["envelope"]["payload"] = b64(b64(payload).encode()) if twice else b64(payload)
    if not hashed:
        del inner["payloadHash"]
    return bundle(content, key_material(), INSTANCE.entry(recorded))


@pytest.mark.parametrize("twice", [False, True])
@pytest.mark.parametrize("hashed", [False, True])
def test_an_entry_that_repeats_the_payload_is_proven_where_it_is_this_payload(twice, hashed):
    assert verify(repeating(PAYLOAD, twice=twice, hashed=hashed)).signers[0].signed_time == SIGNED_AT
    assert codes(refusal(repeating(PAYLOAD + b" ", twice=twice, hashed=hashed))) == ["log.entry-invalid"]
    assert codes(refusal(repeating(b64(PAYLOAD).encode() * 2, twice=twice, hashed=hashed))) == ["log.entry-invalid"]


def test_a_key_without_a_log_entry_is_proven_without_a_time():
    for verifier in (WITH_ROOT, WITHOUT_ROOT):
        proven = verify(bundle(envelope_of(), key_material()), verifier=verifier)
        assert (proven.signers[0].signed_time, proven.findings) == (None, ())


def test_without_a_trusted_root_a_log_entry_gives_no_time_and_is_reported():
    proven = verify(managed(INSTANCE, "intoto", "0.0.2"), verifier=WITHOUT_ROOT)
    assert proven.signers[0].signed_time is None
    assert [finding.code for finding in proven.findings] == ["log.unverified"]


def test_without_a_trusted_root_a_log_entry_must_still_be_about_this_signature():
    content = envelope_of()
    entry = INSTANCE.entry(body("intoto", "0.0.2", envelope_of(payload=b"{}"), public_pem("p256")))
    assert codes(refusal(bundle(content, key_material(), entry), verifier=WITHOUT_ROOT)) == ["log.entry-invalid"]


def test_a_proof_without_promise_gives_a_key_no_time():
    assert verify(managed(INSTANCE, "intoto", "0.0.2", promise=False)).signers[0].signed_time is None


def test_a_log_that_the_trusted_root_does_not_name_is_refused():
    assert codes(refusal(managed(Instance(), "intoto", "0.0.2"))) == ["log.entry-invalid"]


@pytest.mark.parametrize("part", ["promise", "checkpoint"])
def test_a_promise_or_checkpoint_by_another_key_is_refused(part):
    impostor, document = Instance(), managed(INSTANCE, "intoto", "0.0.2")
    entry = document["verificationMaterial"]["tlogEntries"][0]
    other = managed(impostor, "intoto", "0.0.2", id_=INSTANCE.log_id)["verificationMaterial"]["tlogEntries"][0]
    if part == "promise":
        entry["inclusionPromise"] = other["inclusionPromise"]
    else:
        lines = [each["inclusionProof"]["checkpoint"]["envelope"].split("\n\n") for each in (entry, other)]
        entry["inclusionProof"]["checkpoint"]["envelope"] = f"{lines[0][0]}\n\n{lines[1][1]}"
    assert codes(refusal(document)) == ["log.entry-invalid"]


def test_a_checkpoint_in_another_name_is_refused():
    document = managed(INSTANCE, "intoto", "0.0.2")
    checkpoint = document["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["checkpoint"]
    checkpoint["envelope"] = checkpoint["envelope"].replace("\u2014 log.example", "\u2014 log.example.org")
    assert codes(refusal(document)) == ["log.entry-invalid"]


def test_a_hint_says_which_key_to_try_first_and_none_is_needed():
    fingerprint = base64.b64encode(bytes.fromhex(keys.fingerprint(private_key("p256").public_key()))).decode()
    for hint in ("p256", fingerprint, None, "another"):
        assert verify(bundle(envelope_of(), key_material(hint))).signers[0].name == "p256"
    pinned = signer("p256", pin_kid=True)
    assert codes(refusal(bundle(envelope_of(), key_material("another")), pinned)) == ["signer.untrusted"]


def test_a_hint_that_names_another_key_proves_nothing():
    signers = [signer("p256-2")]
    assert codes(refusal(bundle(envelope_of(), key_material("p256-2")), *signers)) == ["signature.invalid"]
    assert codes(refusal(bundle(envelope_of(), key_material("p256")), *signers)) == ["signer.untrusted"]


def test_a_signature_that_is_proven_to_be_older_than_its_key_is_refused():
    logged = managed(INSTANCE, "dsse", "0.0.1")
    newer = signer("p256", not_before=SIGNED_AT + timedelta(seconds=1))
    assert codes(refusal(logged, newer)) == ["signer.not-yet-valid"]
    assert verify(logged, signer("p256", not_before=SIGNED_AT)).signers


def test_a_signature_that_is_proven_to_be_newer_than_its_key_is_refused_by_a_clock_that_is_behind_too():
    logged, behind = managed(INSTANCE, "dsse", "0.0.1"), SIGNED_AT - timedelta(seconds=20)
    older = signer("p256", not_after=SIGNED_AT - timedelta(seconds=10))
    assert codes(refusal(logged, older, now=behind)) == ["signer.expired"]
    assert verify(logged, signer("p256", not_after=SIGNED_AT), now=behind).signers


def test_a_key_from_the_command_line_answers_to_any_hint():
    given = Signer(name="key.pem", kid="key.pem", public_key=public_pem("p256"), answers_any_kid=True)
    assert verify(bundle(envelope_of(), key_material("another")), given).signers[0].name == "key.pem"


def test_a_keyless_signer_does_not_answer_for_a_key():
    assert codes(refusal(bundle(envelope_of(), key_material()), identity())) == ["signer.untrusted"]


def test_a_revoked_key_proves_nothing():
    assert codes(refusal(bundle(envelope_of(), key_material()), signer("p256", revoked=True))) == ["signer.revoked"]


@pytest.mark.parametrize("key", ["rsa", "p256", "p384", "p521", "ed25519"])
def test_every_key_type_signs_an_artifact(key):
    document = bundle(message_of(key, b"artifact"), key_material(key))
    assert verify(document, signer(key)).digest == Digest.of(b"artifact")
    del document["messageSignature"]["messageDigest"]
    assert codes(refusal(document, signer(key), content=b"other")) == ["signature.invalid"]


@pytest.mark.parametrize("key", ["rsa", "p256"])
def test_a_digest_stands_in_for_the_artifact_where_the_algorithm_signs_it(key):
    document = bundle(message_of(key, b"artifact"), key_material(key))
    proven = verify(document, signer(key), content=None, digest=Digest.of(b"artifact"))
    assert proven.digest == Digest.of(b"artifact")
    forged = bundle(message_of(f"{key}-2", b"artifact"), key_material(key))
    refused = refusal(forged, signer(key), content=None, digest=Digest.of(b"artifact"))
    assert codes(refused) == ["signature.invalid"]


@pytest.mark.parametrize("key", ["ed25519", "p384", "p521"])
def test_a_digest_alone_is_not_enough_where_the_algorithm_signs_more(key):
    document = bundle(message_of(key, b"artifact"), key_material(key))
    refused = refusal(document, signer(key), content=None, digest=Digest.of(b"artifact"))
    assert codes(refused) == ["signature.unsupported"]


def test_a_promise_alone_is_enough_for_a_key_in_version_0_1():
    document = managed(INSTANCE, "intoto", "0.0.2", proof=False) | {"mediaType": V01}
    assert verify(document).signers[0].signed_time == SIGNED_AT


def test_a_timestamp_that_nobody_trusted_made_is_reported_and_gives_no_time():
    document = bundle(envelope_of(), key_material())
    stamps = {"rfc3161Timestamps": [{"signedTimestamp": b64(b"not a timestamp")}]}
    document["verificationMaterial"]["timestampVerificationData"] = stamps
    proven = verify(document)
    assert proven.signers[0].signed_time is None
    assert [(finding.code, finding.is_error) for finding in proven.findings] == [("time.untrusted", False)]
