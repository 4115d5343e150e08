"""Public-key signatures: which keys are acceptable, and what each algorithm means (RFC 7518, RFC 8037).

* a key is RSA of at least 2048 bits, ECDSA over P-256, P-384 or P-521, or Ed25519; nothing else
* an algorithm belongs to one key type, and ES256/384/512 to one curve each
* an ECDSA signature is raw r||s; where the caller allows it (DSSE), DER too
* PSS uses a salt as long as its hash; of any other only to say so, where a caller asks
* P-384 and P-521 with SHA-256, which early clients made, is another algorithm by a name of its own: deprecated, never a
  JWS's, never a key's default, and nothing is signed with it
* a key is read in every form that `formats.keys` knows, and no message has a word of a library's
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature, encode_dss_signature

from verifier.core.errors import ConfigurationError
from verifier.formats.keys.public_key import read_public_key
from verifier.formats.keys.text import MAX_RSA_BITS, MIN_RSA_BITS, NoPublicKeyError
from verifier.signatures.interface import DEPRECATED_SUFFIX
from verifier.signatures.subject_key import read_subject_key, write_subject_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

PublicKey: TypeAlias = "rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey"
PrivateKey: TypeAlias = "rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey"

_HASHES: Final = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
_CURVES: Final = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_DEPRECATED: Final = {each: f"{each}{DEPRECATED_SUFFIX}" for each in ("ES384", "ES512")}
_RSA: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
HMAC_ALGORITHMS: Final = frozenset({"HS256", "HS384", "HS512"})
KEY_ALGORITHMS: Final = frozenset({*_RSA, *_CURVES.values(), "EdDSA"})
_BEGIN: Final = rb"-----BEGIN ([A-Z0-9 ]+)-----"


class Verifying(ec.ECDSA):
    """ECDSA with a hash, as whoever verifies needs it.

    `ec.ECDSA` asks, when it is made, whether this OpenSSL could sign without chance, and loads every cipher for that.
    """

    def __init__(self, used: hashes.HashAlgorithm | Prehashed) -> None:
        self._used = used

    @property
    def algorithm(self) -> hashes.HashAlgorithm | Prehashed:
        """The hash, or that of what is a digest already."""
        return self._used

    @property
    def deterministic_signing(self) -> bool:
        """Nothing is signed with it."""
        return False


def load_public_key(content: bytes, *, where: str) -> PublicKey:
    """Read one public key, in any form; raises `ConfigurationError`."""
    try:
        pem = read_public_key(content).pem
    except NoPublicKeyError as error:
        raise ConfigurationError(str(error), where=where, hint=error.hint) from error
    return _acceptable(read_subject_key(pem) or _load_any(pem, where), where)


def load_private_key(pem: bytes, *, passphrase: bytes | None, where: str) -> PrivateKey:
    """Read one PEM private key, encrypted if and only if `passphrase` is given; raises `ConfigurationError`."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - as below

    if not any(label.endswith(b"PRIVATE KEY") for label in re.findall(_BEGIN, pem)):
        raise _no_signing_key(pem, where)
    try:
        key = serialization.load_pem_private_key(pem, password=passphrase)
    except TypeError as error:
        if passphrase is None:
            message, hint = "the key is encrypted and no passphrase was given", "Name its file: --passphrase-file FILE."
        else:
            message, hint = "the key is not encrypted", "Leave --passphrase-file away."
        raise ConfigurationError(message, where=where, hint=hint) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        if passphrase is None or b"COSIGN" in pem or b"SIGSTORE" in pem:
            raise _no_signing_key(pem, where) from error
        hint = "Look which file --passphrase-file names: one line break at its end is not a part of the passphrase."
        raise ConfigurationError("wrong passphrase, or not a usable key", where=where, hint=hint) from error
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - most keys are none, and it takes long

    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise ConfigurationError(f"keys of type {type(key).__name__} are not supported", where=where)
    _acceptable(key.public_key(), where)
    return key


def fingerprint(public_key: PublicKey) -> str:
    """The SHA-256 of the DER SubjectPublicKeyInfo, in hex."""
    return hashlib.sha256(subject_public_key_info(public_key)).hexdigest()


def algorithms_of(public_key: PublicKey) -> tuple[str, ...]:
    """The algorithms that the key can be for, its type's default first."""
    match public_key:
        case ec.EllipticCurvePublicKey():
            own = _CURVES[public_key.curve.name]
            return (own, _DEPRECATED[own]) if own in _DEPRECATED else (own,)
        case ed25519.Ed25519PublicKey():
            return ("EdDSA",)
        case _:
            return _RSA


def is_deprecated(algorithm: str) -> bool:
    """Whether `algorithm` has a hash that does not go with its curve."""
    return algorithm.endswith(DEPRECATED_SUFFIX)


def hash_of(algorithm: str) -> str | None:
    """The name of the hash in `algorithm` ("sha384"); None for EdDSA, which has its own inside."""
    return None if algorithm == "EdDSA" else f"sha{algorithm[-3:]}"


def verify(
    public_key: PublicKey,
    algorithm: str,
    message: bytes,
    signature: bytes,
    *,
    accept_der: bool = False,
    is_digest: bool = False,
    any_salt: bool = False,
) -> bool:
    """Whether `signature` is the key's over `message`, or over what `message` is the digest of.

    An algorithm that is not the key's never verifies.
    """
    if algorithm not in algorithms_of(public_key):
        return False
    readings, padded = [signature], None
    match public_key:
        case ec.EllipticCurvePublicKey():
            readings = _der_readings(signature, _coordinate_bytes(public_key), accept_der=accept_der)
        case ed25519.Ed25519PublicKey():
            pass
        case _:
            padded = _padding(algorithm, any_salt=any_salt)
    return any(_verifies(public_key, algorithm, message, reading, padded, is_digest=is_digest) for reading in readings)


