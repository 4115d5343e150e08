"""Bundles signed with a certificate: who is believed, and when, against an instance of our own."""

import copy
import dataclasses
import json
import subprocess
import sys
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.material import NOW, codes, private_key, signer
from tests.support.sigstore_instance import (
    IDENTITY,
    ISSUER,
    PAYLOAD,
    SIGNED_AT,
    V01,
    V02,
    Instance,
    b64,
    body,
    bundle,
    envelope_of,
    identity,
    keyless,
    message_of,
    pem_of,
    utf8,
)  # fmt: skip
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.signers.keyless import CertificateClaims
from verifier.signatures.interface import SEAL
from verifier.signatures.sigstore import certificates
from verifier.signatures.sigstore.keyless import SigstoreVerifier
from verifier.signatures.sigstore.proof import _require_promised_in_time
from verifier.signatures.sigstore.times import Times
from verifier.signatures.verified import VerifiedDigest, VerifiedPayload

INSTANCE = Instance()
ROOT = INSTANCE.root()
VERIFIER = SigstoreVerifier(ROOT)


def verify(document, *signers, verifier=VERIFIER, digest=None, content=None, now=NOW):
    document = document if isinstance(document, bytes) else json.dumps(document).encode()
    return verifier.verify(
        document, signers=signers or [identity()], digest=digest, content=content, now=now, subject="a.sigstore.json"
    )


def refusal(document, *signers, **given):
    with pytest.raises(Refused) as refused:
        verify(document, *signers, **given)
    return refused


def test_a_certified_identity_that_the_policy_names_is_proven():
    proven = verify(keyless(INSTANCE))
    assert isinstance(proven, VerifiedPayload)
    assert (proven.payload, proven.findings) == (PAYLOAD, ())
    (who,) = proven.signers
    assert (who.name, who.kind, who.algorithm, who.signed_time) == ("ci", "keyless", "ES256", SIGNED_AT)
    assert (who.certificate.issuer, who.certificate.identity) == (ISSUER, IDENTITY)


def test_a_signature_over_an_artifact_gives_its_digest():
    certificate, content = INSTANCE.certificate(), message_of("p256", b"artifact")
    recorded = body("hashedrekord", "0.0.1", content, pem_of(certificate))
    document = bundle(content, certificate, INSTANCE.entry(recorded))
    digest = Digest.of(b"artifact")
    for known in ({"content": b"artifact"}, {"digest": digest}, {"content": b"artifact", "digest": digest}):
        proven = verify(document, **known)
        assert isinstance(proven, VerifiedDigest)
        assert proven.digest == digest
    assert codes(refusal(document, content=b"other")) == ["attestation.subject-mismatch"]
    assert codes(refusal(document, digest=Digest.of(b"other"))) == ["attestation.subject-mismatch"]
    assert codes(refusal(document, content=b"artifact", digest=Digest.of(b"x"))) == ["attestation.subject-mismatch"]
    assert codes(refusal(document)) == ["signature.unsupported"]
    assert codes(refusal(document, digest=Digest(algorithm="sha512", value="ab"))) == ["signature.unsupported"]


def test_an_unstated_digest_does_not_let_another_artifact_through():
    certificate, content = INSTANCE.certificate(), message_of("p256", b"artifact")
    recorded = body("hashedrekord", "0.0.1", content, pem_of(certificate))
    del content["messageDigest"]
    document = bundle(content, certificate, INSTANCE.entry(recorded))
    assert verify(document, content=b"artifact").digest == Digest.of(b"artifact")
    assert codes(refusal(document, content=b"other")) == ["signature.invalid"]


@pytest.mark.parametrize(
    "wanted",
    [
        {"identity": IDENTITY},
        {"identity": "https://forge.example/acme/policies/.forge/release.yml@refs/tags/*"},
        {"identity": "https://forge.example/acme/*"},
    ],
)
def test_an_identity_is_named_exactly_or_as_a_glob(wanted):
    assert verify(keyless(INSTANCE), identity(**wanted)).signers[0].name == "ci"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"identity": IDENTITY + "1"}, f"identity is {IDENTITY!r}, wanted {IDENTITY + '1'!r}"),
        ({"identity": "https://forge.example/*/release.yml"}, "wanted 'https://forge.example/*/release.yml'"),
        ({"issuer": ISSUER + "/"}, f"issuer is {ISSUER!r}, wanted {ISSUER + '/'!r}"),
        ({"claims": (("repository", "https://forge.example/acme/policies"),)}, "repository is absent, wanted"),
    ],
)
def test_another_identity_is_untrusted_and_both_are_named(wanted, said):
    refused = refusal(keyless(INSTANCE), identity(**wanted))
    assert codes(refused) == ["signer.untrusted"]
    assert said in refused.value.reasons[0].message
    assert IDENTITY in refused.value.reasons[0].message


