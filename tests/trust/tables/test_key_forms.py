"""Keys of a policy, in whatever form their files are: one signer, one effective rule, one set of messages."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives import serialization

from tests.support.material import NOW, b64, private_key, private_pem, public_pem
from verifier.core.errors import ConfigurationError
from verifier.trust.adhoc import AdHocFlags, policy_from_flags
from verifier.trust.effective import rule_digest
from verifier.trust.weaknesses import weaknesses
from verifier.trust.words import explain_policy

POLICY = """\
version = 1
id = "urn:example:policy"
[signers.a]
key = "{key}"
{more}
[artifacts."bundle:authz"]
signatures = {{ from = ["a"] }}
version = "none"
"""
TWO = """\
version = 1
id = "urn:example:policy"
signers.a.key = "a.jwk"
signers.b.key = "a.pub"
[artifacts."bundle:authz"]
signatures = { from = ["a", "b"], threshold = 2 }
version = "none"
"""


def jwk(name="p256", **members):
    at = private_key(name).public_key().public_numbers()
    own = {"kty": "EC", "crv": "P-256", "x": b64(at.x.to_bytes(32, "big")), "y": b64(at.y.to_bytes(32, "big"))}
    return json.dumps(own | members).encode()


def rsa_jwk(**members):
    at = private_key("rsa").public_key().public_numbers()
    return json.dumps({"kty": "RSA", "n": b64(at.n.to_bytes(256, "big")), "e": "AQAB"} | members).encode()


@pytest.fixture
def keyed(parse, files):
    def keyed(content, more="", source=POLICY):
        files["k"] = content
        return parse(source.format(key="k", more=more))

    return keyed


def openssh(name="p256"):
    key = private_key(name).public_key()
    return key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)


@pytest.mark.parametrize("content", [jwk(kid="x", alg="ES256"), openssh(), b"text\r\n" + public_pem("p256")])
def test_the_effective_rule_is_of_the_key_and_not_of_its_form(keyed, content):
    digests = {rule_digest(policy, policy.artifacts[0]) for policy in (keyed(public_pem("p256")), keyed(content))}
    assert len(digests) == 1


def test_the_digest_of_flags_is_of_the_key_and_not_of_its_form():
    digests = {policy_from_flags(AdHocFlags(keys=(("k", each),))).digest for each in (public_pem("p256"), openssh())}
    assert len(digests) == 1


def test_one_key_in_two_forms_signs_once(parse, files):
    files |= {"a.jwk": jwk(), "a.pub": public_pem("p256")}
    with pytest.raises(ConfigurationError, match="distinct key"):
        parse(TWO)


def test_one_key_in_two_forms_of_flags_signs_once():
    with pytest.raises(ConfigurationError, match="distinct keys"):
        policy_from_flags(AdHocFlags(keys=(("a", jwk()), ("b", public_pem("p256"))), threshold=2))


def test_a_jwk_is_for_what_it_says(keyed):
    assert keyed(rsa_jwk(alg="PS256")).signers["a"].algorithms == ("PS256",)
    with pytest.raises(ConfigurationError, match="RS256, and the key's file that it is for PS256"):
        keyed(rsa_jwk(alg="PS256"), 'algorithms = ["RS256"]')


def test_flags_cannot_make_a_jwk_be_for_something_else():
    with pytest.raises(ConfigurationError, match="RS256, and the key's file that it is for PS256") as caught:
        policy_from_flags(AdHocFlags(keys=(("k", rsa_jwk(alg="PS256")),), algorithm="RS256"))
    assert caught.value.where == "--algorithm"


def test_what_counts_for_nothing_is_said(keyed):
    assert any("kid 'x' counts for nothing" in each for each in explain_policy(keyed(jwk(kid="x"))))


@pytest.mark.parametrize("content", [b"", private_pem("p256"), public_pem("p256") * 2, public_pem("p256")[:-40]])
def test_a_policy_and_flags_refuse_in_the_same_words(keyed, content):
    with pytest.raises(ConfigurationError) as by_policy:
        keyed(content)
    with pytest.raises(ConfigurationError) as by_flags:
        policy_from_flags(AdHocFlags(keys=(("k", content),)))
    assert by_flags.value.hint == by_policy.value.hint != ""
    assert by_flags.value.message.removeprefix("'k' ") in by_policy.value.message
    assert by_policy.value.where == "trust.toml:4"


@pytest.mark.parametrize(
    "secret", [public_pem("p256"), openssh(), jwk(), b'{"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1z"}']
)
def test_a_public_key_is_no_shared_secret(parse, files, secret):
    files["k"] = secret
    policy = POLICY.format(key="k", more='algorithms = ["HS256"]').replace("key =", "secret =")
    with pytest.raises(ConfigurationError, match="expected a shared secret"):
        parse(policy)
    with pytest.raises(ConfigurationError, match="expected a shared secret"):
        policy_from_flags(AdHocFlags(keys=(("k", secret),), algorithm="HS256"))


def test_a_point_off_its_curve_is_named_where_the_policy_is_checked(keyed):
    der = serialization.load_pem_public_key(public_pem("p256")).public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    body = base64.b64encode(der[:-1] + bytes([der[-1] ^ 1])).decode()
    pem = f"-----BEGIN PUBLIC KEY-----\n{body[:64]}\n{body[64:]}\n-----END PUBLIC KEY-----\n".encode()
    assert any("does not lie on P-256" in str(each) for each in weaknesses(keyed(pem), NOW))