def sign(private_key: PrivateKey, algorithm: str, message: bytes, *, raw_ecdsa: bool) -> bytes:
    """Sign `message`; ECDSA as raw r||s (JWS) or DER (DSSE as cosign and slsa-verifier read it).

    Equal messages get equal signatures, but for PSS, and for ECDSA where the library was built without RFC 6979.
    """
    public_key = private_key.public_key()
    usable = [each for each in algorithms_of(public_key) if not is_deprecated(each)]
    if algorithm not in usable:
        raise ConfigurationError(f"the signing key cannot sign with {algorithm}, only with {', '.join(usable)}")
    match private_key:
        case ec.EllipticCurvePrivateKey():
            der = private_key.sign(message, _ecdsa(_HASHES[algorithm[2:]]))
            return _raw(der, _coordinate_bytes(private_key.public_key())) if raw_ecdsa else der
        case ed25519.Ed25519PrivateKey():
            return private_key.sign(message)
        case _:
            return private_key.sign(message, _padding(algorithm), _HASHES[algorithm[2:]])


def authenticate(secret: bytes, algorithm: str, message: bytes) -> bytes:
    """The HMAC of `message` (HS256, HS384, HS512): both signing and what a signature is compared with."""
    import hmac  # noqa: PLC0415 - only for who shares a secret

    return hmac.new(secret, message, f"sha{algorithm[2:]}").digest()


def _no_signing_key(content: bytes, where: str) -> ConfigurationError:
    from verifier.formats.keys.signing_key import no_signing_key  # noqa: PLC0415 - only for what is refused

    message, hint = no_signing_key(content)
    return ConfigurationError(message, where=where, hint=hint)


def _load_any(pem: bytes, where: str) -> object:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - see `subject_key`

    try:
        return serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        # Not in the library's words, which speak of its own questions and answers.
        raise ConfigurationError(
            "is no key that can be used: its numbers are none that a key has", where=where
        ) from error


def subject_public_key_info(public_key: PublicKey) -> bytes:
    """The DER SubjectPublicKeyInfo."""
    if isinstance(public_key, ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
        return write_subject_key(public_key)
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - as above

    return public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _acceptable(key: object, where: str) -> PublicKey:
    match key:
        case ec.EllipticCurvePublicKey():
            if key.curve.name not in _CURVES:
                raise ConfigurationError(f"curve {key.curve.name}, expected P-256, P-384 or P-521", where=where)
            return key
        case ed25519.Ed25519PublicKey():
            return key
        case _:
            return _acceptable_rsa(key, where)


def _acceptable_rsa(key: object, where: str) -> rsa.RSAPublicKey:
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - as above

    if not isinstance(key, rsa.RSAPublicKey):
        message = f"keys of type {type(key).__name__} are not supported, expected RSA, ECDSA or Ed25519"
        raise ConfigurationError(message, where=where)
    if not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
        message = f"an RSA key of {key.key_size} bits, expected {MIN_RSA_BITS} to {MAX_RSA_BITS}"
        raise ConfigurationError(message, where=where)
    return key


def _verifies(
    public_key: PublicKey,
    algorithm: str,
    message: bytes,
    signature: bytes,
    padded: padding.AsymmetricPadding | None,
    *,
    is_digest: bool,
) -> bool:
    used: hashes.HashAlgorithm | Prehashed | None = _HASHES.get(algorithm[-3:])
    if is_digest and isinstance(used, hashes.HashAlgorithm):
        used = Prehashed(used)
    try:
        match public_key:
            case ec.EllipticCurvePublicKey() if used is not None:
                public_key.verify(signature, message, Verifying(used))
            case ed25519.Ed25519PublicKey() if not is_digest:
                public_key.verify(signature, message)
            case ec.EllipticCurvePublicKey() | ed25519.Ed25519PublicKey():
                return False
            case _ if used is not None and padded is not None:
                public_key.verify(signature, message, padded, used)
            case _:
                return False
    except InvalidSignature:
        return False
    return True


def _ecdsa(used: hashes.HashAlgorithm) -> ec.ECDSA:
    """ECDSA whose secret number comes of key and message (RFC 6979): what is published twice is the same then."""
    try:
        return ec.ECDSA(used, deterministic_signing=True)
    except UnsupportedAlgorithm:  # OpenSSL before 3.2
        return ec.ECDSA(used)


def _padding(algorithm: str, *, any_salt: bool = False) -> padding.AsymmetricPadding:
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415 - as above

    if algorithm.startswith("RS"):
        return padding.PKCS1v15()
    digest = _HASHES[algorithm[2:]]
    return padding.PSS(mgf=padding.MGF1(digest), salt_length=padding.PSS.AUTO if any_salt else digest.digest_size)


def _coordinate_bytes(public_key: ec.EllipticCurvePublicKey) -> int:
    return (public_key.curve.key_size + 7) // 8


def _der_readings(signature: bytes, size: int, *, accept_der: bool) -> list[bytes]:
    # A DER signature can happen to be as long as a raw one, so both readings are tried: only the key's owner can
    # have made either.
    readings = [signature] if accept_der else []
    if len(signature) == 2 * size:
        r, s = (int.from_bytes(half, "big") for half in (signature[:size], signature[size:]))
        readings.append(encode_dss_signature(r, s))
    return readings


def _raw(der: bytes, size: int) -> bytes:
    r, s = decode_dss_signature(der)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")