def test_a_glob_never_stands_for_an_issuer():
    assert codes(refusal(keyless(INSTANCE), identity(issuer="https://*"))) == ["signer.untrusted"]


def test_keys_of_the_policy_do_not_prove_an_identity():
    refused = refusal(keyless(INSTANCE), signer("p256"))
    assert codes(refused) == ["signer.untrusted"]
    assert "no keyless signer is allowed here" in refused.value.reasons[0].message


def test_claims_of_the_certificate_must_hold():
    claims = {
        8: utf8(ISSUER),
        12: utf8("https://forge.example/acme/policies"),
        14: utf8("refs/tags/v1"),
        20: utf8("push"),
    }
    document = keyless(INSTANCE, certificate=INSTANCE.certificate(claims=claims))
    own = (("repository", "https://forge.example/acme/policies"), ("ref", "refs/tags/*"), ("trigger", "push"))
    proven = verify(document, identity(claims=own)).signers[0].certificate
    assert (proven.source_repository, proven.source_ref) == ("https://forge.example/acme/policies", "refs/tags/v1")
    for name, value in (("ref", "refs/heads/*"), ("trigger", "workflow_dispatch"), ("runner", "*"), ("unheard", "*")):
        assert codes(refusal(document, identity(claims=(*own, (name, value))))) == ["signer.untrusted"]


def test_a_signer_counts_only_within_its_validity_and_never_once_revoked():
    document = keyless(INSTANCE)
    day = timedelta(days=1)
    assert codes(refusal(document, identity(not_before=SIGNED_AT + timedelta(seconds=1)))) == ["signer.not-yet-valid"]
    assert codes(refusal(document, identity(not_after=NOW - day))) == ["signer.expired"]
    assert codes(refusal(document, identity(not_before=NOW + day))) == ["signer.not-yet-valid"]
    assert codes(refusal(document, identity("a"), identity("b", identity="*", revoked=True))) == ["signer.revoked"]
    assert verify(document, identity("old", not_after=NOW - day), identity("new")).signers[0].name == "new"


def test_one_identity_under_two_names_and_two_certificates_has_one_fingerprint():
    other = keyless(INSTANCE, certificate=INSTANCE.certificate(lifetime=timedelta(minutes=9)))
    first, second = (verify(each).signers[0] for each in (keyless(INSTANCE), other))
    assert first.fingerprint == second.fingerprint
    renamed = verify(other, identity("another")).signers[0]
    assert (renamed.name, renamed.fingerprint) == ("another", first.fingerprint)


def test_without_a_trusted_root_no_certificate_is_believed():
    assert codes(refusal(keyless(INSTANCE), verifier=SigstoreVerifier(None))) == ["certificate.invalid"]


def test_a_certificate_of_another_authority_is_refused():
    impostor = Instance()
    impostor.log_key = INSTANCE.log_key
    assert codes(refusal(keyless(impostor))) == ["certificate.invalid"]


def test_an_entry_of_another_log_is_refused():
    impostor = Instance()
    impostor.authority_key, impostor.authority = INSTANCE.authority_key, INSTANCE.authority
    assert codes(refusal(keyless(impostor))) == ["log.entry-invalid"]
    assert codes(refusal(keyless(impostor, id_=INSTANCE.log_id))) == ["log.entry-invalid"]


def test_a_signature_made_after_the_certificate_expired_is_refused():
    brief = INSTANCE.certificate(lifetime=timedelta(seconds=30))
    assert codes(refusal(keyless(INSTANCE, certificate=brief))) == ["time.untrusted"]


def test_a_proof_without_promise_or_timestamp_leaves_the_time_untrusted():
    assert codes(refusal(keyless(INSTANCE, promise=False))) == ["time.untrusted"]


def test_a_signature_from_the_future_is_refused():
    assert codes(refusal(keyless(INSTANCE), now=SIGNED_AT - timedelta(hours=1))) == ["clock.skew"]


