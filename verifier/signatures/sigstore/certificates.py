"""Sigstore certificates: what one says, read strictly, nothing verified.

* the signer's certificate is X.509 v3, not an authority's, and for signing code
* it names exactly one holder: a URI, an e-mail address or Fulcio's user name, in printable ASCII; one that reads like
  another kind is refused
* each claim is one DER UTF8String, to the last byte; the two spellings of the issuer agree
* a chain that carries a root certificate is refused: roots come from the trusted root alone

Source: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md, certificate-specification.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtendedKeyUsageOID

from verifier.core.errors import Refused, refuse
from verifier.core.signers.identities import IdentityKind, kind_of, require_plain
from verifier.core.signers.keyless import CertificateClaims
from verifier.core.value import Value
from verifier.formats.keys.text import MAX_RSA_BITS, MIN_RSA_BITS
from verifier.signatures.keys import PublicKey

_ARC: Final = "1.3.6.1.4.1.57264.1"
_USER_NAME: Final = f"{_ARC}.7"
_CLAIMS: Final = {
    "issuer": f"{_ARC}.8",
    "build_signer_uri": f"{_ARC}.9",
    "build_signer_digest": f"{_ARC}.10",
    "runner_environment": f"{_ARC}.11",
    "source_repository": f"{_ARC}.12",
    "source_digest": f"{_ARC}.13",
    "source_ref": f"{_ARC}.14",
    "source_repository_id": f"{_ARC}.15",
    "source_owner": f"{_ARC}.16",
    "source_owner_id": f"{_ARC}.17",
    "build_config_uri": f"{_ARC}.18",
    "build_config_digest": f"{_ARC}.19",
    "build_trigger": f"{_ARC}.20",
    "run_invocation": f"{_ARC}.21",
    "visibility": f"{_ARC}.22",
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


class SigningCertificate(Value):
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
    known = {type(extension.value): extension.value for extension in certificate.extensions}
    constraints = known.get(x509.BasicConstraints)
    if isinstance(constraints, x509.BasicConstraints) and constraints.ca:
        raise ValueError("the signer's certificate is an authority's")
    usage, purposes = known.get(x509.KeyUsage), known.get(x509.ExtendedKeyUsage)
    if not isinstance(usage, x509.KeyUsage) or not usage.digital_signature:
        raise ValueError("the certificate is not for digital signatures")
    if not isinstance(purposes, x509.ExtendedKeyUsage) or ExtendedKeyUsageOID.CODE_SIGNING not in purposes:
        raise ValueError("the certificate is not for signing code")
    return SigningCertificate(
        der=der,
        certificate=certificate,
        public_key=_acceptable(certificate.public_key()),
        claims=_claims(certificate.extensions, known.get(x509.SubjectAlternativeName)),
    )


def _acceptable(key: object) -> PublicKey:
    match key:
        case ec.EllipticCurvePublicKey(curve=ec.SECP256R1() | ec.SECP384R1() | ec.SECP521R1()):
            return key
        case ed25519.Ed25519PublicKey():
            return key
        case _:
            from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - most are none, and it takes long

            if isinstance(key, rsa.RSAPublicKey) and MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
                return key
            raise ValueError(
                "the certificate's key is not RSA of 2048 bits or more, ECDSA over a NIST curve or Ed25519"
            )


def _claims(extensions: x509.Extensions, names: object) -> CertificateClaims:
    values = {
        extension.oid.dotted_string: extension.value.value
        for extension in extensions
        if isinstance(extension.value, x509.UnrecognizedExtension)
    }
    named = {name: _text(values.get(oid)) for name, oid in _CLAIMS.items()}
    first = values.get(f"{_ARC}.1")
    issuer, first_issuer = named.pop("issuer"), None if first is None else first.decode("utf-8")
    if issuer and first_issuer and issuer != first_issuer:
        raise ValueError(f"the certificate names two issuers, {issuer!r:.200} and {first_issuer!r:.200}")
    issuer = issuer or first_issuer
    if not issuer:
        raise ValueError("the certificate names no issuer")
    identity, kind = _identity(names)
    if kind_of(require_plain(identity)) != kind:
        raise ValueError(f"the certificate's holder is the {kind} {identity!r:.200}, which reads like none")
    return CertificateClaims(issuer=require_plain(issuer), identity=identity, kind=kind, **named)


def _identity(names: object) -> tuple[str, IdentityKind]:
    holders = list(names) if isinstance(names, x509.SubjectAlternativeName) else []
    if len(holders) != 1:
        raise ValueError(f"the certificate names {len(holders)} holders, expected one")
    match holders[0]:
        case x509.RFC822Name() as name if name.value:
            return str(name.value), "e-mail address"
        case x509.UniformResourceIdentifier() as name if name.value:
            return str(name.value), "URI"
        case x509.OtherName() as name if name.type_id.dotted_string == _USER_NAME:
            return _text(name.value) or "", "user name"
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
