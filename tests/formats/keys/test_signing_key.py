"""What stands where a private key belongs and cannot sign: named, with what to do, and never shown."""

import base64

import pytest
from cryptography.hazmat.primitives import serialization

from tests.support.material import private_key, private_pem, public_pem
from verifier.core.errors import ConfigurationError
from verifier.signatures import keys

BODY = base64.b64encode(b"the body of a key that must not be shown" * 3).decode()
PKCS8, OPENSSH = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.OpenSSH


def block(label):
    return f"-----BEGIN {label}-----\n{BODY}\n-----END {label}-----\n".encode()


def private(encoding, form, encryption=None):
    how = serialization.NoEncryption() if encryption is None else encryption
    return private_key("p256").private_bytes(encoding, form, how)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (block("ENCRYPTED SIGSTORE PRIVATE KEY"), "cosign sign-blob --key FILE --bundle"),
        (block("ENCRYPTED COSIGN PRIVATE KEY"), "cosign's own form"),
        (private(serialization.Encoding.PEM, OPENSSH), "ssh-keygen -p -m PKCS8"),
        (private(serialization.Encoding.DER, PKCS8), "openssl pkey -inform DER"),
        (block("PGP PRIVATE KEY BLOCK"), "GPG's own form"),
        (b'{"kty": "EC", "d": "c2VjcmV0LXNlY3JldA"}', "a private key in a JWK"),
        (private_pem("p256")[:-40], "cut"),
        (block("PRIVATE KEY"), "damaged"),
        (public_pem("p256"), "this is a public one"),
        (block("CERTIFICATE"), "found no PEM private key"),
        (b"words", "verify key generate"),
    ],
)
def test_what_cannot_sign_is_named_and_never_shown(content, says):
    with pytest.raises(ConfigurationError) as caught:
        keys.load_private_key(content, passphrase=None, where="k")
    seen = f"{caught.value.message} {caught.value.hint}"
    assert says in seen
    assert "c2VjcmV0" not in seen
    assert BODY[:20] not in seen


def test_a_key_of_cosign_is_named_also_where_a_passphrase_is_given():
    with pytest.raises(ConfigurationError, match="cosign's own form"):
        keys.load_private_key(block("ENCRYPTED SIGSTORE PRIVATE KEY"), passphrase=b"right", where="k")


def test_an_encrypted_key_without_its_passphrase_names_the_option():
    pem = private(serialization.Encoding.PEM, PKCS8, serialization.BestAvailableEncryption(b"x"))
    with pytest.raises(ConfigurationError) as caught:
        keys.load_private_key(pem, passphrase=None, where="k")
    assert "--passphrase-file FILE" in caught.value.hint
