"""That a certificate log promised to log a certificate: the signed certificate timestamp (SCT) in it.

* a certificate has exactly one, of the precertificate, which names its issuer by the hash of the issuer's key
* the issuer is the authority above it in the proven chain, or the one above that, where the first only makes
  precertificates; it is an authority by basic constraints and key usage, with an RSA or ECDSA key
* it is signed with SHA-256, over what RFC 6962, section 3.2, says

Source: https://www.rfc-editor.org/rfc/rfc6962.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.certificate_transparency import LogEntryType, SignedCertificateTimestamp
from cryptography.x509.oid import ExtendedKeyUsageOID

from verifier.core.clock import EPOCH
from verifier.formats.keys.text import CURVE_HEADERS
from verifier.signatures.keys import subject_public_key_info
from verifier.signatures.sigstore.parts.interface import UnprovenError
from verifier.signatures.sigstore.parts.log_key import LogKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

_MILLISECOND: Final = timedelta(milliseconds=1)
_CERTIFICATE_TIMESTAMP: Final = b"\x00"
_LONGEST: Final = 2**24


def require_certificate_logged(certificate: x509.Certificate, chain: Sequence[x509.Certificate], key: LogKey) -> None:
    """Raise `UnprovenError` unless the log with this key signed the one SCT of `certificate`, issued by `chain`."""
    promise = _promise(certificate)
    if promise.entry_type != LogEntryType.PRE_CERTIFICATE:
        raise UnprovenError(f"unknown SCT log entry type: {promise.entry_type!r}")
    if not isinstance(promise.signature_hash_algorithm, hashes.SHA256):
        seen = promise.signature_hash_algorithm.name
        raise UnprovenError(f"Found unexpected hash algorithm in SCT: only SHA256 is supported, got {seen}")
    signed = _signed(promise, certificate.tbs_precertificate_bytes, _issuer_key_hash(_issuer(chain)))
    try:
        key.verify(promise.signature, signed)
    except UnprovenError as error:
        raise UnprovenError(f"SCT verify failed: {error}") from error


def _promise(certificate: x509.Certificate) -> SignedCertificateTimestamp:
    try:
        found = certificate.extensions.get_extension_for_class(x509.PrecertificateSignedCertificateTimestamps).value
    except x509.ExtensionNotFound as error:
        message = "Certificate does not contain a signed certificate timestamp extension"
        raise UnprovenError(message) from error
    promises: list[SignedCertificateTimestamp] = list(found)
    if len(promises) != 1:
        raise UnprovenError(f"Expected one certificate timestamp, found {len(promises)}")
    return promises[0]


def _signed(promise: SignedCertificateTimestamp, precertificate: bytes, issuer_key_hash: bytes) -> bytes:
    """RFC 6962's `digitally-signed` of a precertificate, byte for byte; lengths are of three and two bytes."""
    if len(precertificate) >= _LONGEST:
        raise UnprovenError(f"Unexpectedly large certificate length: {len(precertificate)}")
    milliseconds = (promise.timestamp.replace(tzinfo=UTC) - EPOCH) // _MILLISECOND
    extensions = promise.extension_bytes
    return b"".join(
        (
            bytes([promise.version.value]),
            _CERTIFICATE_TIMESTAMP,
            milliseconds.to_bytes(8, "big"),
            promise.entry_type.value.to_bytes(2, "big"),
            issuer_key_hash,
            len(precertificate).to_bytes(3, "big"),
            precertificate,
            len(extensions).to_bytes(2, "big"),
            extensions,
        )
    )


def _issuer(chain: Sequence[x509.Certificate]) -> x509.Certificate:
    if not chain:
        raise UnprovenError("SCT verify: the certificate has no issuer")
    if not _only_makes_precertificates(chain[0]):
        return chain[0]
    if len(chain) == 1:
        raise UnprovenError("SCT verify: the authority only makes precertificates, and none above it is known")
    return chain[1]


def _only_makes_precertificates(issuer: x509.Certificate) -> bool:
    try:
        purposes = issuer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.CERTIFICATE_TRANSPARENCY in purposes


def _issuer_key_hash(issuer: x509.Certificate) -> bytes:
    key = issuer.public_key()
    if not _is_authority(issuer):
        raise UnprovenError("SCT verify: Invalid issuer pubkey basicConstraint (not a CA)")
    if not isinstance(key, ec.EllipticCurvePublicKey):
        from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - few are, and it takes long

        if not isinstance(key, rsa.RSAPublicKey):
            raise UnprovenError("SCT verify: invalid issuer pubkey format (not ECDSA or RSA)")
    return hashlib.sha256(_subject_public_key_info(key)).digest()


def _subject_public_key_info(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> bytes:
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name not in CURVE_HEADERS:
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - knows every curve, and takes long

        return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return subject_public_key_info(key)


def _is_authority(certificate: x509.Certificate) -> bool:
    """Whether it is one by version, critical basic constraints and key usage; half of that is none."""
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    except x509.ExtensionNotFound:
        return False
    is_v3 = certificate.version is x509.Version.v3
    return is_v3 and constraints.critical and constraints.value.ca and usage.value.key_cert_sign
