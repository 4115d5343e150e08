"""Bare signatures: a key of the trust policy has signed these very bytes, as a file and as nothing else."""

import hashlib
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from tests.support.material import ASYMMETRIC, NOW, codes, key_for, private_key, signer, token
from tests.support.sigstore_instance import identity
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, Refused, Rejected
from verifier.core.signers.signer import Signer
from verifier.core.value import replace
from verifier.formats.intoto.dsse import pae
from verifier.signatures import keys
from verifier.signatures.budget import Budget
from verifier.signatures.detached import verify_detached
from verifier.signatures.verified import VerifiedDigest

CONTENT = b"an application"


def made(algorithm="ES256", content=CONTENT, *, key=None, raw_ecdsa=False):
    return keys.sign(private_key(key or key_for(algorithm)), algorithm, content, raw_ecdsa=raw_ecdsa)


def verify(signature, *signers, content=CONTENT, digest=None, **changes):
    return verify_detached(
        signature,
        signers=signers or (signer("p256"),),
        digest=digest or Digest.of(content or b""),
        content=content,
        now=NOW,
        subject="s",
        **changes,
    )


def refusal(*args, **changes):
    with pytest.raises(Refused) as refused:
        verify(*args, **changes)
    return codes(refused)


@pytest.mark.parametrize("raw_ecdsa", [False, True])
@pytest.mark.parametrize("algorithm", ASYMMETRIC)
def test_a_signature_with_the_algorithm_that_the_key_is_for_proves_its_signer(algorithm, raw_ecdsa):
    who = signer("a", key_for(algorithm), algorithms=(algorithm,))
    verified = verify(made(algorithm, raw_ecdsa=raw_ecdsa), who)
    assert isinstance(verified, VerifiedDigest)
    assert verified.digest == Digest.of(CONTENT)
    (proven,) = verified.signers
    assert (proven.name, proven.kind, proven.algorithm, proven.signed_time) == ("a", "key", algorithm, None)


@pytest.mark.parametrize("algorithm", ASYMMETRIC)
def test_another_algorithm_than_the_one_that_the_policy_states_does_not_count(algorithm):
    others = [each for each in ASYMMETRIC if key_for(each) == key_for(algorithm) and each != algorithm]
    assert all(
        refusal(made(algorithm), signer("a", key_for(algorithm), algorithms=(each,))) == ["signature.invalid"]
        for each in others
    )


def test_an_rsa_key_without_a_stated_algorithm_signs_with_either_padding_and_its_default_hash():
    found = [verify(made(each), signer("rsa")).signers[0].algorithm for each in ("RS256", "PS256")]
    assert found == ["RS256", "PS256"]
    assert refusal(made("PS512"), signer("rsa")) == ["signature.invalid"]


def test_pss_with_another_salt_than_its_hash_is_long_does_not_count():
    longest = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.MAX_LENGTH)
    signature = private_key("rsa").sign(CONTENT, longest, hashes.SHA256())
    assert refusal(signature, signer("rsa")) == ["signature.invalid"]


def test_a_file_of_no_bytes_is_known_by_its_digest():
    empty = made(content=b"")
    assert verify(empty, content=None, digest=Digest.of(b"")).digest == Digest.of(b"")


class TestIsRefused:
    def test_over_another_file(self):
        assert refusal(made(content=b"another")) == ["signature.invalid"]

    def test_by_another_key(self):
        assert refusal(made(key="p256-2")) == ["signature.invalid"]

    def test_changed_in_any_byte(self):
        signature = made("EdDSA")
        for at in range(len(signature)):
            other = signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1 :]
            assert refusal(other, signer("ed25519")) == ["signature.invalid"]

    def test_in_words_that_accuse_nobody(self):
        with pytest.raises(Rejected) as refused:
            verify(made(key="p256-2"))
        (reason,) = refused.value.reasons
        assert "bare signature" in reason.message
        assert "tampered" not in reason.hint

    def test_where_only_a_digest_is_at_hand(self):
        with pytest.raises(Refused) as refused:
            verify(made(), content=None, digest=Digest.of(CONTENT))
        assert codes(refused) == ["signature.unsupported"]
        assert refused.value.reasons[0].hint == "Give the file itself."

    @pytest.mark.parametrize(
        "who", [(), (identity(),), (Signer(name="h", kid="h", secret=b"s", algorithms=("HS256",)),)]
    )
    def test_where_no_key_is_allowed(self, who):
        with pytest.raises(Rejected) as refused:
            verify_detached(made(), signers=who, digest=Digest.of(CONTENT), content=CONTENT, now=NOW, subject="s")
        assert codes(refused) == ["signer.untrusted"]

    def test_as_a_certificate_s_since_nothing_proves_when_it_was_made(self):
        with pytest.raises(Rejected, match="nothing proves when it was made"):
            verify(made(), identity())

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"revoked": True}, "signer.revoked"),
            ({"not_after": NOW - timedelta(days=1)}, "signer.expired"),
            ({"not_before": NOW + timedelta(days=1)}, "signer.not-yet-valid"),
        ],
    )
    def test_by_a_signer_who_may_not_be_believed_now(self, changes, code):
        assert refusal(made(), signer("p256", **changes)) == [code]

    def test_by_a_key_that_is_revoked_under_another_name(self):
        assert refusal(made(), signer("p256"), signer("old", "p256", revoked=True)) == [
            "signer.revoked",
            "signer.revoked",
        ]

    def test_with_an_algorithm_that_the_key_cannot_be_for(self):
        with pytest.raises(ConfigurationError):
            verify(made(), signer("p256", algorithms=("RS256",)))

    def test_beyond_the_budget_of_public_key_operations(self):
        assert refusal(made(), signer("p256"), signer("p256-2"), budget=Budget(1)) == ["attestation.invalid"]


class TestOneSignatureIsNeverReadInTwoWays:
    @pytest.mark.parametrize(
        "signed",
        [
            pae("application/vnd.in-toto+json", b"{}"),
            token("p256", "ES256").rsplit(".", 1)[0].encode(),
            b"log.example\n42\n" + b"A" * 43 + b"=\n",
            b'{"critical":{"image":{"docker-manifest-digest":"sha256:ab"}}}',
            b"SSHSIG\x00\x00",
        ],
    )
    def test_what_a_key_signed_as_something_else_is_no_file(self, signed):
        with pytest.raises(Refused) as refused:
            verify(made(content=signed), content=signed)
        assert codes(refused) == ["signature.unsupported"]
        assert not isinstance(refused.value, Rejected)

    @pytest.mark.parametrize(
        "prehashed", [hashlib.sha256(CONTENT).digest(), hashlib.sha256(CONTENT).hexdigest().encode()]
    )
    def test_a_signature_over_a_digest_is_none_over_the_file(self, prehashed):
        assert refusal(made(content=prehashed)) == ["signature.invalid"]

    def test_a_policy_that_pins_kids_still_counts_the_signer_by_its_key(self):
        assert verify(made(), replace(signer("p256"), pin_kid=True)).signers[0].name == "p256"
