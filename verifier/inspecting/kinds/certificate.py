"""A certificate, PEM or DER: whose it is, of which issuer, until when, and its key's fingerprint."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from verifier.core.clock import format_rfc3339
from verifier.core.digest import Digest
from verifier.core.errors import refuse
from verifier.inspecting import checks
from verifier.inspecting.inspected import Described, Fact, Given, facts
from verifier.signatures.sigstore.certificates import X509_ERRORS

if TYPE_CHECKING:
    from cryptography import x509

_BEGIN = b"-----BEGIN"


def describe(given: Given) -> Described:
    """What the certificate says; never raises for what it reads."""
    words = ("artifact", checks.ARTIFACT[0], "--attestation", "BUNDLE.json", "--certificate-identity", "IDENTITY")
    check = checks.check(
        *words,
        *("--certificate-oidc-issuer", "ISSUER"),
        unknown=(
            checks.ARTIFACT,
            ("BUNDLE.json", "the Sigstore bundle that the certificate belongs to: alone it signs nothing"),
            checks.IDENTITY,
            checks.ISSUER,
        ),
    )
    try:
        certificate = _read(given.content)
        said = _facts(certificate)
    except X509_ERRORS as error:
        fault = refuse("certificate.invalid", given.name, str(error)[:300] or type(error).__name__)
        return Described(what="a certificate", check=check, faults=fault.reasons)
    return Described(what="a certificate, which alone signs nothing", check=check, facts=said)


def _read(content: bytes) -> x509.Certificate:
    from cryptography import x509  # noqa: PLC0415 - few certificates are inspected

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if content.lstrip().startswith(_BEGIN):
            found = x509.load_pem_x509_certificates(content)
            return found[0]
        return x509.load_der_x509_certificate(content)


def _facts(certificate: x509.Certificate) -> tuple[Fact, ...]:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - few certificates are inspected

    spki = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return (
        *facts(
            subject=certificate.subject.rfc4514_string(),
            issued_by=certificate.issuer.rfc4514_string(),
            valid_from=format_rfc3339(certificate.not_valid_before_utc),
            valid_until=format_rfc3339(certificate.not_valid_after_utc),
            key_fingerprint=str(Digest.of(spki)),
        ),
        *_keyless(certificate),
    )


def _keyless(certificate: x509.Certificate) -> tuple[Fact, ...]:
    """What a certificate of Sigstore's says besides, where it is one."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - as above

    from verifier.core.errors import Refused  # noqa: PLC0415 - as above
    from verifier.signatures.sigstore.certificates import read_chain  # noqa: PLC0415 - as above

    try:
        read = read_chain((certificate.public_bytes(serialization.Encoding.DER),), subject="certificate")
    except Refused:
        return ()
    return facts(identity=read.claims.identity, issuer=read.claims.issuer)
