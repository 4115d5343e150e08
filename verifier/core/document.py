"""A document that lies beside an artifact: an attestation, a verdict."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """Bytes found beside an artifact, and what to call them in a report."""

    name: str
    content: bytes = field(repr=False)
