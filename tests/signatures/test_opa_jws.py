"""OPA's signatures: one attack, one test, one code."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.material import (
    ASYMMETRIC,
    FILES,
    NOW,
    b64,
    codes,
    document,
    key_for,
    private_key,
    public_pem,
    signer,
    token,
)
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.reading import ReadingMode
from verifier.core.signers.keyless import KeylessIdentity
from verifier.core.signers.signer import Signer
from verifier.signatures.keys import fingerprint, sign
from verifier.signatures.opa_jws import verify_opa_signatures

RSA = signer("rsa")
P256 = signer("p256")
SECRET = Signer(name="shared", kid="shared", secret=b"s3cret", algorithms=("HS256",))
SIGNED = document(token("p256", "ES256", claims={"files": FILES, "scope": "s"}))
SECONDS = int(NOW.timestamp())


def verify(signatures, *signers, now=NOW, mode=ReadingMode.STRICT):
    return verify_opa_signatures(signatures, signers=signers or (RSA,), now=now, mode=mode, subject=".signatures.json")


def refusal(signatures, *signers, **options):
    with pytest.raises(Refused) as refused:
        verify(signatures, *signers, **options)
    return codes(refused)


@pytest.mark.parametrize("algorithm", ASYMMETRIC)
def test_every_algorithm_of_a_key_verifies(algorithm):
    name = key_for(algorithm)
    proven = verify(document(token(name, algorithm)), signer(name, algorithms=(algorithm,)))
    assert (proven.signer.name, proven.signer.kind, proven.signer.algorithm) == (name, "key", algorithm)
    assert proven.signer.fingerprint == fingerprint(private_key(name).public_key())


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_hmac_verifies_where_the_policy_names_it(algorithm):
    shared = Signer(name="shared", kid="shared", secret=b"s3cret", algorithms=(algorithm,))
    proven = verify(document(token("shared", algorithm, secret=b"s3cret")), shared)
    assert (proven.signer.kind, proven.signer.algorithm) == ("hmac", algorithm)


def test_hmac_without_a_named_algorithm_is_a_configuration_error():
    shared = Signer(name="shared", kid="shared", secret=b"s3cret")
    with pytest.raises(ConfigurationError, match="names its algorithms"):
        verify(document(token("shared", "HS256", secret=b"s3cret")), shared)


def test_a_hmac_under_another_secret_is_refused():
    assert refusal(document(token("shared", "HS256", secret=b"other")), SECRET) == ["signature.invalid"]


def test_the_claims_are_handed_on():
    claims = {"files": FILES, "scope": "write", "keyid": "rsa", "iat": SECONDS, "exp": SECONDS + 60, "team": "x"}
    proven = verify(document(token(claims=claims), plugin="_default"))
    assert [file.name for file in proven.files] == [".manifest", "authz/policy.rego"]
    assert (proven.scope, proven.keyid, proven.signed_time, proven.findings) == ("write", "rsa", NOW, ())
    assert proven.expires == NOW + timedelta(seconds=60)
    assert proven.signer.signed_time == NOW


def test_rsa_public_key_used_as_a_hmac_secret_is_refused():
    confused = token("rsa", "HS256", secret=public_pem("rsa"))
    assert refusal(document(confused)) == ["signature.algorithm-mismatch"]


def test_algorithm_none_is_refused():
    header, payload, _ = token(header={"alg": "none", "kid": "rsa"}).split(".")
    assert refusal(document(f"{header}.{payload}.")) == ["signature.unsupported"]


@pytest.mark.parametrize("algorithm", ["RS512", "PS256"])
def test_another_algorithm_of_the_same_key_is_refused(algorithm):
    assert refusal(document(token("rsa", algorithm))) == ["signature.algorithm-mismatch"]


def test_a_header_that_names_another_algorithm_than_signed_with_is_refused():
    lying = token("rsa", "PS256", header={"alg": "RS256", "kid": "rsa"})
    assert refusal(document(lying)) == ["signature.invalid"]


def test_a_policy_that_names_an_algorithm_of_another_key_type_is_a_configuration_error():
    with pytest.raises(ConfigurationError, match="cannot be for ES256"):
        verify(document(token()), signer("rsa", algorithms=("ES256",)))


def test_a_der_ecdsa_signature_is_refused_in_a_jws():
    key = private_key("p256")
    header, payload, _ = token("p256", "ES256").split(".")
    der = sign(key, "ES256", f"{header}.{payload}".encode(), raw_ecdsa=False)
    assert refusal(document(f"{header}.{payload}.{b64(der)}"), P256) == ["signature.invalid"]


@pytest.mark.parametrize("kid", ["default", "rsa-2", "../../rsa"])
def test_a_signer_counts_by_its_key_whatever_the_key_id_says(kid):
    named = document(token(header={"alg": "RS256", "kid": kid}))
    assert verify(named, signer("rsa-2"), RSA).signer.name == "rsa"
    assert refusal(named, signer("rsa-2"))[0] in {"signer.untrusted", "signature.invalid"}


def test_a_key_id_that_is_pinned_must_be_the_signer_s():
    pinned = [signer("rsa", pin_kid=True), signer("rsa-2", pin_kid=True)]
    assert verify(document(token()), *pinned).signer.name == "rsa"
    unknown = token(header={"alg": "RS256", "kid": "default"})
    assert refusal(document(unknown), *pinned) == ["signer.untrusted"]
    swapped = token("rsa", header={"alg": "RS256", "kid": "rsa-2"})
    assert refusal(document(swapped), *pinned) == ["signature.invalid"]


def test_keys_that_take_turns_may_share_a_key_id():
    both = [signer("new", "rsa-2", kid="default"), signer("old", "rsa", kid="default")]
    for key, name in (("rsa", "old"), ("rsa-2", "new")):
        assert verify(document(token(key, header={"alg": "RS256", "kid": "default"})), *both).signer.name == name


def test_a_key_id_of_nobody_with_a_stranger_s_key_is_a_stranger_s():
    unknown = token("rsa-2", header={"alg": "RS256", "kid": "stranger"})
    assert refusal(document(unknown)) == ["signer.untrusted"]


def test_header_kid_and_claim_keyid_that_differ_are_refused():
    split = token(claims={"files": FILES, "keyid": "rsa-2"})
    assert refusal(document(split), RSA, signer("rsa-2")) == ["signature.invalid"]


def test_the_claim_keyid_selects_where_the_header_has_none():
    old = token(header={"alg": "RS256"}, claims={"files": FILES, "keyid": "rsa"})
    assert verify(document(old), signer("rsa-2"), RSA).signer.name == "rsa"
    assert refusal(document(old), signer("rsa-2")) == ["signer.untrusted"]


def test_without_a_key_id_every_signer_is_tried():
    anonymous = token(header={"alg": "RS256"})
    assert verify(document(anonymous), signer("rsa-2"), P256, RSA).signer.name == "rsa"
    assert refusal(document(anonymous), signer("rsa-2"), P256) == ["signature.invalid"]


def test_a_signer_of_the_command_line_answers_to_any_key_id():
    named = token(header={"alg": "RS256", "kid": "default"})
    assert verify(document(named), signer("key.pem", "rsa", answers_any_kid=True)).signer.name == "key.pem"


def test_no_signers_trust_nobody():
    with pytest.raises(Refused) as refused:
        verify_opa_signatures(document(token()), signers=(), now=NOW, mode=ReadingMode.STRICT, subject="s")
    assert codes(refused) == ["signer.untrusted"]


def test_a_keyless_identity_is_never_proven_by_a_key():
    keyless = Signer(name="rsa", kid="rsa", keyless=KeylessIdentity(issuer="i", identity="*"))
    assert refusal(document(token()), keyless) == ["signer.untrusted"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"revoked": True}, "signer.revoked"),
        ({"not_after": NOW - timedelta(seconds=1)}, "signer.expired"),
        ({"not_before": NOW + timedelta(seconds=1)}, "signer.not-yet-valid"),
    ],
)
def test_a_signer_who_may_not_be_believed_now_is_refused(changes, code):
    assert refusal(document(token()), signer("rsa", **changes)) == [code]


def test_validity_ends_are_inclusive():
    assert verify(document(token()), signer("rsa", not_before=NOW, not_after=NOW))


def test_an_expired_signer_is_not_blamed_for_a_signature_that_is_not_its_own():
    forged = token("rsa-2", header={"alg": "RS256", "kid": "rsa"})
    assert refusal(document(forged), signer("rsa", revoked=True)) == ["signature.invalid"]


def test_a_key_revoked_under_one_name_is_revoked_under_every_name():
    alias = signer("alias", "rsa", kid="rsa")
    retired = signer("retired", "rsa", kid="old", revoked=True)
    assert set(refusal(document(token()), alias, retired)) == {"signer.revoked"}


def test_a_key_expired_under_one_name_counts_under_another():
    expired = signer("expired", "rsa", kid="rsa", not_after=NOW - timedelta(days=1))
    assert verify(document(token()), expired, RSA).signer.name == "rsa"


def test_an_expired_signature_is_refused():
    claims = {"files": FILES, "exp": SECONDS}
    assert refusal(document(token(claims=claims))) == ["freshness.expired"]
    assert verify(document(token(claims=claims)), now=NOW - timedelta(seconds=1))


def test_a_signature_from_the_future_is_refused():
    claims = {"files": FILES, "nbf": SECONDS + 1}
    assert refusal(document(token(claims=claims))) == ["freshness.not-yet-valid"]
    assert verify(document(token(claims=claims)), now=NOW + timedelta(seconds=1))


def test_all_reasons_are_listed():
    claims = {"files": FILES, "exp": SECONDS - 1, "nbf": SECONDS + 1}
    revoked = signer("rsa", revoked=True)
    expected = ["signer.revoked", "freshness.expired", "freshness.not-yet-valid"]
    assert refusal(document(token(claims=claims)), revoked) == expected


@pytest.mark.parametrize("value", [True, "1", -1, [], 1e300, 10**30])
@pytest.mark.parametrize("claim", ["iat", "exp", "nbf"])
def test_a_time_that_is_none_is_refused(claim, value):
    assert refusal(document(token(claims={"files": FILES, claim: value}))) == ["signature.invalid"]


def test_a_changed_payload_is_refused():
    header, _, signature = token().split(".")
    other = b64(json.dumps({"files": FILES[:1]}).encode())
    assert refusal(document(f"{header}.{other}.{signature}")) == ["signature.invalid"]


@pytest.mark.parametrize("signature", ["", "AA", b64(b"\x00" * 256)])
def test_a_replaced_signature_is_refused(signature):
    header, payload, _ = token().split(".")
    assert refusal(document(f"{header}.{payload}.{signature}")) == ["signature.invalid"]


def test_duplicate_payload_keys_are_refused():
    doubled = b'{"files":[],"files":' + json.dumps(FILES).encode() + b"}"
    assert refusal(document(token(claims=doubled))) == ["json.duplicate-key"]


@pytest.mark.parametrize("key", ["Files", "KEYID", "Scope", "\u017fcope", "Exp"])
@pytest.mark.parametrize("mode", list(ReadingMode))
def test_case_variant_payload_keys_are_refused_in_every_mode(key, mode):
    assert refusal(document(token(claims={"files": FILES, key: "x"})), mode=mode) == ["json.case-variant-key"]


def test_a_case_variant_key_in_a_file_is_refused():
    files = [FILES[0] | {"Hash": "00" * 32}]
    assert refusal(document(token(claims={"files": files}))) == ["json.case-variant-key"]


def test_trailing_bytes_after_the_payload_are_refused():
    claims = json.dumps({"files": FILES}).encode() + b"{}"
    assert refusal(document(token(claims=claims))) == ["json.trailing-data"]


def test_a_file_listed_twice_is_refused_and_in_opa_compat_the_last_counts():
    files = [*FILES, FILES[0] | {"hash": "ee" * 32}]
    signatures = document(token(claims={"files": files}))
    assert refusal(signatures) == ["digest.extra"]
    proven = verify(signatures, mode=ReadingMode.OPA_COMPAT)
    assert [file.hash for file in proven.files] == ["ee" * 32, "cd" * 32]
    assert [(each.code, each.severity) for each in proven.findings] == [("digest.extra", "warning")]


def test_the_reasons_of_a_hostile_signature_are_bounded():
    files = [FILES[0] | {"name": str(n // 2)} for n in range(1000)]
    assert len(refusal(document(token(claims={"files": files})))) == 100


@pytest.mark.parametrize("empty", [{"scope": ""}, {"scope": None}, {"keyid": ""}, {}])
def test_an_empty_scope_or_key_id_is_none_as_opa_reads_it(empty):
    proven = verify(document(token(header={"alg": "RS256", "kid": ""}, claims={"files": FILES} | empty)))
    assert (proven.scope, proven.keyid) == (None, None)


@pytest.mark.parametrize(
    "file",
    [
        "x",
        {},
        FILES[0] | {"hash": 5},
        FILES[0] | {"algorithm": None},
        FILES[0] | {"size": 5},
    ],
)
def test_a_file_of_the_wrong_shape_is_refused(file):
    assert refusal(document(token(claims={"files": [file]}))) == ["signature.invalid"]


@pytest.mark.parametrize(
    "claims",
    [{}, {"files": None}, {"files": {}}, {"files": FILES, "scope": 5}, {"files": [], "keyid": "k" * 1025}, b"[]", b"7"],
)
def test_a_payload_of_the_wrong_shape_is_refused(claims):
    assert refusal(document(token(claims=claims))) == ["signature.invalid"]


def test_a_payload_that_excludes_files_is_refused():
    assert refusal(document(token(claims={"files": FILES, "exclude_files": ["*"]}))) == ["signature.unsupported"]


def test_an_empty_list_of_signatures_is_refused():
    assert refusal(document()) == ["signature.missing"]


def test_a_second_signature_is_refused_even_when_the_first_is_good():
    assert refusal(document(token(), token())) == ["signature.unsupported"]


def test_a_foreign_plugin_is_refused():
    assert refusal(document(token(), plugin="evil")) == ["signature.unsupported"]


def test_an_unknown_field_beside_the_signatures_is_refused_and_a_warning_in_opa_compat():
    signatures = document(token(), exclude_files=["x"])
    assert refusal(signatures) == ["signature.unsupported"]
    assert [each.code for each in verify(signatures, mode=ReadingMode.OPA_COMPAT).findings] == ["signature.unsupported"]


def test_a_case_variant_of_signatures_is_refused():
    assert refusal(document(token(), Signatures=[token("rsa-2")])) == ["json.case-variant-key"]


def test_duplicate_signatures_keys_are_refused_in_every_mode():
    doubled = b'{"signatures":["x"],' + document(token())[1:]
    for mode in ReadingMode:
        assert refusal(doubled, mode=mode) == ["json.duplicate-key"]


def test_bytes_after_the_document_are_refused_and_a_warning_in_opa_compat():
    trailed = document(token()) + b"{}"
    assert refusal(trailed) == ["json.trailing-data"]
    assert [each.code for each in verify(trailed, mode=ReadingMode.OPA_COMPAT).findings] == ["json.trailing-data"]


@pytest.mark.parametrize(
    "signatures", [b"[]", b'{"signatures":{}}', b'{"signatures":[5]}', b'{"signatures":[""]}', b"{}"]
)
def test_a_document_of_the_wrong_shape_is_refused(signatures):
    assert refusal(signatures) == ["signature.invalid"]


def test_another_algorithm_in_the_header_is_a_warning_in_opa_compat_and_the_key_s_own_decides():
    lying = document(token("rsa", "RS256", header={"alg": "none", "kid": "rsa"}))
    proven = verify(lying, mode=ReadingMode.OPA_COMPAT)
    assert proven.signer.algorithm == "RS256"
    assert [(each.code, each.severity) for each in proven.findings] == [("signature.algorithm-mismatch", "warning")]


def test_opa_compat_still_refuses_a_hmac_made_with_the_public_key():
    confused = document(token("rsa", "HS256", secret=public_pem("rsa")))
    assert refusal(confused, mode=ReadingMode.OPA_COMPAT) == ["signature.invalid"]


def test_a_document_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr("verifier.signatures.opa_jws.MAX_DOCUMENT_BYTES", 100)
    assert refusal(document(token())) == ["input.too-large"]


@settings(max_examples=150)
@given(st.data())
def test_flipping_any_bit_never_verifies_to_something_else(data):
    expected = verify(SIGNED, P256)
    spoiled = bytearray(SIGNED)
    spoiled[data.draw(st.integers(0, len(spoiled) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    for mode in ReadingMode:
        with suppress(Refused):
            proven = verify(bytes(spoiled), P256, mode=mode)
            assert (proven.files, proven.scope, proven.signer) == (expected.files, "s", expected.signer)


@given(st.binary(max_size=100))
def test_any_bytes_verify_or_are_refused(content):
    assert refusal(content)


@pytest.mark.parametrize("kid", ["rsa", "default", None])
@pytest.mark.parametrize("algorithm", ["PS256", "PS512", "RS512"])
def test_the_right_key_with_another_algorithm_is_named_with_the_line_to_write(kid, algorithm):
    header = {"alg": algorithm, **({"kid": kid} if kid else {})}
    with pytest.raises(Refused) as refused:
        verify(document(token("rsa", algorithm, header=header)))
    (reason,) = refused.value.reasons
    assert reason.code == "signature.algorithm-mismatch"
    assert f'algorithms = ["{algorithm}"]' in reason.hint
    assert f"--algorithm {algorithm}" in reason.hint


def test_a_stranger_s_key_with_another_algorithm_is_a_stranger_s():
    stranger = document(token("rsa-other", "PS256", header={"alg": "PS256", "kid": "default"}))
    with pytest.raises(Refused) as refused:
        verify(stranger)
    assert codes(refused) == ["signer.untrusted"]
    assert "OPA writes" in refused.value.reasons[0].message


def salted(length, key="rsa"):
    signed = token("rsa", "PS256", header={"alg": "PS256"}).rpartition(".")[0]
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=length)
    return document(f"{signed}.{b64(private_key(key).sign(signed.encode(), pss, hashes.SHA256()))}")


@pytest.mark.parametrize("algorithms", [("PS256",), ("RS256",)])
@pytest.mark.parametrize("length", [0, 20, padding.PSS.MAX_LENGTH])
def test_a_salt_that_older_releases_of_opa_made_is_named(length, algorithms):
    with pytest.raises(Refused) as refused:
        verify(salted(length), signer("rsa", algorithms=algorithms))
    assert codes(refused) == ["signature.unsupported"]
    assert "OPA before 1.22" in refused.value.reasons[0].message


def test_a_stranger_s_salt_is_a_stranger_s():
    assert refusal(salted(padding.PSS.MAX_LENGTH, "rsa-other"), signer("rsa", algorithms=("PS256",))) == [
        "signature.invalid"
    ]
    assert verify(salted(32), signer("rsa", algorithms=("PS256",))).signer.algorithm == "PS256"