def test_a_promise_alone_is_enough_for_a_bundle_of_version_0_1_only():
    assert verify(keyless(INSTANCE, media_type=V01, proof=False)).signers[0].signed_time == SIGNED_AT
    assert verify(keyless(INSTANCE, media_type=V02)).signers[0].signed_time == SIGNED_AT
    assert codes(refusal(keyless(INSTANCE, media_type=V02, proof=False))) == ["log.entry-invalid"]
    assert codes(refusal(keyless(INSTANCE, media_type=V01, promise=False))) == ["log.entry-invalid"]


def test_without_a_log_entry_a_certificate_is_refused_where_the_root_names_logs():
    assert codes(refusal(bundle(envelope_of(), INSTANCE.certificate()))) == ["log.missing"]


def test_without_a_log_entry_a_certificate_needs_a_timestamp_where_the_root_names_no_logs():
    private = SigstoreVerifier(INSTANCE.root(logs=False))
    assert codes(refusal(bundle(envelope_of(), INSTANCE.certificate()), verifier=private)) == ["time.untrusted"]


AT = "2026-11-20T12:00:00Z"
BEFORE, AFTER = "2026-11-20T11:59:59Z", "2026-11-20T12:00:01Z"


@pytest.mark.parametrize(
    ("window", "holds"),
    [
        ({"start": AT}, True),
        ({"start": "2020-01-01T00:00:00Z", "end": AT}, True),
        ({"start": AT, "end": AT}, True),
        ({"start": AFTER}, False),
        ({"start": "2020-01-01T00:00:00Z", "end": BEFORE}, False),
    ],
)
@pytest.mark.parametrize(
    ("whose", "code"), [("log_window", "log.entry-invalid"), ("authority_window", "certificate.invalid")]
)
def test_a_window_of_validity_counts_with_both_its_ends(window, holds, whose, code):
    verifier = SigstoreVerifier(INSTANCE.root(**{whose: window}))
    if holds:
        assert verify(keyless(INSTANCE), verifier=verifier).signers[0].name == "ci"
    else:
        assert codes(refusal(keyless(INSTANCE), verifier=verifier)) == [code]


OTHER_KEY = pem_of(INSTANCE.certificate(private_key("p256-2")))
SAME_KEY = pem_of(INSTANCE.certificate())


@pytest.mark.parametrize(
    ("kind", "version", "content", "verifier"),
    [
        pytest.param("intoto", "0.0.2", envelope_of(payload=b"{}"), SAME_KEY, id="message"),
        pytest.param("intoto", "0.0.2", envelope_of("p256-2"), SAME_KEY, id="signature"),
        pytest.param("dsse", "0.0.1", envelope_of(), OTHER_KEY, id="key"),
        pytest.param("intoto", "0.0.1", envelope_of(), OTHER_KEY, id="key of intoto 0.0.1"),
        pytest.param("hashedrekord", "0.0.1", message_of("p256", PAYLOAD), SAME_KEY, id="kind"),
    ],
)
def test_an_entry_that_is_about_another_signature_is_refused(kind, version, content, verifier):
    entry = INSTANCE.entry(body(kind, version, content, verifier))
    assert codes(refusal(bundle(envelope_of(), INSTANCE.certificate(), entry))) == ["log.entry-invalid"]


def test_a_proof_that_another_entry_is_in_the_log_is_refused():
    document, other = keyless(INSTANCE), keyless(INSTANCE)  # ECDSA signs with a fresh nonce, so they differ
    (entry,), (another,) = (each["verificationMaterial"]["tlogEntries"] for each in (document, other))
    entry["inclusionProof"] = another["inclusionProof"]
    assert codes(refusal(document)) == ["log.entry-invalid"]


def test_every_entry_must_hold_not_only_the_first():
    document = keyless(INSTANCE)
    entries = document["verificationMaterial"]["tlogEntries"]
    stray = body("intoto", "0.0.2", envelope_of(payload=b"{}"), pem_of(INSTANCE.certificate()))
    entries.append(INSTANCE.entry(stray))
    assert codes(refusal(document)) == ["log.entry-invalid"]


def test_a_root_certificate_in_the_chain_is_refused():
    foreign = Instance().authority.public_bytes(Encoding.DER)
    own = INSTANCE.authority.public_bytes(Encoding.DER)
    for media_type, proof, root in ((V01, True, own), (V02, True, own), (V01, False, foreign), (V02, True, foreign)):
        document = keyless(INSTANCE, media_type=media_type, proof=proof)
        document["verificationMaterial"]["x509CertificateChain"]["certificates"].append({"rawBytes": b64(root)})
        refused = refusal(document)
        assert codes(refused) == ["certificate.invalid"]
        assert "root certificate" in refused.value.reasons[0].message


