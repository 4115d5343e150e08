"""Detached attestations: who has proven to have signed what."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.material import IN_TOTO, NOW, codes, envelope, private_key, signer, statement
from verifier.core.errors import Refused
from verifier.core.limits import MAX_SIGNATURES
from verifier.core.signers.keyless import KeylessIdentity
from verifier.core.signers.signer import Signer
from verifier.formats.intoto.dsse import EnvelopeSignature, build_envelope, pae
from verifier.signatures import keys
from verifier.signatures.envelope import MAX_ATTEMPTS, verify_envelope

PAYLOAD = statement()
SIGNED = [envelope(PAYLOAD, "p256", raw_ecdsa=raw) for raw in (True, False)]
P256, P384, RSA, ED = (signer(name) for name in ("p256", "p384", "rsa", "ed25519"))


def verify(document, *signers, now=NOW):
    return verify_envelope(document, signers=signers, now=now, subject="attestation")


def refusal(document, *signers, **options):
    with pytest.raises(Refused) as refused:
        verify(document, *signers, **options)
    return codes(refused)


@pytest.mark.parametrize("name", ["rsa", "p256", "p384", "p521", "ed25519"])
@pytest.mark.parametrize("raw_ecdsa", [True, False])
def test_every_key_type_verifies_with_either_ecdsa_encoding(name, raw_ecdsa):
    verified = verify(envelope(PAYLOAD, name, raw_ecdsa=raw_ecdsa), signer(name))
    assert (verified.payload, verified.payload_type, verified.findings) == (PAYLOAD, IN_TOTO, ())
    assert [proven.name for proven in verified.signers] == [name]


def test_all_distinct_trusted_signers_are_returned():
    verified = verify(envelope(PAYLOAD, "p256", "rsa", "ed25519"), P256, RSA, ED)
    assert [proven.name for proven in verified.signers] == ["p256", "rsa", "ed25519"]


def test_two_signatures_by_one_key_count_once():
    assert len(verify(envelope(PAYLOAD, "p256", "p256"), P256).signers) == 1


def test_one_key_under_two_names_counts_once():
    both = envelope(PAYLOAD, "p256", "p256").replace(b'"keyid":"p256"', b'"keyid":"twin"', 1)
    assert len(verify(both, P256, signer("twin", "p256")).signers) == 1


def test_a_payload_type_with_a_non_ascii_character_is_refused_even_when_it_verifies():
    kind = "application/vnd.in-toto+jsön"
    document = build_envelope(
        kind,
        PAYLOAD,
        [
            EnvelopeSignature(
                keyid="p256", sig=keys.sign(private_key("p256"), "ES256", pae(kind, PAYLOAD), raw_ecdsa=False)
            )
        ],
    )
    assert refusal(document, P256) == ["signature.unsupported"]


@pytest.mark.parametrize("kind", ["application/json", "application/vnd.in-toto+json ", "Application/vnd.in-toto+json"])
def test_another_payload_type_is_refused(kind):
    assert refusal(envelope(PAYLOAD, "p256", payload_type=kind), P256) == ["signature.unsupported"]


def test_a_payload_type_swapped_after_signing_is_refused():
    swapped = envelope(PAYLOAD, "p256", payload_type="text/plain").replace(b"text/plain", IN_TOTO.encode())
    assert refusal(swapped, P256) == ["signature.invalid"]


def test_a_swapped_payload_is_refused():
    document = json.loads(envelope(PAYLOAD, "p256"))
    document["payload"] = json.loads(envelope(statement("cd" * 32), "p256"))["payload"]
    assert refusal(json.dumps(document).encode(), P256) == ["signature.invalid"]


def test_a_signature_over_the_bare_payload_is_refused():
    sig = keys.sign(private_key("p256"), "ES256", PAYLOAD, raw_ecdsa=False)
    document = build_envelope(IN_TOTO, PAYLOAD, [EnvelopeSignature(keyid="p256", sig=sig)])
    assert refusal(document, P256) == ["signature.invalid"]


def test_a_stranger_s_signature_is_refused():
    assert refusal(envelope(PAYLOAD, "rsa"), P256) == ["signer.untrusted"]


def test_a_stranger_who_uses_a_trusted_key_id_is_refused():
    claimed = envelope(PAYLOAD, "p256-2").replace(b'"p256-2"', b'"p256"')
    assert refusal(claimed, P256) == ["signature.invalid"]


def test_without_a_key_id_every_signer_is_tried():
    anonymous = envelope(PAYLOAD, "p256").replace(b'"keyid":"p256"', b'"keyid":""')
    assert verify(anonymous, RSA, ED, P256).signers[0].name == "p256"


def test_no_signers_trust_nobody():
    assert refusal(envelope(PAYLOAD, "p256")) == ["signer.untrusted"]


def test_a_foreign_signature_beside_a_trusted_one_is_reported_and_does_not_count():
    verified = verify(envelope(PAYLOAD, "rsa", "p256"), P256)
    assert [proven.name for proven in verified.signers] == ["p256"]
    assert [(each.code, each.severity) for each in verified.findings] == [("signer.untrusted", "warning")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"revoked": True}, "signer.revoked"),
        ({"not_after": NOW - timedelta(seconds=1)}, "signer.expired"),
        ({"not_before": NOW + timedelta(seconds=1)}, "signer.not-yet-valid"),
    ],
)
def test_a_signer_who_may_not_be_believed_never_counts_and_is_reported(changes, code):
    former = signer("rsa", **changes)
    assert refusal(envelope(PAYLOAD, "rsa"), former) == [code]
    verified = verify(envelope(PAYLOAD, "rsa", "p256"), former, P256)
    assert [proven.name for proven in verified.signers] == ["p256"]
    assert [(each.code, each.severity) for each in verified.findings] == [(code, "warning")]


def test_a_key_revoked_under_one_name_is_revoked_under_every_name():
    found = refusal(envelope(PAYLOAD, "p256"), P256, signer("old", "p256", revoked=True))
    assert set(found) == {"signer.revoked"}


def test_shared_secrets_and_keyless_identities_are_not_proven_here():
    shared = Signer(name="p256", kid="p256", secret=b"s", algorithms=("HS256",))
    keyless = Signer(name="p256", kid="p256", keyless=KeylessIdentity(issuer="i", identity="*"))
    assert refusal(envelope(PAYLOAD, "p256"), shared, keyless) == ["signer.untrusted"]


def test_an_algorithm_that_the_signer_is_not_for_does_not_count():
    pss = keys.sign(private_key("rsa"), "PS256", pae(IN_TOTO, PAYLOAD), raw_ecdsa=False)
    document = build_envelope(IN_TOTO, PAYLOAD, [EnvelopeSignature(keyid="rsa", sig=pss)])
    assert refusal(document, RSA) == ["signature.algorithm-mismatch"]
    assert verify(document, signer("rsa", algorithms=("RS256", "PS256"))).signers[0].algorithm == "PS256"


def test_the_number_of_public_key_operations_is_bounded():
    signatures = [EnvelopeSignature(keyid="", sig=b"x")] * MAX_SIGNATURES
    many = [signer(f"p256-{n}", "p256") for n in range(MAX_ATTEMPTS // MAX_SIGNATURES + 1)]
    assert refusal(build_envelope(IN_TOTO, PAYLOAD, signatures), *many) == ["attestation.invalid"]


def test_an_envelope_without_signatures_is_refused():
    assert refusal(build_envelope(IN_TOTO, PAYLOAD, []), P256) == ["signature.missing"]


@settings(max_examples=200)
@given(st.data())
def test_flipping_any_bit_never_verifies_to_something_else(data):
    spoiled = bytearray(data.draw(st.sampled_from(SIGNED)))
    spoiled[data.draw(st.integers(0, len(spoiled) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with suppress(Refused):
        verified = verify(bytes(spoiled), P256)
        assert (verified.payload, verified.payload_type) == (PAYLOAD, IN_TOTO)


@given(st.binary(max_size=100))
def test_any_bytes_verify_or_are_refused(content):
    assert refusal(content, P256)
