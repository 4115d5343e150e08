"""Sigstore bundles: one reading, everything bounded, nothing verified."""

import base64
import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.material import codes
from verifier.core.errors import Refused
from verifier.formats.intoto.attestation_kind import looks_like_bundle
from verifier.formats.sigstore.bundle import (
    MAX_BUNDLE_BYTES,
    MAX_CERTIFICATES,
    MAX_ENTRIES,
    MAX_TIMESTAMPS,
    CertificateChain,
    KeyHint,
    MessageSignature,
    parse_bundle,
)

V01 = "application/vnd.dev.sigstore.bundle+json;version=0.1"
V02 = "application/vnd.dev.sigstore.bundle+json;version=0.2"
V03 = "application/vnd.dev.sigstore.bundle.v0.3+json"
V03_ALT = "application/vnd.dev.sigstore.bundle+json;version=0.3"


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


ROOT_HASH, LOG_ID = b64(b"r" * 32), b"logkey" + b"0" * 26
NOTE = f"log.example - 1\n8\n{ROOT_HASH}\n\n\u2014 log.example {b64(LOG_ID[:4] + b'signature')}\n"
ENTRY = {
    "logIndex": "1007",
    "logId": {"keyId": b64(LOG_ID)},
    "kindVersion": {"kind": "dsse", "version": "0.0.1"},
    "integratedTime": "1700000000",
    "inclusionPromise": {"signedEntryTimestamp": b64(b"promise")},
    "inclusionProof": {
        "logIndex": "7",
        "treeSize": "8",
        "rootHash": ROOT_HASH,
        "hashes": [b64(b"h" * 32)],
        "checkpoint": {"envelope": NOTE},
    },
    "canonicalizedBody": b64(b"{}"),
}
GOOD = {
    "mediaType": V03,
    "verificationMaterial": {
        "certificate": {"rawBytes": b64(b"certificate")},
        "tlogEntries": [ENTRY],
        "timestampVerificationData": {"rfc3161Timestamps": [{"signedTimestamp": b64(b"stamp")}]},
    },
    "dsseEnvelope": {"payload": b64(b"{}"), "payloadType": "t", "signatures": [{"sig": b64(b"s"), "keyid": ""}]},
}
MATERIAL, MESSAGE = GOOD["verificationMaterial"], {"signature": b64(b"s")}
CHAIN = {"x509CertificateChain": {"certificates": [{"rawBytes": b64(b"leaf")}, {"rawBytes": b64(b"issuer")}]}}


def parse(document):
    document = document if isinstance(document, bytes) else json.dumps(document).encode()
    return parse_bundle(document, subject="a.sigstore.json")


def refusal(document):
    with pytest.raises(Refused) as refused:
        parse(document)
    return refused


def changed(path, value, document=GOOD):
    """`document` with `value` at the dotted `path`; `...` takes the field away."""
    document = copy.deepcopy(document)
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    target = document
    for part in parents:
        target = target[part]
    if value is ...:
        del target[last]
    else:
        target[last] = value
    return document


ENTRY_PATH = "verificationMaterial.tlogEntries.0"


def material(media_type, *without, **parts):
    kept = {key: value for key, value in MATERIAL.items() if key not in ("certificate", *without)}
    return GOOD | {"mediaType": media_type, "verificationMaterial": kept | parts}


@pytest.mark.parametrize("media_type", [V03, V03_ALT])
def test_a_bundle_is_taken_apart(media_type):
    bundle = parse(GOOD | {"mediaType": media_type})
    assert (bundle.version, bundle.signature, bundle.timestamps) == ("0.3", b"s", (b"stamp",))
    assert bundle.material == CertificateChain(certificates=(b"certificate",))
    (entry,) = bundle.entries
    assert (entry.log_index, entry.kind, entry.version) == (1007, "dsse", "0.0.1")
    assert (entry.integrated_time, entry.promise) == (1_700_000_000, b"promise")
    assert (entry.proof.log_index, entry.proof.tree_size, entry.proof.checkpoint.note) == (7, 8, NOTE)


