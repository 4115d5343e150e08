"""Reading DSSE envelopes."""

import base64
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.material import codes
from verifier.core.errors import Refused
from verifier.core.limits import MAX_SIGNATURES
from verifier.formats.intoto.dsse import EnvelopeSignature, build_envelope, pae, parse_envelope

SIG = {"keyid": "k", "sig": "AQI="}


def make(**changes):
    envelope = {"payloadType": "t", "payload": "e30=", "signatures": [SIG]} | changes
    return json.dumps(envelope).encode()


def refusal(document):
    with pytest.raises(Refused) as refused:
        parse_envelope(document, subject="s")
    return codes(refused)


def test_the_pae_is_the_specification_s_example():
    signed = pae("http://example.com/HelloWorld", b"hello world")
    assert signed == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_the_pae_counts_bytes_of_a_non_ascii_payload_type():
    # "é" is one character and two bytes; libraries that count characters write 3 here.
    assert pae("t/é", "ü".encode()) == "DSSEv1 4 t/é 2 ü".encode()


def test_the_pae_is_unambiguous_where_the_type_holds_spaces():
    assert pae("a 1 b", b"c") != pae("a", b"b 1 c")


@given(st.text(min_size=1, max_size=20), st.binary(min_size=1, max_size=200), st.binary(min_size=1, max_size=80))
def test_what_is_written_reads_back(kind, payload, sig):
    try:
        kind.encode()
    except UnicodeEncodeError:
        return
    envelope = parse_envelope(build_envelope(kind, payload, [EnvelopeSignature(keyid="k", sig=sig)]), subject="s")
    assert (envelope.payload_type, envelope.payload, envelope.signatures[0].sig) == (kind, payload, sig)


@given(st.binary(min_size=1, max_size=64))
def test_both_alphabets_of_base64_are_accepted(content):
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        assert parse_envelope(make(payload=encode(content).decode()), subject="s").payload == content


@pytest.mark.parametrize("text", ["-_+/", "e30", "e31=", "e3 0=", "e30=\n", "====", "e30==", "é30="])
def test_base64_that_is_mixed_unpadded_or_not_canonical_is_refused(text):
    assert refusal(make(payload=text)) == ["attestation.invalid"]
    assert refusal(make(signatures=[{"sig": text}])) == ["attestation.invalid"]


def test_one_line_of_jsonl_is_an_envelope_and_two_are_not():
    assert parse_envelope(make() + b"\n", subject="s").payload == b"{}"
    assert refusal(make() + b"\n" + make()) == ["json.trailing-data"]


def test_an_envelope_without_signatures_is_refused():
    assert refusal(make(signatures=[])) == ["signature.missing"]


def test_more_signatures_than_allowed_are_refused():
    assert parse_envelope(make(signatures=[SIG] * MAX_SIGNATURES), subject="s")
    assert refusal(make(signatures=[SIG] * (MAX_SIGNATURES + 1))) == ["attestation.invalid"]


def test_an_unknown_field_is_ignored_as_the_specification_demands():
    assert parse_envelope(make(comment=1, signatures=[SIG | {"cert": "x"}]), subject="s").signatures[0].keyid == "k"


@pytest.mark.parametrize("key", ["Payload", "payloadtype", "\u017fignatures"])
def test_a_case_variant_key_is_refused(key):
    assert refusal(make(**{key: "x"})) == ["json.case-variant-key"]


def test_a_duplicate_key_is_refused():
    document = make().replace(b'"payload":', b'"payload": "AA==", "payload":')
    assert refusal(document) == ["json.duplicate-key"]


@pytest.mark.parametrize(
    "changes",
    [
        {"payload": 5},
        {"payload": ""},
        {"payload": None},
        {"payloadType": ""},
        {"signatures": {}},
        {"signatures": ["x"]},
        {"signatures": [{}]},
        {"signatures": [{"sig": ""}]},
        {"signatures": [{"sig": "AQI=", "keyid": 1}]},
        {"signatures": [{"sig": "AQI=", "keyid": "k" * 1025}]},
    ],
)
def test_a_field_of_the_wrong_type_is_refused(changes):
    assert refusal(make(**changes)) == ["attestation.invalid"]


@pytest.mark.parametrize("document", [b"[]", b'"x"', b"1"])
def test_a_document_that_is_no_object_is_refused(document):
    assert refusal(document) == ["attestation.invalid"]


@pytest.mark.parametrize("keyid", [{}, {"keyid": ""}, {"keyid": None}])
def test_an_absent_key_id_is_empty(keyid):
    assert parse_envelope(make(signatures=[{"sig": "AQI="} | keyid]), subject="s").signatures[0].keyid == ""


@given(st.binary(max_size=120))
def test_any_bytes_parse_or_are_refused(document):
    with suppress(Refused):
        parse_envelope(document, subject="s")
