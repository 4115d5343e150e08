"""The key of a transparency log or a certificate log, as a trusted root states it, and its signatures.

* the root says what kind of key it is and with which hash it signs; a signature chooses neither
* a key that is not what the root says verifies nothing: another type, a curve that does not go with the hash, RSA that
  is too short or too long
* an ECDSA signature is DER, an RSA one PKCS #1 v1.5 with SHA-256; no other is one of a log

Source: https://github.com/sigstore/protobuf-specs, `PublicKeyDetails`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from verifier.formats.keys.text import MAX_RSA_BITS, MIN_RSA_BITS
from verifier.signatures.keys import PublicKey, Verifying
from verifier.signatures.sigstore.parts.interface import UnprovenError
from verifier.signatures.sigstore.root import TransparencyLog
from verifier.signatures.subject_key import read_subject_key_der

_RSA: Final = frozenset(
    {
        "PKCS1_RSA_PKCS1V5",
        "PKIX_RSA_PKCS1V15_2048_SHA256",
        "PKIX_RSA_PKCS1V15_3072_SHA256",
        "PKIX_RSA_PKCS1V15_4096_SHA256",
    }
)
_ECDSA: Final[dict[str, tuple[type[ec.EllipticCurve], hashes.HashAlgorithm]]] = {
    "PKIX_ECDSA_P256_SHA_256": (ec.SECP256R1, hashes.SHA256()),
    "PKIX_ECDSA_P384_SHA_384": (ec.SECP384R1, hashes.SHA384()),
    "PKIX_ECDSA_P521_SHA_512": (ec.SECP521R1, hashes.SHA512()),
}
_ED25519: Final = "PKIX_ED25519"


class LogKey:
    """One log's key; raises `UnprovenError` where it cannot be one."""

    def __init__(self, log: TransparencyLog) -> None:
        self._details = log.key_details
        self._key = _load(log)

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raise `UnprovenError` unless `signature` is the log's over `data`."""
        try:
            match self._key:
                case ec.EllipticCurvePublicKey() as key:
                    key.verify(signature, data, Verifying(_ECDSA[self._details][1]))
                case ed25519.Ed25519PublicKey() as key:
                    key.verify(signature, data)
                case key:
                    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415 - few need it

                    key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature as error:
            raise UnprovenError("keyring: invalid signature") from error


@lru_cache(maxsize=64)
def key_of(log: TransparencyLog) -> LogKey:
    """The key of `log`, made once."""
    return LogKey(log)


def _load(log: TransparencyLog) -> PublicKey:
    key, details = _read(log), log.key_details
    match key:
        case ec.EllipticCurvePublicKey() if details in _ECDSA and isinstance(key.curve, _ECDSA[details][0]):
            return key
        case ed25519.Ed25519PublicKey() if details == _ED25519:
            return key
        case _ if details in _RSA:
            from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - few are, and it takes long

            if isinstance(key, rsa.RSAPublicKey) and MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
                return key
    raise UnprovenError(f"the key of {log.url} is not {details!r:.100}, or no such key is a log's here")


def _read(log: TransparencyLog) -> object:
    known = read_subject_key_der(log.key)
    if known is not None:
        return known
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - see `subject_key`

    try:
        return serialization.load_der_public_key(log.key)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnprovenError(f"the key of {log.url} cannot be read") from error
