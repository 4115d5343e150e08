"""A document that lies beside an artifact: an attestation, a verdict."""

from __future__ import annotations

from verifier.core.value import Value, field


class Document(Value):
    """Bytes found beside an artifact, and what to call them in a report."""

    name: str
    content: bytes = field(repr=False)
