"""P-384 and P-521 in Sigstore bundles: by keys and certificates, with the hash of the curve and without."""

import base64
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.material import NOW, codes, private_key, public_pem, signer
from tests.support.sigstore_instance import (
    PAYLOAD,
    Instance,
    b64,
    body,
    bundle,
    envelope_of,
    identity,
    key_material,
    message_of,
    pem_of,
)  # fmt: skip
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.signatures.sigstore.keyless import SigstoreVerifier

INSTANCE = Instance()
WITH_ROOT, WITHOUT_ROOT = SigstoreVerifier(INSTANCE.root()), SigstoreVerifier(None)
SIZES = {"p384": 384, "p521": 512}
FILE = b"artifact"
DEPRECATED = {"p384": "ES384 with SHA-256", "p521": "ES512 with SHA-256"}
RECORDS = [("hashedrekord", "0.0.1"), ("hashedrekord", "0.0.2")]


def verify(document, *signers, verifier=WITH_ROOT, digest=None, content=FILE):
    document = json.dumps(document).encode()
    return verifier.verify(document, signers=signers, digest=digest, content=content, now=NOW, subject="a.json")


def refusal(document, *signers, **given):
    with pytest.raises(Refused) as refused:
        verify(document, *signers, **given)
    return refused


def with_sha256(name, message):
    return private_key(name).sign(message, ec.ECDSA(hashes.SHA256()))


def early(name, artifact=FILE):
    """A signature of a file with SHA-256 by a key on a longer curve."""
    return message_of(name, artifact) | {"signature": b64(with_sha256(name, artifact))}


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("record", [None, *RECORDS])
def test_a_key_signs_a_file_with_the_hash_of_its_curve(name, record):
    content = message_of(name, FILE, size=SIZES[name])
    entries = [INSTANCE.entry(body(*record, content, public_pem(name)))] if record else []
    proven = verify(bundle(content, key_material(name), *entries), signer(name))
    assert (proven.digest, proven.findings) == (Digest.of(FILE), ())
    assert proven.signers[0].algorithm == {"p384": "ES384", "p521": "ES512"}[name]


@pytest.mark.parametrize("name", SIZES)
def test_a_certificate_signs_a_file_with_the_hash_of_its_curve(name):
    content, certificate = message_of(name, FILE, size=SIZES[name]), INSTANCE.certificate(private_key(name))
    entry = INSTANCE.entry(body("hashedrekord", "0.0.1", content, pem_of(certificate)))
    proven = verify(bundle(content, certificate, entry), identity())
    assert (proven.digest, proven.findings) == (Digest.of(FILE), ())


@pytest.mark.parametrize("name", SIZES)
def test_an_envelope_by_a_certificate_on_a_longer_curve_is_proven(name):
    content, certificate = envelope_of(name), INSTANCE.certificate(private_key(name))
    entry = INSTANCE.entry(body("dsse", "0.0.1", content, pem_of(certificate)))
    assert verify(bundle(content, certificate, entry), identity()).payload == PAYLOAD


@pytest.mark.parametrize("log", ["P384_SHA_384", "P521_SHA_512"])
def test_a_log_with_a_key_on_a_longer_curve_is_believed(log):
    instance = Instance(log=log)
    content = message_of("p256", FILE)
    entry = instance.entry(body("hashedrekord", "0.0.1", content, public_pem("p256")))
    document = bundle(content, key_material(), entry)
    proven = verify(document, signer("p256"), verifier=SigstoreVerifier(instance.root()))
    assert proven.signers[0].signed_time == instance.at
    promise = document["verificationMaterial"]["tlogEntries"][0]["inclusionPromise"]
    signed = bytearray(base64.b64decode(promise["signedEntryTimestamp"]))
    signed[-1] ^= 1
    promise["signedEntryTimestamp"] = b64(bytes(signed))
    found = refusal(document, signer("p256"), verifier=SigstoreVerifier(instance.root()))
    assert codes(found) == ["log.entry-invalid"]


@pytest.mark.parametrize("name", SIZES)
def test_another_file_or_key_is_refused(name):
    content = message_of(name, FILE, size=SIZES[name])
    document = bundle(content, key_material(name))
    assert codes(refusal(document, signer(name), content=b"changed")) == ["attestation.subject-mismatch"]
    assert codes(refusal(document, signer(name, f"{name}-2"))) == ["signature.invalid"]
    assert codes(refusal(document, signer(name, "p256"))) == ["signature.invalid"]


