"""The four questions that `proof` asks of a bundle's parts, whoever answers them.

* each is about one trusted root, whose windows were asked before; what is shown was read strictly before
* what does not hold is `UnprovenError`, with one sentence for people; anything else that is raised is a defect
* nothing here decides: `proof` says what a failure means
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from cryptography import x509

from verifier.formats.sigstore.bundle import LogEntry
from verifier.signatures.sigstore.root import Authority, TransparencyLog


class UnprovenError(Exception):
    """A proof, a promise, a chain or a signature that does not hold, in words."""


class Parts(Protocol):
    """Verifies parts of bundles; what is made of keys is kept, because a run verifies thousands."""

    def timestamp(self, response: bytes, signature: bytes, now: datetime) -> datetime | None:
        """When a timestamp authority of the root saw `signature`, or None where none of them says so.

        What is no timestamp at all is unproven.
        """

    def entry(self, entry: LogEntry, log: TransparencyLog) -> None:
        """Verify that `log` holds `entry`: the proof where there is a checkpoint, the promise where there is one."""

    def chain(
        self, certificate: x509.Certificate, moments: Sequence[datetime], authorities: tuple[Authority, ...]
    ) -> Sequence[x509.Certificate]:
        """The issuers of `certificate`, which is valid at each of `moments` and leads to one of `authorities`."""

    def certificate_logged(
        self, certificate: x509.Certificate, chain: Sequence[x509.Certificate], log: TransparencyLog
    ) -> None:
        """Verify that `log` promised to log `certificate`, or its precertificate."""