def test_older_versions_carry_a_chain():
    for media_type in (V01, V02):
        assert parse(material(media_type, **CHAIN)).material.certificates == (b"leaf", b"issuer")


def test_a_key_is_known_by_its_hint_which_may_be_absent():
    for given_, hint in (({"hint": "k"}, "k"), ({"hint": ""}, None), ({}, None)):
        assert parse(material(V03, publicKey=given_)).material == KeyHint(hint=hint)


def test_a_message_signature_may_say_what_it_is_of():
    plain = {key: value for key, value in GOOD.items() if key != "dsseEnvelope"}
    assert parse(plain | {"messageSignature": MESSAGE}).content == MessageSignature(digest=None, signature=b"s")
    digest = {"algorithm": "SHA2_256", "digest": b64(b"\xab" * 32)}
    stated = parse(plain | {"messageSignature": MESSAGE | {"messageDigest": digest}}).content.digest
    assert str(stated) == "sha256:" + "ab" * 32
    for size in (384, 512):
        longer = {"algorithm": f"SHA2_{size}", "digest": b64(b"\xab" * (size // 8))}
        stated = parse(plain | {"messageSignature": MESSAGE | {"messageDigest": longer}}).content.digest
        assert str(stated) == f"sha{size}:" + "ab" * (size // 8)
    for other in ({"algorithm": "SHA2_512"}, {"algorithm": "SHA3_256"}, {"digest": b64(b"\xab" * 31)}):
        refused = refusal(plain | {"messageSignature": MESSAGE | {"messageDigest": digest | other}})
        assert codes(refused) == ["signature.unsupported"]


def test_fields_that_are_zero_may_be_absent():
    document = changed(f"{ENTRY_PATH}.logIndex", ...)
    assert parse(document).entries[0].log_index == 0
    document = changed(f"{ENTRY_PATH}.inclusionProof.logIndex", ..., document)
    assert parse(document).entries[0].proof.log_index == 0


@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.dev.sigstore.bundle.v0.4+json",
        "application/vnd.dev.sigstore.bundle+json;version=0.4",
        "application/vnd.dev.sigstore.bundle.v0.1+json",
        "application/json",
    ],
)
def test_other_media_types_are_refused(media_type):
    assert codes(refusal(GOOD | {"mediaType": media_type})) == ["signature.unsupported"]


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(material(V03, **CHAIN), id="a chain in 0.3"),
        pytest.param(material(V02, certificate=MATERIAL["certificate"]), id="a certificate in 0.2"),
        pytest.param(material(V03), id="no material"),
        pytest.param(material(V03, certificate=MATERIAL["certificate"], publicKey={}), id="two materials"),
        pytest.param(material(V02, x509CertificateChain={"certificates": []}), id="an empty chain"),
        pytest.param(changed("dsseEnvelope", ...), id="no content"),
        pytest.param(GOOD | {"messageSignature": MESSAGE}, id="two contents"),
        pytest.param(GOOD | {"unheard": 1}, id="an unknown field"),
        pytest.param(changed("dsseEnvelope.unheard", 1), id="an unknown field of the envelope"),
        pytest.param(changed(f"{ENTRY_PATH}.unheard", 1), id="an unknown field of an entry"),
        pytest.param(changed("verificationMaterial.unheard", 1), id="an unknown material"),
        pytest.param(changed(f"{ENTRY_PATH}.logIndex", 7), id="a number that is not a string"),
        pytest.param(changed(f"{ENTRY_PATH}.logIndex", "007"), id="a number with leading zeros"),
        pytest.param(changed(f"{ENTRY_PATH}.logIndex", "-1"), id="a negative number"),
        pytest.param(changed(f"{ENTRY_PATH}.logIndex", str(2**63)), id="a number beyond 63 bits"),
        pytest.param(changed(f"{ENTRY_PATH}.logIndex", "\u0661"), id="a number in other digits"),
        pytest.param(changed("dsseEnvelope.payload", "e30"), id="base64 without padding"),
        pytest.param(changed("dsseEnvelope.payload", "e31="), id="base64 with unused bits"),
        pytest.param(changed("dsseEnvelope.payload", "e3\n0="), id="base64 with a line break"),
        pytest.param(changed("dsseEnvelope.payload", "+_+_"), id="base64 of both alphabets"),
    ],
)
def test_what_is_not_a_bundle_is_refused(document):
    assert codes(refusal(document)) == ["attestation.invalid"]