def test_a_digest_that_is_not_the_file_s_is_refused_in_every_hash():
    stated = message_of("p384", b"other", size=512)["messageDigest"]
    content = message_of("p384", FILE, size=384) | {"messageDigest": stated}
    assert codes(refusal(bundle(content, key_material("p384")), signer("p384"))) == ["attestation.subject-mismatch"]


@pytest.mark.parametrize("name", SIZES)
def test_the_digest_that_was_signed_stands_in_for_the_file(name):
    document = bundle(message_of(name, FILE, size=SIZES[name]), key_material(name))
    stated = document["messageSignature"]["messageDigest"]
    digest = Digest(algorithm=f"sha{SIZES[name]}", value=base64.b64decode(stated["digest"]).hex())
    assert verify(document, signer(name), content=None, digest=digest).digest == digest
    forged = bundle(message_of(f"{name}-2", FILE, size=SIZES[name]), key_material(name))
    assert codes(refusal(forged, signer(name), content=None, digest=digest)) == ["signature.invalid"]


@pytest.mark.parametrize("value", ["zz" * 64, "ab", "AB" * 64])
def test_what_is_no_digest_stands_in_for_nothing(value):
    document = bundle(message_of("p521", FILE), key_material("p521"))
    found = refusal(document, signer("p521"), content=None, digest=Digest(algorithm="sha512", value=value))
    assert codes(found) == ["signature.unsupported"]


@pytest.mark.parametrize("name", SIZES)
def test_a_digest_of_another_hash_than_the_signed_one_says_so(name):
    document = bundle(message_of(name, FILE, size=SIZES[name]), key_material(name))
    found = refusal(document, signer(name), content=None, digest=Digest.of(FILE))
    assert codes(found) == ["signature.unsupported"]
    assert "sha256" in found.value.reasons[0].message


@pytest.mark.parametrize("name", SIZES)
def test_a_key_with_sha_256_is_named_for_what_it_is(name):
    found = refusal(bundle(early(name), key_material(name)), signer(name))
    (reason,) = found.value.reasons
    assert reason.code == "signature.algorithm-mismatch"
    assert "SHA-256, a hash that does not go with the curve" in reason.message
    assert f'algorithms = ["{DEPRECATED[name]}"]' in reason.hint


@pytest.mark.parametrize("name", SIZES)
def test_a_key_with_sha_256_counts_where_the_policy_says_so_and_is_warned_of(name):
    allowed = signer(name, algorithms=(DEPRECATED[name],))
    proven = verify(bundle(early(name), key_material(name)), allowed)
    assert proven.signers[0].algorithm == DEPRECATED[name]
    assert [(each.code, each.severity) for each in proven.findings] == [("signature.deprecated-hash", "warning")]
    assert codes(refusal(bundle(early(name, b"x"), key_material(name)), allowed)) == ["attestation.subject-mismatch"]


def test_a_key_that_is_for_sha_256_alone_signs_with_nothing_else():
    allowed = signer("p384", algorithms=("ES384 with SHA-256",))
    found = refusal(bundle(message_of("p384", FILE, size=384), key_material("p384")), allowed)
    assert codes(found) == ["signature.algorithm-mismatch"]


@pytest.mark.parametrize("name", SIZES)
def test_a_certificate_with_sha_256_counts_and_is_warned_of(name):
    content, certificate = early(name), INSTANCE.certificate(private_key(name))
    entry = INSTANCE.entry(body("hashedrekord", "0.0.1", content, pem_of(certificate)))
    proven = verify(bundle(content, certificate, entry), identity())
    assert [each.code for each in proven.findings] == ["signature.deprecated-hash"]


def test_a_certificate_with_another_hash_still_is_refused_and_named():
    signature = private_key("p256").sign(FILE, ec.ECDSA(hashes.SHA384()))
    content, certificate = message_of("p256", FILE) | {"signature": b64(signature)}, INSTANCE.certificate()
    entry = INSTANCE.entry(body("hashedrekord", "0.0.1", content, pem_of(certificate)))
    found = refusal(bundle(content, certificate, entry), identity())
    assert codes(found) == ["signature.algorithm-mismatch"]
    assert "P-256 and SHA-384" in found.value.reasons[0].message


def test_a_stranger_is_not_taken_for_a_signer_with_another_hash():
    assert codes(refusal(bundle(early("p384-2"), key_material("p384")), signer("p384"))) == ["signature.invalid"]
