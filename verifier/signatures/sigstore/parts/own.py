"""The parts of bundles verified by this program itself, which loads a tenth of what the `sigstore` library does.

Each check is the library's, in its order; what both would say of any bundle is compared by a test
(docs/adr/0016-keyless-without-the-library.md). Signatures, chains and timestamps are verified by `cryptography` and
`rfc3161-client`, as they are for the library.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from cryptography import x509

from verifier.formats.sigstore.bundle import LogEntry
from verifier.signatures.sigstore.certificates import X509_ERRORS
from verifier.signatures.sigstore.parts.interface import UnprovenError
from verifier.signatures.sigstore.parts.log_key import key_of
from verifier.signatures.sigstore.parts.logged import require_logged
from verifier.signatures.sigstore.root import Authority, TransparencyLog, TrustRoot

if TYPE_CHECKING:
    from verifier.signatures.sigstore.parts.issuing import Anchors
    from verifier.signatures.sigstore.parts.stamps import Stamps


@contextmanager
def _unproven() -> Iterator[None]:
    try:
        yield
    except X509_ERRORS as error:
        raise UnprovenError(str(error) or type(error).__name__) from error


class OwnParts:
    """Verifies them for one trusted root."""

    def __init__(self, root: TrustRoot) -> None:
        self._root = root
        self._anchors: dict[tuple[Authority, ...], Anchors] = {}

    def timestamp(self, response: bytes, signature: bytes, now: datetime) -> datetime | None:
        """See `Parts`."""
        with _unproven():
            return self._stamps.moment(response, signature, now)

    def entry(self, entry: LogEntry, log: TransparencyLog) -> None:
        """See `Parts`."""
        require_logged(entry, key_of(log))

    def chain(
        self, certificate: x509.Certificate, moments: Sequence[datetime], authorities: tuple[Authority, ...]
    ) -> Sequence[x509.Certificate]:
        """See `Parts`."""
        with _unproven():
            anchors = self._anchored(authorities)
            return [anchors.issuers(certificate, moment) for moment in moments][-1]

    def certificate_logged(
        self, certificate: x509.Certificate, chain: Sequence[x509.Certificate], log: TransparencyLog
    ) -> None:
        """See `Parts`."""
        from verifier.signatures.sigstore.parts.certificate_log import require_certificate_logged  # noqa: PLC0415

        with _unproven():
            require_certificate_logged(certificate, chain, key_of(log))

    def _anchored(self, authorities: tuple[Authority, ...]) -> Anchors:
        if authorities not in self._anchors:
            from verifier.signatures.sigstore.parts.issuing import Anchors  # noqa: PLC0415 - a key has no issuer

            self._anchors[authorities] = Anchors(authorities)
        return self._anchors[authorities]

    @cached_property
    def _stamps(self) -> Stamps:
        from verifier.signatures.sigstore.parts.stamps import Stamps  # noqa: PLC0415 - most bundles have no timestamp

        return Stamps(self._root.timestamp_authorities)
