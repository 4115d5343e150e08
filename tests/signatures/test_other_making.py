"""Signatures that a key made in a way that it is not for: named for what they are, and never believed."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from tests.support.material import IN_TOTO, NOW, document, private_key, signer, statement, token
from verifier.core.errors import Refused
from verifier.core.reading import ReadingMode
from verifier.formats.intoto.dsse import EnvelopeSignature, build_envelope, pae
from verifier.signatures.budget import MAX_EXPLANATIONS, Budget
from verifier.signatures.envelope import verify_envelope
from verifier.signatures.opa_jws import verify_opa_signatures
from verifier.signatures.other_making import making_of

PAYLOAD = statement()
SHA1 = hashes.SHA1()  # noqa: S303 - the weak one is to be named
SIGNED = pae(IN_TOTO, PAYLOAD)


def rsa(filled, used):
    return private_key("rsa").sign(SIGNED, filled, used)


def ecdsa(name, used):
    return private_key(name).sign(SIGNED, ec.ECDSA(used))


def pss(used, salt):
    return padding.PSS(padding.MGF1(used), salt)


def envelope(signature, keyid=""):
    return build_envelope(IN_TOTO, PAYLOAD, [EnvelopeSignature(keyid=keyid, sig=signature)])


def refused(signature, *signers, **given):
    with pytest.raises(Refused) as caught:
        verify_envelope(envelope(signature), signers=signers, now=NOW, subject="s", **given)
    return caught.value.reasons[0]


CASES = {
    "RSA with SHA-1": (lambda: rsa(padding.PKCS1v15(), SHA1), "rsa", "RSA and SHA-1", ""),
    "RSA with SHA-512": (lambda: rsa(padding.PKCS1v15(), hashes.SHA512()), "rsa", "RSA and SHA-512", "RS512"),
    "PSS": (lambda: rsa(pss(hashes.SHA256(), 32), hashes.SHA256()), "rsa", "RSA-PSS and SHA-256", "PS256"),
    "PSS with SHA-1": (lambda: rsa(pss(SHA1, 20), SHA1), "rsa", "RSA-PSS and SHA-1", ""),
    "PSS with a long salt": (lambda: rsa(pss(hashes.SHA256(), 222), hashes.SHA256()), "rsa", "unusual length", ""),
    "P-256 with SHA-1": (lambda: ecdsa("p256", SHA1), "p256", "P-256 and SHA-1", ""),
    "P-256 with SHA-512": (lambda: ecdsa("p256", hashes.SHA512()), "p256", "P-256 and SHA-512", ""),
    "P-384 with SHA-256": (lambda: ecdsa("p384", hashes.SHA256()), "p384", "P-384 and SHA-256", "ES384 with SHA-256"),
    "P-521 with SHA-256": (lambda: ecdsa("p521", hashes.SHA256()), "p521", "P-521 and SHA-256", "ES512 with SHA-256"),
    "P-521 with SHA-384": (lambda: ecdsa("p521", hashes.SHA384()), "p521", "P-521 and SHA-384", ""),
}


@pytest.mark.parametrize("case", CASES)
def test_a_signature_by_another_algorithm_of_the_key_is_named_and_does_not_count(case):
    make, name, says, algorithm = CASES[case]
    reason = refused(make(), signer("stranger", "p256-2"), signer(name))
    assert reason.code == "signature.algorithm-mismatch"
    assert says in reason.message
    assert (f'algorithms = ["{algorithm}"]' in reason.hint) is bool(algorithm)
    assert "tampered" not in reason.hint


@pytest.mark.parametrize("name", ["p384", "p521"])
def test_sha_256_counts_where_the_policy_says_so_and_is_warned_of(name):
    make, _, _, algorithm = CASES[{"p384": "P-384 with SHA-256", "p521": "P-521 with SHA-256"}[name]]
    allowed = signer(name, algorithms=(algorithm,))
    verified = verify_envelope(envelope(make()), signers=[allowed], now=NOW, subject="s")
    assert verified.signers[0].algorithm == algorithm
    assert [(each.code, each.severity) for each in verified.findings] == [("signature.deprecated-hash", "warning")]


def test_changed_bytes_are_nobody_s_other_algorithm():
    signature = private_key("p384").sign(SIGNED + b" ", ec.ECDSA(hashes.SHA256()))
    assert refused(signature, signer("p384")).code == "signature.invalid"
    assert making_of(private_key("p384").public_key(), SIGNED, signature) is None
    assert making_of(private_key("rsa").public_key(), SIGNED, signature) is None
    assert making_of(private_key("ed25519").public_key(), SIGNED, signature) is None


def test_whoever_adds_many_signatures_learns_no_more_of_them():
    budget, signature = Budget(), ecdsa("p384", hashes.SHA256())
    found = [refused(signature, signer("p384"), budget=budget).code for _ in range(MAX_EXPLANATIONS + 1)]
    assert found == ["signature.algorithm-mismatch"] * MAX_EXPLANATIONS + ["signature.invalid"]


@pytest.mark.parametrize("mode", ReadingMode)
def test_a_token_never_has_the_deprecated_hash(mode):
    confused = token("p256", "ES256", header={"alg": "ES256", "kid": "p384"})
    allowed = signer("p384", algorithms=("ES384 with SHA-256",))
    with pytest.raises(Refused):
        verify_opa_signatures(document(confused), signers=[allowed], now=NOW, mode=mode, subject="s")
