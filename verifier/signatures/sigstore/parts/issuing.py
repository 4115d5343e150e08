"""Chains of certificates: from a signer's to an authority of the trusted root, at one moment, by `cryptography`.

* authorities' certificates are the anchors, and nothing that came with the bundle is ever built on
* everything is as `cryptography` demands it of clients' certificates (RFC 5280, with the bounds of its web profile),
  but that no purpose is demanded here: a signer's is to sign code, which `certificates` demands
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError

from verifier.signatures.sigstore.parts.interface import UnprovenError
from verifier.signatures.sigstore.root import Authority


class Anchors:
    """The certificates of some authorities of a trusted root; raises `ValueError` where one cannot be read."""

    def __init__(self, authorities: Sequence[Authority]) -> None:
        self._store = Store(
            [x509.load_der_x509_certificate(der) for authority in authorities for der in authority.certificates]
        )

    def issuers(self, certificate: x509.Certificate, moment: datetime) -> list[x509.Certificate]:
        """Those above `certificate`, each valid at `moment`; raises `UnprovenError` where none lead to an anchor."""
        # What is demanded by default is the purpose of a TLS client, of authorities too.
        authorities = ExtensionPolicy.webpki_defaults_ca().may_be_present(
            x509.ExtendedKeyUsage, Criticality.NON_CRITICAL, None
        )
        signers = ExtensionPolicy.webpki_defaults_ee().may_be_present(
            x509.ExtendedKeyUsage, Criticality.NON_CRITICAL, None
        )
        verifier = (
            PolicyBuilder()
            .store(self._store)
            .time(moment)
            .extension_policies(ca_policy=authorities, ee_policy=signers)
            .build_client_verifier()
        )
        try:
            return verifier.verify(certificate, []).chain[1:]
        except (VerificationError, x509.UnsupportedGeneralNameType) as error:
            raise UnprovenError(f"failed to build timestamp certificate chain: {error}") from error
