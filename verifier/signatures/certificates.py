"""Sigstore certificates: what one says, read strictly, nothing verified.

* the signer's certificate is X.509 v3, not an authority's, and for signing code
* it names exactly one holder: a URI, an e-mail address or Fulcio's user name
* each claim is one DER UTF8String, to the last byte; the two spellings of the issuer agree
* a chain that carries a root certificate is refused: roots come from the trusted root alone

Source: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md, certificate-specification.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtendedKeyUsageOID

from verifier.core.errors import Refused, refuse
from verifier.core.signer import CertificateClaims
from verifier.signatures.keys import PublicKey

_ARC: Final = "1.3.6.1.4.1.57264.1"
_USER_NAME: Final = f"{_ARC}.7"
_CLAIMS: Final = {
    "issuer": 8,
    "build_signer_uri": 9,
    "build_signer_digest": 10,
    "runner_environment": 11,
    "source_repository": 12,
    "source_digest": 13,
    "source_ref": 14,
    "source_repository_id": 15,
    "source_owner": 16,
    "source_owner_id": 17,
    "build_config_uri": 18,
    "build_config_digest": 19,
    "build_trigger": 20,
    "run_invocation": 21,
    "visibility": 22,
}
_UTF8_STRING: Final = 0x0C
X509_ERRORS: Final = (
    ValueError,
    UnsupportedAlgorithm,
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    CryptographyDeprecationWarning,
)
"""What `cryptography` raises for certificates that do not follow RFC 5280; the last where warnings are errors."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SigningCertificate:
    """The signer's certificate: its bytes, and what it says."""

    der: bytes
    certificate: x509.Certificate
    public_key: PublicKey
    claims: CertificateClaims


def read_chain(chain: Sequence[bytes], *, tolerated: Sequence[bytes] = (), subject: str) -> SigningCertificate:
    """Read the signer's certificate, the first of `chain`; a root behind it is refused unless it is in `tolerated`."""
    try:
        leaf = _signing(chain[0])
        behind = [(der, x509.load_der_x509_certificate(der)) for der in chain[1:]]
    except X509_ERRORS as error:
        raise _refusal(subject, str(error) or type(error).__name__) from error
    for der, certificate in behind:
        if certificate.issuer == certificate.subject and der not in tolerated:
            raise _refusal(subject, "the chain carries a root certificate, expected at most intermediate ones")
    return leaf


def _signing(der: bytes) -> SigningCertificate:
    certificate = x509.load_der_x509_certificate(der)
    if certificate.version is not x509.Version.v3:
        raise ValueError(f"the certificate is of version {certificate.version.name}, expected v3")
    if certificate.serial_number <= 0:
        raise ValueError("the certificate's serial number is not positive")
    extensions = certificate.extensions
    for extension in extensions:
        if isinstance(extension.value, x509.BasicConstraints) and extension.value.ca:
            raise ValueError("the signer's certificate is an authority's")
    if not extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature:
        raise ValueError("the certificate is not for digital signatures")
    if ExtendedKeyUsageOID.CODE_SIGNING not in extensions.get_extension_for_class(x509.ExtendedKeyUsage).value:
        raise ValueError("the certificate is not for signing code")
    public_key = certificate.public_key()
    if not isinstance(public_key, PublicKey):
        raise ValueError("the certificate's key is not RSA, ECDSA or Ed25519")  # noqa: TRY004, one error for all
    return SigningCertificate(der=der, certificate=certificate, public_key=public_key, claims=_claims(extensions))


def _claims(extensions: x509.Extensions) -> CertificateClaims:
    values = {
        extension.oid.dotted_string: extension.value.value
        for extension in extensions
        if isinstance(extension.value, x509.UnrecognizedExtension)
    }
    named = {name: _text(values.get(f"{_ARC}.{arc}")) for name, arc in _CLAIMS.items()}
    first = values.get(f"{_ARC}.1")
    issuer, first_issuer = named.pop("issuer"), None if first is None else first.decode("utf-8")
    if issuer and first_issuer and issuer != first_issuer:
        raise ValueError(f"the certificate names two issuers, {issuer!r:.200} and {first_issuer!r:.200}")
    issuer = issuer or first_issuer
    if not issuer:
        raise ValueError("the certificate names no issuer")
    return CertificateClaims(issuer=issuer, identity=_identity(extensions), **named)


def _identity(extensions: x509.Extensions) -> str:
    names = list(extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    if len(names) != 1:
        raise ValueError(f"the certificate names {len(names)} holders, expected one")
    match names[0]:
        case (x509.RFC822Name() | x509.UniformResourceIdentifier()) as name if name.value:
            return str(name.value)
        case x509.OtherName() as name if name.type_id.dotted_string == _USER_NAME:
            return _text(name.value) or ""
        case name:
            raise ValueError(f"the certificate's holder is a {type(name).__name__}, expected a URI or e-mail address")


def _text(value: bytes | None) -> str | None:
    """A DER UTF8String, whole; lengths in the short form and the long ones of up to two bytes."""
    if value is None:
        return None
    header = 2
    if len(value) < 2 or value[0] != _UTF8_STRING:
        raise ValueError("a claim of the certificate is not a UTF8String")
    length = value[1]
    if length in (0x81, 0x82):
        header = 2 + (length & 0x7F)
        length = int.from_bytes(value[2:header], "big")
        if length < (0x80 if header == 3 else 0x100):
            raise ValueError("a claim of the certificate has a length that DER would write shorter")
    elif length >= 0x80:
        raise ValueError("a claim of the certificate is longer than 65,535 bytes, or of unknown length")
    if length == 0 or len(value) != header + length:
        raise ValueError("a claim of the certificate is empty, cut off or followed by more")
    return value[header:].decode("utf-8")


def _refusal(subject: str, message: str) -> Refused:
    return refuse("certificate.invalid", subject, message[:500])