@pytest.mark.parametrize(
    ("media_type", "without", "code"),
    [
        (V01, "inclusionPromise", "log.entry-invalid"),
        (V02, "inclusionProof", "log.entry-invalid"),
        (V02, "inclusionProof.checkpoint", "log.entry-invalid"),
        (V03, "inclusionProof", "log.entry-invalid"),
        (V03, "inclusionProof.checkpoint", "log.entry-invalid"),
        (V03, "integratedTime", "log.entry-invalid"),
        (V01, "inclusionProof", None),
        (V01, "inclusionProof.checkpoint", None),
        (V02, "inclusionPromise", None),
        (V03, "inclusionPromise", None),
    ],
)
def test_each_version_requires_its_own_evidence_of_a_log_entry(media_type, without, code):
    document = GOOD if media_type == V03 else material(media_type, **CHAIN)
    document = changed(f"{ENTRY_PATH}.{without}", ..., document) | {"mediaType": media_type}
    if code is None:
        assert parse(document).entries
    else:
        assert codes(refusal(document)) == [code]


def note(**changes):
    parts = {"origin": "log.example - 1", "size": "8", "root": ROOT_HASH, "name": "log.example", "hint": LOG_ID[:4]}
    parts |= changes
    line = f"\u2014 {parts['name']} {b64(parts['hint'] + b'signature')}\n"
    return f"{parts['origin']}\n{parts['size']}\n{parts['root']}\n\n{line}"


@pytest.mark.parametrize(
    "text",
    [
        note(size="9"),
        note(size="08"),
        note(root=b64(b"R" * 32)),
        note(root="???"),
        note(name="log.example.org"),
        note(name="log"),
        note(hint=b"else"),
        note(origin=""),
        note().replace("\n\n", "\n"),
        note().rstrip("\n"),
        note() + "\n",
        note() + "not a signature\n",
        note() * 2,
        "\n\n\n",
        "x" * 100_000,
        note() + note().split("\n\n")[1] * 64,
    ],
)
def test_a_checkpoint_that_is_not_the_logs_own_for_this_tree_is_refused(text):
    assert codes(refusal(changed(f"{ENTRY_PATH}.inclusionProof.checkpoint.envelope", text))) == ["log.entry-invalid"]


def test_witnesses_may_sign_a_checkpoint_beside_its_log():
    witnessed = note() + f"\u2014 witness.example {b64(b'hint' + b'signature')}\n"
    checkpoint = (
        parse(changed(f"{ENTRY_PATH}.inclusionProof.checkpoint.envelope", witnessed)).entries[0].proof.checkpoint
    )
    assert [each.name for each in checkpoint.signatures] == ["log.example", "witness.example"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("treeSize", "7"), ("treeSize", "0"), ("rootHash", b64(b"r" * 31)), ("hashes", [b64(b"h" * 33)])],
)
def test_a_proof_that_cannot_be_one_is_refused(field, value):
    assert codes(refusal(changed(f"{ENTRY_PATH}.inclusionProof.{field}", value))) == ["log.entry-invalid"]


