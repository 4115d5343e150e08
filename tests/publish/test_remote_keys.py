"""Keys that sign elsewhere: which URIs name one, and what of their providers is believed. Real ones: tests/interop."""

import pytest
from securesystemslib.signer import CryptoSigner, SSlibKey, _aws_signer

from tests.support.attestations.unsigned import STATEMENT
from tests.support.material import NOW, private_key, public_pem
from verifier.core.errors import ConfigurationError
from verifier.core.signers.signer import Signer
from verifier.core.text.extras import how_to_install
from verifier.publish.remote_keys import RemoteKey, open_remote_key
from verifier.signatures.envelope import verify_envelope

SCHEMES = {
    "p256": ("ecdsa-sha2-nistp256", "ES256"),
    "p384": ("ecdsa-sha2-nistp384", "ES384"),
    "ed25519": ("ed25519", "EdDSA"),
    "rsa": ("rsassa-pss-sha256", "PS256"),
}


def remote_key(name, public=None):
    """A key whose provider is this process."""
    scheme, algorithm = SCHEMES[name]
    key = private_key(name)
    signer = CryptoSigner(key, SSlibKey.from_crypto(key.public_key(), scheme=scheme))
    return RemoteKey(uri="test:", public_key=public_pem(public or name), algorithms=(algorithm,), signer=signer)


def ask_nobody(secret):
    raise AssertionError(f"asked for {secret}")


@pytest.mark.parametrize("name", SCHEMES)
def test_what_a_remote_key_signs_verifies_with_its_public_key_and_algorithm(name):
    key = remote_key(name)
    signer = Signer(name=name, kid=name, public_key=key.public_key, algorithms=key.algorithms)
    verified = verify_envelope(key.sign_envelope(STATEMENT, keyid=name), signers=[signer], now=NOW, subject="s")
    assert [each.name for each in verified.signers] == [name]


def test_a_signature_by_another_key_is_not_handed_out():
    with pytest.raises(ConfigurationError, match="does not verify with the public key"):
        remote_key("p256", public="p256-2").sign_envelope(STATEMENT)


def test_whatever_a_provider_raises_becomes_one_kind_of_error():
    class Broken:
        def sign(self, _payload):
            raise RuntimeError("slot\n is empty")

    key = RemoteKey(uri="test:", public_key=public_pem("p256"), algorithms=("ES256",), signer=Broken())
    with pytest.raises(ConfigurationError, match="RuntimeError slot is empty"):
        key.sign_envelope(STATEMENT)


def test_an_unreadable_statement_is_not_sent_to_the_provider():
    key = RemoteKey(uri="test:", public_key=public_pem("p256"), algorithms=("ES256",), signer=None)
    with pytest.raises(ConfigurationError, match="would not be readable"):
        key.sign_envelope(STATEMENT | {"subject": []})


@pytest.mark.parametrize("uri", ["", "file:key.pem", "gnupg:", "tkey:", "AWSKMS:///a", "hsm", "http://[", "pkcs11:"])
def test_a_uri_of_no_known_provider_is_refused(uri):
    with pytest.raises(ConfigurationError, match="no known key provider") as refused:
        open_remote_key(uri.replace("hsm", "hsm2"), ask=ask_nobody)
    assert "hsm:, awskms:, gcpkms:, azurekms:, hashivault:" in refused.value.message


@pytest.mark.parametrize(
    "uri",
    [
        "hsm://2",
        "hsm:two",
        "hsm:-1",
        "hsm:" + "9" * 5000,
        "hsm:²",
        "hsm:2?pin=1234",
        "hsm:2?label=",
        "hsm:2?label=a&label=b",
        "awskms://endpoint/alias/a",
        "awskms:///",
        "gcpkms:projects/p",
        "azurekms://vault/key",
        "azurekms://vault.vault.azure.net/",
        "azurekms://vault.vault.azure.net/keys/key",
        "azurekms://vault.vault.azure.net.example/key",
        "hashivault://",
    ],
)
def test_a_malformed_uri_is_refused_before_anything_is_asked(uri):
    with pytest.raises(ConfigurationError, match=r"is not|names no key"):
        open_remote_key(uri, ask=ask_nobody)


def test_a_hardware_key_needs_someone_to_ask_for_the_pin():
    with pytest.raises(ConfigurationError, match="needs a PIN"):
        open_remote_key("hsm:2")


def test_a_provider_whose_library_is_missing_is_named_with_what_to_install(monkeypatch):
    monkeypatch.setattr(_aws_signer, "AWS_IMPORT_ERROR", "boto3 is missing")
    with pytest.raises(ConfigurationError, match="not installed") as refused:
        open_remote_key("awskms:///alias/release")
    assert refused.value.hint == how_to_install("awskms")


def test_a_hardware_key_without_its_module_says_which_variable_is_missing(monkeypatch):
    pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")
    monkeypatch.delenv("PYKCS11LIB", raising=False)
    with pytest.raises(ConfigurationError, match="PYKCS11LIB"):
        open_remote_key("hsm:2?label=release", ask=ask_nobody)
