"""Producing attestations that we, and others, can read."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.attestations.summaries import verdict
from tests.support.attestations.unsigned import DIGEST, STATEMENT
from tests.support.material import NOW, private_key, signer
from verifier.checks.vsa import TrustedVerifier, VsaExpectations, check_vsa
from verifier.core.digest import Digests
from verifier.core.errors import ConfigurationError
from verifier.core.outcome import Passed
from verifier.core.uris import RELEASE, VERIFIER_ID
from verifier.formats.intoto.dsse import parse_envelope
from verifier.formats.intoto.release import Release, parse_release
from verifier.formats.intoto.statement import matching_subject, parse_statement
from verifier.formats.intoto.vsa import parse_vsa
from verifier.publish.attest import attest, attest_release, sign_vsa
from verifier.signatures.envelope import verify_envelope

RELEASED = Release(kind="bundle", name="authz", version="1.2.3", issued_at=NOW)


@pytest.mark.parametrize("name", ["rsa", "p256", "p384", "p521", "ed25519"])
def test_a_release_that_we_attest_verifies(name):
    envelope = attest_release(RELEASED, digests=[DIGEST], key=private_key(name), keyid=name)
    verified = verify_envelope(envelope, signers=[signer(name)], now=NOW, subject="s")
    statement = parse_statement(verified.payload, subject="s")
    assert statement.predicate_type == RELEASE
    assert matching_subject(statement, Digests(DIGEST))
    assert parse_release(statement, subject="s") == RELEASED


def test_a_verdict_that_we_sign_is_one_that_we_rely_on():
    signed = verdict()
    envelope = sign_vsa(signed, key=private_key("p256"), keyid="p256", expires=signed.time_verified + timedelta(days=1))
    verified = verify_envelope(envelope, signers=[signer("p256")], now=NOW, subject="s")
    statement = parse_statement(verified.payload, subject="s")
    expected = VsaExpectations(
        digest=signed.subject.digest,
        resource_uri=signed.subject.resource_uri,
        verifiers=(TrustedVerifier(signer="p256", id=VERIFIER_ID),),
        policy_digests=(signed.policy.digest,),
        max_age=timedelta(hours=1),
        now=datetime(2026, 11, 21, 12, 30, tzinfo=UTC),
    )
    assert check_vsa(statement, parse_vsa(statement), verified.signers, expected) == Passed()


def test_an_attestation_is_one_line():
    envelope = attest(STATEMENT, key=private_key("p256"))
    assert envelope.count(b"\n") == 1
    assert envelope.endswith(b"\n")


def test_the_signed_bytes_are_the_serialised_ones_with_their_integers():
    payload = parse_envelope(attest(STATEMENT, key=private_key("p256")), subject="s").payload
    assert json.loads(payload) == STATEMENT
    assert b'"count":1}' in payload


def test_an_ecdsa_signature_is_der_as_other_dsse_verifiers_expect():
    sig = parse_envelope(attest(STATEMENT, key=private_key("p256")), subject="s").signatures[0].sig
    assert sig[0] == 0x30
    assert sig[1] == len(sig) - 2


@pytest.mark.parametrize(
    "changes",
    [
        {"_type": "https://in-toto.io/Statement/v2"},
        {"_type": "https://in-toto.io/Statement/v0.1"},
        {"subject": []},
        {"subject": [{"name": "a"}]},
        {"subject": [{"name": "a", "digest": {"sha256": "xyz"}}]},
        {"predicateType": ""},
        {"predicate": {}},
        {"predicate": [1]},
        {"predicate": {"a": float("nan")}},
        {"predicate": {"a": {1, 2}}},
        {"predicateType": "https://slsa.dev/verification_summary/v1", "predicate": {"verifier": "x"}},
        {"predicateType": "https://in-toto.io/attestation/vulns/v0.2", "predicate": {"scanner": {"result": []}}},
    ],
)
def test_a_statement_that_could_not_be_read_is_never_signed(changes):
    with pytest.raises(ConfigurationError):
        attest(STATEMENT | changes, key=private_key("p256"))


def test_an_algorithm_that_is_not_the_key_s_is_a_configuration_error():
    with pytest.raises(ConfigurationError, match="only with ES256"):
        attest(STATEMENT, key=private_key("p256"), algorithm="RS256")
