"""Telling documents apart before any is read: cheap, and wrong only for what no reading accepts."""

from __future__ import annotations

import re
from typing import Final

_ARRAY: Final = re.compile(rb"[ \t\r\n]*\[")
_ANSWERS: Final = (b'"attestations"', b'"attestation_bundles"', b'"attestation"')


LAYER_PREFIX: Final = b"\x00sigstore-json\n"
"""What a layer of cosign's old scheme begins with where it is a document (`formats.cosign.layer`)."""


def is_layer(document: bytes) -> bool:
    """Whether to read `document` as a layer of cosign's old scheme."""
    return document.startswith(LAYER_PREFIX)


def looks_like_bundle(document: bytes) -> bool:
    """Whether to read `document` as a Sigstore bundle."""
    return b'"verificationMaterial"' in document


def looks_like_pypi(document: bytes) -> bool:
    """Whether to read `document` as an attestation of PyPI's (PEP 740)."""
    return b'"verification_material"' in document


def looks_like_cosign(document: bytes) -> bool:
    """Whether to read `document` as a bundle that cosign wrote before it wrote Sigstore's."""
    return b'"base64Signature"' in document


def looks_like_json(document: bytes) -> bool:
    """Whether `document` begins as an object or an array does."""
    return document.lstrip()[:1] in (b"{", b"[")


def is_array(document: bytes) -> bool:
    """Whether `document` begins as an array does."""
    return _ARRAY.match(document) is not None


def is_answer(document: bytes) -> bool:
    """Whether `document` may be what a service or a tool wraps attestations in."""
    return any(each in document for each in _ANSWERS)


def may_hold_several(document: bytes) -> bool:
    """Whether taking `document` apart can find more than itself."""
    return b"\n" in document.strip() or is_array(document) or is_answer(document)
