"""cosign's older bundle says what a Sigstore bundle says, or is a signature alone; whatever else it is, is refused."""

import base64
import json

import pytest

from tests.support.cosign import older, older_keyless
from tests.support.material import codes, public_pem
from tests.support.sigstore_instance import Instance, envelope_of, signature_of
from verifier.core.errors import Refused
from verifier.formats.cosign.older_bundle import parse_older_bundle
from verifier.formats.intoto.dsse import Envelope
from verifier.formats.sigstore.bundle import CertificateChain, KeyHint, parse_bundle

INSTANCE = Instance()
ALONE = older(signature_of("p256", b"artifact"))
KEYLESS = older_keyless(INSTANCE, b"artifact")


def parse(value):
    return parse_older_bundle(value if isinstance(value, bytes) else json.dumps(value).encode(), subject="s")


def refusal(value):
    with pytest.raises(Refused) as refused:
        parse_bundle(parse(value).bundle or b"{}", subject="s")
    return codes(refused)


def logged(**changes):
    payload = KEYLESS["rekorBundle"]["Payload"] | changes
    return KEYLESS | {"rekorBundle": KEYLESS["rekorBundle"] | {"Payload": payload}}


def test_a_signature_alone_is_no_more():
    read = parse(ALONE)
    assert (read.bundle, read.is_envelope) == (None, False)


def test_with_a_certificate_and_a_log_entry_it_is_the_bundle_that_says_the_same():
    read = parse_bundle(parse(KEYLESS).bundle, subject="s")
    assert isinstance(read.material, CertificateChain)
    (entry,) = read.entries
    assert (read.version, entry.kind, entry.log_id) == ("0.1", "hashedrekord", INSTANCE.log_id)
    assert (entry.proof, entry.promise is None) == (None, False)


@pytest.mark.parametrize("spelling", ["pem", "base64"])
def test_the_certificate_is_read_as_pem_and_in_base64(spelling):
    pem = base64.b64decode(KEYLESS["cert"]).decode()
    assert pem.startswith("-----BEGIN CERTIFICATE-----")
    read = parse(KEYLESS | {"cert": pem if spelling == "pem" else KEYLESS["cert"]})
    assert read == parse(KEYLESS)


def test_a_public_key_in_its_place_is_not_looked_at():
    with_key = ALONE | {"cert": base64.b64encode(public_pem("p256-2")).decode()}
    assert parse(with_key) == parse(ALONE)
    entry = {name: KEYLESS[name] for name in ("base64Signature", "rekorBundle")}
    assert isinstance(parse_bundle(parse(with_key | entry).bundle, subject="s").material, KeyHint)


def test_an_attestation_is_the_envelope_that_it_holds():
    envelope = json.dumps(envelope_of()).encode()
    assert parse(older(envelope)).is_envelope
    read = parse_bundle(parse(older(envelope) | {"cert": KEYLESS["cert"]}).bundle, subject="s")
    assert isinstance(read.content, Envelope)


@pytest.mark.parametrize(
    "changes",
    [
        {"base64Signature": None},
        {"base64Signature": ""},
        {"base64Signature": 1},
        {"base64Signature": "****"},
        {"base64Signature": ["QQ=="]},
        {"cert": 1},
        {"cert": "text"},
        {"cert": "QQ=="},
        {"cert": {}},
        {"cert": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"},
        {"cert": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END PUBLIC KEY-----\n"},
        {"cert": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" * 2},
        {"cert": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"},
        {"rekorBundle": []},
        {"rekorBundle": {}},
        {"rekorBundle": {"SignedEntryTimestamp": "QQ=="}},
        {"verified": True},
    ],
)
def test_a_field_that_is_missing_of_another_type_or_unknown_is_refused_and_says_whose_it_is(changes):
    with pytest.raises(Refused) as refused:
        parse(KEYLESS | changes)
    (reason,) = refused.value.reasons
    assert reason.code in ("attestation.invalid", "log.entry-invalid")
    assert "cosign" in reason.message
    assert "cosign bundle create" in reason.hint


@pytest.mark.parametrize(
    "changes",
    [
        {"body": None},
        {"body": "e30="},
        {"body": "QQ=="},
        {"body": {}},
        {"integratedTime": None},
        {"integratedTime": "1"},
        {"integratedTime": -1},
        {"integratedTime": 1.5},
        {"integratedTime": 0},
        {"integratedTime": 2**63},
        {"logIndex": None},
        {"logIndex": True},
        {"logID": None},
        {"logID": "ab"},
        {"logID": "AB" * 32},
        {"logID": "zz" * 32},
        {"more": 1},
    ],
)
def test_a_log_entry_with_a_field_that_is_wrong_is_refused(changes):
    assert set(refusal(logged(**changes))) <= {"attestation.invalid", "log.entry-invalid", "json.invalid"}


@pytest.mark.parametrize("promise", [None, ...])
def test_a_log_entry_without_its_promise_proves_nothing_and_is_refused(promise):
    entry = {"SignedEntryTimestamp": promise, "Payload": KEYLESS["rekorBundle"]["Payload"]}
    if promise is ...:
        del entry["SignedEntryTimestamp"]
    assert refusal(KEYLESS | {"rekorBundle": entry}) == ["log.entry-invalid"]


def test_one_that_is_cut_short_or_doubled_is_refused():
    text = json.dumps(KEYLESS).encode()
    assert refusal(text[:-9]) == ["json.invalid"]
    assert refusal(text + text) == ["json.trailing-data"]
    assert refusal(text.replace(b'"cert"', b'"cert": "", "cert"')) == ["json.duplicate-key"]
    assert refusal(text.replace(b'"cert"', b'"Cert"')) == ["json.case-variant-key"]
    assert refusal([KEYLESS]) == ["attestation.invalid"]
