"""Making key pairs, and putting them where they cannot be overwritten or read by others.

* a private key is PKCS #8 PEM, encrypted when a passphrase is given
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
from verifier.files.write import write_new_file
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


class KeyPair(Value):
    """A key pair as PEM."""

    private_pem: bytes = field(repr=False)
    public_pem: bytes


def generate_key_pair(key_type: KeyType = DEFAULT_KEY_TYPE, *, passphrase: bytes | None) -> KeyPair:
    """Make a key pair; without a passphrase the private key is not encrypted."""
    if passphrase == b"":
        raise ConfigurationError("the passphrase is empty")
    key = _generate(key_type)
    encryption = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return KeyPair(
        private_pem=key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption),
        public_pem=key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
    )


def write_key_pair(pair: KeyPair, *, private_path: Path, public_path: Path) -> None:
    """Write both files; where the second cannot be written the first is taken back."""
    write_new_file(private_path, pair.private_pem, mode=PRIVATE_MODE)
    try:
        write_new_file(public_path, pair.public_pem, mode=PUBLIC_MODE)
    except ConfigurationError:
        private_path.unlink()
        raise


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