def test_the_trusted_roots_own_certificate_is_tolerated_where_npms_first_bundles_have_it():
    own = INSTANCE.authority.public_bytes(Encoding.DER)
    document = keyless(INSTANCE, media_type=V01, proof=False)
    document["verificationMaterial"]["x509CertificateChain"]["certificates"].append({"rawBytes": b64(own)})
    assert verify(document).signers[0].name == "ci"


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"names": [x509.UniformResourceIdentifier(IDENTITY), x509.RFC822Name("a@b.example")]}, "2 holders"),
        ({"names": [x509.DNSName("forge.example")]}, "DNSName"),
        ({"claims": {}}, "no issuer"),
        ({"claims": {1: ISSUER.encode(), 8: utf8("https://other.example")}}, "two issuers"),
        ({"claims": {8: ISSUER.encode()}}, "not a UTF8String"),
        ({"claims": {8: utf8(ISSUER) + b"\x00"}}, "followed by more"),
        ({"claims": {8: utf8(ISSUER)[:-1]}}, "cut off"),
        ({"claims": {8: utf8(ISSUER), 14: b"\x0c\x00"}}, "empty"),
        ({"claims": {8: b"\x0c\x81\x05abcde"}}, "shorter"),
        ({"claims": {8: b"\x0c\x80abc\x00\x00"}}, "unknown length"),
        ({"claims": {8: b"\x0c\x02\xff\xfe"}}, "utf-8"),
    ],
)
def test_a_certificate_that_can_be_read_in_two_ways_is_refused(made, said):
    refused = refusal(keyless(INSTANCE, certificate=INSTANCE.certificate(**made)))
    assert codes(refused) == ["certificate.invalid"]
    assert said in refused.value.reasons[0].message


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP256K1()), rsa.generate_private_key(65537, 1024)])  # noqa: S505
def test_a_certificate_for_a_weak_or_unusual_key_is_refused(key):
    refused = refusal(keyless(INSTANCE, certificate=INSTANCE.certificate(key)))
    assert codes(refused) == ["certificate.invalid"]
    assert "the certificate's key is not" in refused.value.reasons[0].message


def test_a_user_name_is_an_identity_too():
    oid = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7")
    named = INSTANCE.certificate(names=[x509.OtherName(oid, utf8("octo!forge.example"))])
    assert verify(keyless(INSTANCE, certificate=named), identity(identity="octo!forge.example")).signers


USER_NAME = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7")


def uri_of(text):
    """A URI as a certificate may have it, whatever `cryptography` would refuse to write."""
    return x509.UniformResourceIdentifier._init_without_validation(text)


@pytest.mark.parametrize("odd", ["\x00", "\n", "\x1b[2K", "\x7f", " "])
def test_an_identity_with_characters_that_do_not_show_is_refused(odd):
    strange = INSTANCE.certificate(names=[uri_of(IDENTITY.replace("@", f"{odd}@"))])
    assert codes(refusal(keyless(INSTANCE, certificate=strange))) == ["certificate.invalid"]


@pytest.mark.parametrize("odd", ["\u202e", "\u200b", "\u0430", "e\u0301", "\u00e9", "\u00a0", "\ufeff"])
def test_a_user_name_with_letters_that_look_like_others_is_refused(odd):
    strange = INSTANCE.certificate(names=[x509.OtherName(USER_NAME, utf8(f"jane{odd}!forge.example"))])
    wanted = identity(identity="*!forge.example")
    assert codes(refusal(keyless(INSTANCE, certificate=strange), wanted)) == ["certificate.invalid"]


@pytest.mark.parametrize(
    "name", [x509.RFC822Name._init_without_validation(IDENTITY), x509.OtherName(USER_NAME, utf8(IDENTITY))]
)
def test_a_name_of_another_kind_that_reads_like_a_uri_is_no_uri(name):
    assert codes(refusal(keyless(INSTANCE, certificate=INSTANCE.certificate(names=[name])))) == ["certificate.invalid"]


def test_an_identity_that_many_have_is_named_in_the_report():
    wide = identity(identity="https://forge.example/acme/*")
    assert [each.code for each in verify(keyless(INSTANCE), wide).findings] == ["signer.wide-identity"]
    assert verify(keyless(INSTANCE)).findings == ()


def test_an_authority_that_had_ended_when_it_was_used_is_no_anchor():
    ended = Instance(authority_ends=SIGNED_AT - timedelta(days=1))
    assert codes(refusal(keyless(ended), verifier=SigstoreVerifier(ended.root()))) == ["certificate.invalid"]


