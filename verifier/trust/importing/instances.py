"""Sigstore's public instance by its addresses, as other tools name it."""

from __future__ import annotations

from typing import Final

_FULCIO: Final = frozenset({"https://fulcio.sigstore.dev", "https://v1.fulcio.sigstore.dev"})
_REKOR: Final = frozenset({"https://rekor.sigstore.dev"})


def is_public_fulcio(url: str) -> bool:
    """Whether it is the public instance's certificate authority."""
    return url.rstrip("/") in _FULCIO


def is_public_rekor(url: str) -> bool:
    """Whether it is the public instance's transparency log."""
    return url.rstrip("/") in _REKOR
