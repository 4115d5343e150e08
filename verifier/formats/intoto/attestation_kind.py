"""Telling a Sigstore bundle from a DSSE envelope before either is read."""

from __future__ import annotations


def looks_like_bundle(document: bytes) -> bool:
    """Whether to read `document` as a Sigstore bundle: cheap, and wrong only for what no reading accepts."""
    return b'"verificationMaterial"' in document
