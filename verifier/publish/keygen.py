"""Making key pairs, and putting them where they cannot be overwritten or read by others.

* a private key is PKCS #8 PEM, encrypted when a passphrase is given, by `key_encryption`
* a passphrase has at least twelve characters, wherever it comes from
* a file appears whole or not at all, never in another's place, readable by its owner only
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from verifier.core.errors import ConfigurationError
from verifier.core.value import Value, field
from verifier.files.secret import MAX_PASSPHRASE
from verifier.files.write import write_new_file
from verifier.publish.key_encryption import encrypt_pkcs8
from verifier.signatures.keys import PrivateKey


class KeyType(StrEnum):
    """The kinds of key that are made; ECDSA over P-256 is what every verifier can read, OPA's included."""

    ECDSA_P256 = "ecdsa-p256"
    ECDSA_P384 = "ecdsa-p384"
    ED25519 = "ed25519"
    RSA_3072 = "rsa-3072"


DEFAULT_KEY_TYPE: Final = KeyType.ECDSA_P256
PRIVATE_MODE: Final = 0o600
PUBLIC_MODE: Final = 0o644
LEAST_PASSPHRASE: Final = 12
"""Characters. NIST SP 800-63B asks for 8 where guesses are counted, for 15 where nothing else protects; here a file's
permissions and 600,000 rounds do as well."""
LEAST_VARIETY: Final = 4
"""Different ones among them."""


class KeyPair(Value):
    """A key pair as PEM."""

    private_pem: bytes = field(repr=False)
    public_pem: bytes


def generate_key_pair(key_type: KeyType = DEFAULT_KEY_TYPE, *, passphrase: bytes | None) -> KeyPair:
    """Make a key pair; without a passphrase the private key is not encrypted."""
    if passphrase is not None:
        require_passphrase(passphrase)
    key = _generate(key_type)
    return KeyPair(
        private_pem=_private_pem(key, passphrase),
        public_pem=key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
    )


def require_passphrase(passphrase: bytes) -> None:
    """Refuse a passphrase that protects nothing, or that what decrypts could not take whole."""
    if not passphrase:
        raise ConfigurationError("the passphrase is empty")
    characters = len(passphrase.decode("utf-8", "replace"))
    if characters < LEAST_PASSPHRASE or len(set(passphrase)) < LEAST_VARIETY:
        message = (
            f"the passphrase is too easily guessed: {characters} characters, {len(set(passphrase))} different ones;"
            f" expected at least {LEAST_PASSPHRASE}, {LEAST_VARIETY} of them different"
        )
        raise ConfigurationError(message, hint="Four or five words that have nothing to do with each other are enough.")
    if len(passphrase) > MAX_PASSPHRASE:
        raise ConfigurationError(f"a passphrase has at most {MAX_PASSPHRASE} bytes")


def write_key_pair(pair: KeyPair, *, private_path: Path, public_path: Path) -> None:
    """Write both files; where the second cannot be written the first is taken back."""
    write_new_file(private_path, pair.private_pem, mode=PRIVATE_MODE)
    try:
        write_new_file(public_path, pair.public_pem, mode=PUBLIC_MODE)
    except ConfigurationError:
        private_path.unlink()
        raise


def _private_pem(key: PrivateKey, passphrase: bytes | None) -> bytes:
    encoding, plain = serialization.Encoding, serialization.NoEncryption()
    if passphrase is None:
        return key.private_bytes(encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return encrypt_pkcs8(key.private_bytes(encoding.DER, serialization.PrivateFormat.PKCS8, plain), passphrase)


def _generate(key_type: KeyType) -> PrivateKey:
    match key_type:
        case KeyType.ECDSA_P256:
            return ec.generate_private_key(ec.SECP256R1())
        case KeyType.ECDSA_P384:
            return ec.generate_private_key(ec.SECP384R1())
        case KeyType.ED25519:
            return ed25519.Ed25519PrivateKey.generate()
        case KeyType.RSA_3072:
            return rsa.generate_private_key(public_exponent=65537, key_size=3072)