def test_an_entry_without_a_time_has_the_index_of_its_proof():
    document = changed(f"{ENTRY_PATH}.integratedTime", ..., changed(f"{ENTRY_PATH}.inclusionPromise", ...))
    assert codes(refusal(document)) == ["log.entry-invalid"]
    assert parse(changed(f"{ENTRY_PATH}.logIndex", "7", document)).entries[0].log_index == 7


def stamps(count):
    return {"rfc3161Timestamps": [{"signedTimestamp": b64(b"%d" % index)} for index in range(count)]}


def many(name, count):
    return changed(f"verificationMaterial.{name}", [MATERIAL[name][0]] * count)


def test_everything_that_can_be_many_is_bounded():
    path = "verificationMaterial.timestampVerificationData"
    assert len(parse(changed(path, stamps(MAX_TIMESTAMPS))).timestamps) == MAX_TIMESTAMPS
    for count in (MAX_TIMESTAMPS + 1, 10_000):
        refused = refusal(changed(path, stamps(count)))
        assert codes(refused) == ["attestation.invalid"]
        assert f"has {count} items, expected at most {MAX_TIMESTAMPS}" in refused.value.reasons[0].message
    assert codes(refusal(many("tlogEntries", MAX_ENTRIES + 1))) == ["attestation.invalid"]
    chain = {"certificates": [{"rawBytes": b64(b"c")}] * (MAX_CERTIFICATES + 1)}
    assert codes(refusal(material(V02, x509CertificateChain=chain))) == ["attestation.invalid"]
    two = [{"sig": b64(b"s")}] * 2
    assert codes(refusal(changed("dsseEnvelope.signatures", two))) == ["attestation.invalid"]
    assert codes(refusal(changed("dsseEnvelope.signatures", []))) == ["signature.missing"]
    hashes = [b64(b"h" * 32)] * 65
    assert codes(refusal(changed(f"{ENTRY_PATH}.inclusionProof.hashes", hashes))) == ["attestation.invalid"]


def test_an_entry_that_comes_twice_is_refused():
    assert codes(refusal(changed("verificationMaterial.tlogEntries", [ENTRY, ENTRY]))) == ["attestation.invalid"]


def test_a_timestamp_that_comes_twice_is_refused():
    twice = {"rfc3161Timestamps": [{"signedTimestamp": b64(b"stamp")}] * 2}
    assert codes(refusal(changed("verificationMaterial.timestampVerificationData", twice))) == ["attestation.invalid"]


def test_a_bundle_of_50_mebibytes_is_refused_before_it_is_read():
    refused = refusal(b" " * (50 * 1024 * 1024))
    assert codes(refused) == ["input.too-large"]
    assert str(MAX_BUNDLE_BYTES) in refused.value.reasons[0].message


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b'{"mediaType":' + b"[" * 100_000, "json.too-deep"),
        (b'{"mediaType": "a", "mediaType": "b"}', "json.duplicate-key"),
        (json.dumps(GOOD | {"MediaType": V02}).encode(), "json.case-variant-key"),
        (json.dumps(GOOD).encode() + b"{}", "json.trailing-data"),
        (b"\xff", "json.invalid"),
        (b"[]", "attestation.invalid"),
        (b"", "json.invalid"),
    ],
)
def test_json_with_two_meanings_is_refused(document, code):
    assert codes(refusal(document)) == [code]


@given(st.binary(max_size=200))
def test_whatever_the_bytes_they_are_read_or_refused(document):
    refusal(document)


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(MATERIAL)), inner, max_size=3),
)


@given(TREES)
def test_whatever_the_material_it_is_read_or_refused(value):
    refusal(GOOD | {"verificationMaterial": value, "dsseEnvelope": None})


def test_a_bundle_is_recognised_without_reading_it():
    assert looks_like_bundle(json.dumps(GOOD).encode())
    assert not looks_like_bundle(json.dumps(GOOD["dsseEnvelope"]).encode())
    assert not looks_like_bundle(b"")
