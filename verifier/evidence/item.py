"""One piece of evidence as a report lists it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from verifier.core.digest import Digest
from verifier.core.verdict import EvidenceItem

if TYPE_CHECKING:
    from verifier.signatures.interface import ProvenSigner


def evidence_item(kind: str, digest: Digest, signer: ProvenSigner | None, time: datetime | None) -> EvidenceItem:
    """The item; without a signer it is one that proves nothing."""
    return EvidenceItem(
        kind=kind, digest=digest, signer=signer.name if signer else None, verified=signer is not None, time=time
    )