def test_an_authority_that_has_ended_since_is_an_anchor_of_what_was_signed_in_its_time():
    ended = Instance(authority_ends=SIGNED_AT + timedelta(hours=1))
    late = SIGNED_AT + timedelta(days=400)
    assert verify(keyless(ended), verifier=SigstoreVerifier(ended.root()), now=late).signers


@pytest.mark.parametrize(
    ("ahead", "holds"),
    [(timedelta(0), True), (timedelta(days=400), False), (-timedelta(days=1), False), (timedelta(minutes=8), False)],
)
def test_a_promise_to_log_a_certificate_is_made_with_it_and_before_it_is_used(ahead, holds):
    certificate = x509.load_der_x509_certificate(INSTANCE.certificate())
    times = Times(promised=(SIGNED_AT,), stamped=())
    if holds:
        _require_promised_in_time(SIGNED_AT + ahead, certificate, times, "bundle")
        return
    with pytest.raises(Refused) as refused:
        _require_promised_in_time(SIGNED_AT + ahead, certificate, times, "bundle")
    assert codes(refused) == ["certificate.invalid"]


def test_every_claim_that_is_read_is_a_field_of_the_claims():
    assert {*certificates._CLAIMS, "identity", "kind"} == {each.name for each in dataclasses.fields(CertificateClaims)}


def test_the_first_spelling_of_the_issuer_is_read_too():
    first = INSTANCE.certificate(claims={1: ISSUER.encode()})
    assert verify(keyless(INSTANCE, certificate=first)).signers[0].certificate.issuer == ISSUER


def test_an_authoritys_certificate_signs_no_artifact():
    authority = INSTANCE.authority.public_bytes(Encoding.DER)
    refused = refusal(keyless(INSTANCE, certificate=authority))
    assert "authority's" in refused.value.reasons[0].message


def test_another_payload_type_is_not_taken_for_in_toto():
    certificate, content = INSTANCE.certificate(), envelope_of(payload_type="text/plain")
    recorded = body("intoto", "0.0.2", content, pem_of(certificate))
    assert codes(refusal(bundle(content, certificate, INSTANCE.entry(recorded)))) == ["signature.unsupported"]


def leaves(value, path=()):
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, key))
    elif path[-1] != "keyid":  # a hint that nobody signs, and nobody reads here
        yield path, value


GOOD = keyless(INSTANCE)
LEAVES = list(leaves(GOOD))


@settings(max_examples=300)
@given(leaf=st.sampled_from(LEAVES), data=st.data())
def test_a_bundle_with_any_one_field_changed_is_refused(leaf, data):
    path, value = leaf
    position = data.draw(st.integers(0, len(value) - 1))
    other = data.draw(st.characters(min_codepoint=1, max_codepoint=0x2FF).filter(lambda char: char != value[position]))
    document = copy.deepcopy(GOOD)
    target = document
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value[:position] + other + value[position + 1 :]
    assert codes(refusal(document))[0] not in ("signer.untrusted", "internal.error")


@settings(max_examples=60)
@given(leaf=st.sampled_from(LEAVES), value=st.sampled_from([None, 0, "", [], {}, True, "AA==", ["x"]]))
def test_a_bundle_with_a_field_of_another_type_is_refused(leaf, value):
    path, _ = leaf
    document = copy.deepcopy(GOOD)
    target = document
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    if (path[-1], value) == ("logIndex", None):  # zero, as protobuf's JSON leaves it out
        verify(document)
    else:
        refusal(document)


def test_a_digest_that_nobody_signed_is_not_verified_and_nobody_else_says_that_it_is():
    digest = Digest.of(b"")
    with pytest.raises(ValueError, match="nobody signed"):
        VerifiedDigest(digest=digest, signers=(), seal=SEAL)
    with pytest.raises(TypeError, match="only a signature back end"):
        VerifiedDigest(digest=digest, signers=verify(keyless(INSTANCE)).signers, seal=object())


def test_a_light_run_does_not_import_the_library():
    program = (
        "import sys, verifier, verifier.signatures.envelope, verifier.signatures.sigstore.root as root\n"
        "import verifier.formats.sigstore.bundle\n"
        "root.embedded_root('production')\n"
        "heavy = {'sigstore.models', 'sigstore.verify', 'pydantic', 'requests', 'tuf', 'rfc3161_client'}\n"
        "print(*(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "\n", "")
