"""What a transparency log recorded: one reading for every kind of entry, and no other kinds."""

import base64
import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.material import codes, public_pem
from tests.support.sigstore_instance import PAYLOAD, b64, body, envelope_of, message_of
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.formats.sigstore.bundle import LogEntry
from verifier.formats.sigstore.log_record import parse_record

ENVELOPE, MESSAGE, PEM = envelope_of(), message_of("p256", b"artifact"), public_pem("p256")
DER = base64.b64decode(b"".join(PEM.splitlines()[1:-1]))
BODIES = {
    (kind, version): body(kind, version, MESSAGE if kind == "hashedrekord" else ENVELOPE, PEM)
    for kind, version in (
        ("hashedrekord", "0.0.1"),
        ("hashedrekord", "0.0.2"),
        ("dsse", "0.0.1"),
        ("intoto", "0.0.1"),
        ("intoto", "0.0.2"),
    )
}


def parse(recorded, kind, version):
    raw = recorded if isinstance(recorded, bytes) else json.dumps(recorded).encode()
    entry = LogEntry(
        log_index=0, log_id=b"", kind=kind, version=version, integrated_time=None, promise=None, proof=None, body=raw
    )
    return parse_record(entry, subject="a.sigstore.json")


def refusal(recorded, kind="intoto", version="0.0.2"):
    with pytest.raises(Refused) as refused:
        parse(recorded, kind, version)
    return refused


@pytest.mark.parametrize(("kind", "version"), BODIES)
def test_every_kind_records_a_digest_a_signature_and_who_verifies_it(kind, version):
    record = parse(BODIES[kind, version], kind, version)
    signed = kind == "hashedrekord"
    signature = MESSAGE["signature"] if signed else ENVELOPE["signatures"][0]["sig"]
    assert record.covers == ("signed" if signed else "payload")
    assert record.digest == Digest.of(b"artifact" if signed else PAYLOAD)
    assert record.verifier == DER
    assert record.signature == (None if (kind, version) == ("intoto", "0.0.1") else base64.b64decode(signature))


def test_an_entry_must_be_of_the_kind_that_it_says():
    for kind, version in (("dsse", "0.0.2"), ("intoto", "0.0.1"), ("hashedrekord", "0.0.2")):
        assert codes(refusal(BODIES["intoto", "0.0.2"], kind, version)) == ["log.entry-invalid"]


def test_other_kinds_are_refused_by_name():
    refused = refusal({"kind": "rekord", "apiVersion": "0.0.1", "spec": {}}, "rekord", "0.0.1")
    assert codes(refused) == ["log.entry-invalid"]
    assert "'rekord' '0.0.1' are not supported" in refused.value.reasons[0].message


def changed(*path, value):
    document = copy.deepcopy(BODIES["intoto", "0.0.2"])
    target = document
    for key in path[:-1]:
        target = target[key]
    if value is ...:
        del target[path[-1]]
    else:
        target[path[-1]] = value
    return document


SIGNATURE = ("spec", "content", "envelope", "signatures", 0)
REPEATED = ("spec", "content", "envelope", "payload")


def repeating(payload, *, hashed=True):
    """An entry whose envelope has the payload in it, as some clients write it and Rekor leaves it out."""
    document = changed(*REPEATED, value=payload)
    if not hashed:
        del document["spec"]["content"]["payloadHash"]
    return document


@pytest.mark.parametrize("payload", [b64(PAYLOAD), b64(b64(PAYLOAD).encode()), "", None])
def test_an_entry_that_repeats_the_payload_is_read_as_one_that_does_not(payload):
    assert parse(repeating(payload), "intoto", "0.0.2") == parse(BODIES["intoto", "0.0.2"], "intoto", "0.0.2")


@pytest.mark.parametrize("payload", [b64(PAYLOAD), b64(b64(PAYLOAD).encode())])
def test_a_payload_without_its_hash_speaks_for_itself(payload):
    assert parse(repeating(payload, hashed=False), "intoto", "0.0.2").digest == Digest.of(PAYLOAD)


@pytest.mark.parametrize("hashed", [True, False])
@pytest.mark.parametrize("payload", ["!", 7, [], {}, b64(PAYLOAD)[:-1], "\u00fc"])
def test_a_repeated_payload_that_is_none_is_refused(payload, hashed):
    assert codes(refusal(repeating(payload, hashed=hashed))) == ["log.entry-invalid"]


@pytest.mark.parametrize("payload", [PAYLOAD + b" ", b64(PAYLOAD).encode(), b"{}", PAYLOAD[:-1], PAYLOAD * 2])
def test_a_repeated_payload_that_the_hash_is_not_of_is_refused(payload):
    for written in {b64(payload), b64(b64(payload).encode())} - {b64(PAYLOAD), b64(b64(PAYLOAD).encode())}:
        refused = refusal(repeating(written))
        assert codes(refused) == ["log.entry-invalid"]
        assert "envelope.payload is not what canonicalizedBody.spec.content.payloadHash is of" in str(refused.value)


def test_neither_the_payload_nor_its_hash_is_no_record():
    assert codes(refusal(repeating(None, hashed=False))) == ["log.entry-invalid"]


UNREAD = {"dsse": "envelopeHash", "intoto": "hash", "hashedrekord": None}
"""The hash of an envelope as it was encoded: of bytes that no bundle has."""


def objects(value, unread):
    """What an entry is made of, each object of it that is read."""
    if isinstance(value, dict):
        yield value
        for name, each in value.items():
            yield from objects(each, unread) if name != unread else ()
    for each in value if isinstance(value, list) else ():
        yield from objects(each, unread)


@pytest.mark.parametrize(("kind", "version"), BODIES)
def test_an_entry_of_any_kind_with_more_fields_than_it_has_is_refused(kind, version):
    document = copy.deepcopy(BODIES[kind, version])
    tried = list(objects(document, UNREAD[kind]))
    assert len(tried) >= 4
    for inner in tried:
        inner["unheard"] = 1
        assert codes(refusal(document, kind, version)) == ["log.entry-invalid"]
        del inner["unheard"]


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(changed(*SIGNATURE, "sig", value=b64(b"a signature")), id="base64 only once"),
        pytest.param(changed(*SIGNATURE, "publicKey", value=b64(DER)), id="a key that is not PEM"),
        pytest.param(changed(*SIGNATURE, "publicKey", value=b64(PEM + PEM)), id="two keys"),
        pytest.param(changed(*SIGNATURE, "publicKey", value=b64(b"x" + PEM)), id="text before the key"),
        pytest.param(changed(*SIGNATURE[:-1], value=[]), id="no signature"),
        pytest.param(changed(*SIGNATURE[:-1], value=[{}, {}]), id="two signatures"),
        pytest.param(changed("spec", "content", "payloadHash", value=...), id="no payload hash"),
        pytest.param(changed("spec", "content", "payloadHash", "algorithm", value="md5"), id="a weak hash"),
        pytest.param(changed("spec", "content", "payloadHash", "value", value="AB" * 32), id="upper-case hex"),
        pytest.param(changed("spec", "unheard", value=1), id="an unknown field"),
    ],
)
def test_a_record_that_could_be_read_otherwise_is_refused(document):
    assert codes(refusal(document)) == ["log.entry-invalid"]


@given(st.binary(max_size=100))
def test_whatever_the_body_it_is_read_or_refused(recorded):
    refusal(recorded)
