"""Keys: which are acceptable, and what each algorithm means."""

from contextlib import suppress

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, rsa, x25519
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.material import ASYMMETRIC, key_for, private_key, private_pem, public_pem
from verifier.core.errors import ConfigurationError
from verifier.signatures import keys

PUBLIC = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
PRIVATE = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)


def refusal(pem):
    with pytest.raises(ConfigurationError) as caught:
        keys.load_public_key(pem, where="signers.x")
    assert caught.value.where == "signers.x"
    return caught.value.message


@pytest.mark.parametrize("algorithm", ASYMMETRIC)
def test_every_algorithm_verifies_what_it_signed_and_nothing_else(algorithm):
    name = key_for(algorithm)
    key = private_key(name)
    public = keys.load_public_key(public_pem(name), where="k")
    signature = keys.sign(key, algorithm, b"message", raw_ecdsa=True)
    assert keys.verify(public, algorithm, b"message", signature)
    assert not keys.verify(public, algorithm, b"massage", signature)
    assert not keys.verify(private_key(f"{name}-2").public_key(), algorithm, b"message", signature)
    others = [other for other in ASYMMETRIC if other != algorithm]
    assert not any(keys.verify(public, other, b"message", signature) for other in others)


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "ES512"])
def test_der_is_accepted_only_where_it_is_asked_for(algorithm):
    key = private_key(key_for(algorithm))
    der = keys.sign(key, algorithm, b"m", raw_ecdsa=False)
    raw = keys.sign(key, algorithm, b"m", raw_ecdsa=True)
    assert not keys.verify(key.public_key(), algorithm, b"m", der)
    assert keys.verify(key.public_key(), algorithm, b"m", der, accept_der=True)
    assert keys.verify(key.public_key(), algorithm, b"m", raw, accept_der=True)


@pytest.mark.parametrize("signature", [b"", b"\x00" * 64, b"\xff" * 64, b"\x00" * 63, b"0" * 65])
@pytest.mark.parametrize("accept_der", [False, True])
def test_degenerate_ecdsa_signatures_do_not_verify(signature, accept_der):
    public = private_key("p256").public_key()
    assert not keys.verify(public, "ES256", b"m", signature, accept_der=accept_der)


def test_a_raw_signature_with_its_leading_zeros_cut_does_not_verify():
    key = private_key("p521")
    signature = keys.sign(key, "ES512", b"m", raw_ecdsa=True)
    assert signature[0] in (0, 1)
    assert not keys.verify(key.public_key(), "ES512", b"m", signature[1:])


def test_an_unknown_algorithm_never_verifies():
    public = private_key("rsa").public_key()
    assert not any(keys.verify(public, name, b"m", b"") for name in ("none", "", "HS256", "RS1", "rs256"))


def test_signing_with_an_algorithm_that_is_not_the_key_s_is_a_configuration_error():
    with pytest.raises(ConfigurationError, match="only with ES256"):
        keys.sign(private_key("p256"), "RS256", b"m", raw_ecdsa=True)


def test_a_private_key_given_as_a_public_one_is_named_and_not_repeated():
    message = refusal(private_pem("p256"))
    assert "private key" in message
    assert private_pem("p256").splitlines()[1].decode() not in message


def test_a_short_rsa_key_is_refused():
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - what is refused
    assert "1024 bits" in refusal(weak.public_key().public_bytes(*PUBLIC))


@pytest.mark.parametrize("curve", [ec.SECP256K1(), ec.SECP224R1(), ec.BrainpoolP256R1()])
def test_another_curve_is_refused(curve):
    assert "P-256" in refusal(ec.generate_private_key(curve).public_key().public_bytes(*PUBLIC))


@pytest.mark.parametrize("make", [ed448.Ed448PrivateKey.generate, x25519.X25519PrivateKey.generate])
def test_another_key_type_is_refused(make):
    key = make()
    assert "not supported" in refusal(key.public_key().public_bytes(*PUBLIC))
    pem = key.private_bytes(*PRIVATE, serialization.NoEncryption())
    with pytest.raises(ConfigurationError, match="not supported"):
        keys.load_private_key(pem, passphrase=None, where="k")


def test_dsa_is_refused():
    parameters = dsa.generate_parameters(1024)
    assert "not supported" in refusal(parameters.generate_private_key().public_key().public_bytes(*PUBLIC))


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"junk",
        b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n",
        b"-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n",
        b"-----BEGIN PUBLIC KEY-----\n",
    ],
)
def test_what_is_no_public_key_is_refused(pem):
    assert refusal(pem)


def test_two_public_keys_in_one_file_are_refused():
    assert "exactly one" in refusal(public_pem("p256") + public_pem("rsa"))


def test_pkcs1_public_keys_are_accepted_and_have_the_same_fingerprint():
    public = private_key("rsa").public_key()
    pkcs1 = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1)
    assert keys.fingerprint(keys.load_public_key(pkcs1, where="k")) == keys.fingerprint(public)


@given(st.binary(max_size=200))
def test_any_bytes_load_or_are_a_configuration_error(pem):
    with pytest.raises(ConfigurationError):
        keys.load_public_key(pem, where="k")


@settings(max_examples=50)
@given(st.data())
def test_a_damaged_pem_loads_or_is_a_configuration_error(data):
    pem = bytearray(public_pem("p256"))
    pem[data.draw(st.integers(0, len(pem) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ConfigurationError):
        keys.load_public_key(bytes(pem), where="k")


def test_an_encrypted_private_key_needs_its_passphrase():
    pem = private_key("p256").private_bytes(*PRIVATE, serialization.BestAvailableEncryption(b"right"))
    assert keys.load_private_key(pem, passphrase=b"right", where="k")
    for passphrase, message in ((b"wrong", "wrong passphrase"), (None, "encrypted and no passphrase")):
        with pytest.raises(ConfigurationError, match=message):
            keys.load_private_key(pem, passphrase=passphrase, where="k")


def test_a_passphrase_for_a_key_that_is_not_encrypted_is_refused():
    with pytest.raises(ConfigurationError, match="not encrypted"):
        keys.load_private_key(private_pem("p256"), passphrase=b"x", where="k")


@pytest.mark.parametrize("pem", [b"", b"junk", b"-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_private_key_is_refused(pem):
    with pytest.raises(ConfigurationError):
        keys.load_private_key(pem, passphrase=None, where="k")


def test_a_public_key_given_as_a_private_one_is_refused():
    with pytest.raises(ConfigurationError, match="no PEM private key"):
        keys.load_private_key(public_pem("p256"), passphrase=None, where="k")
