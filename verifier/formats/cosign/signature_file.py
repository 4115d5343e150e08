"""Files that hold a signature and nothing else: what `cosign sign-blob --output-signature` and `openssl dgst` write.

* base64 in its one canonical form, in one line or broken into lines; or the signature's bytes
* what has not the shape of a signature (an ECDSA pair in DER, or the length of one of another kind) is no such file
* whose signature it is, and with which algorithm, such a file does not say: only keys of the trust policy can
"""

from __future__ import annotations

import re
from typing import Final

from verifier.formats.base64_text import decode

MAX_FILE_BYTES: Final = 4_096
"""Bytes of the longest: an RSA signature of 16,384 bits in base64, with line breaks."""

_BASE64: Final = re.compile(rb"[A-Za-z0-9+/=_-]+(?:\r?\n[A-Za-z0-9+/=_-]+)*\Z")
_TEXT: Final = re.compile(rb"[\t\n\r\x20-\x7e]*\Z")
_LENGTHS: Final = frozenset({64, 96, 132, 256, 384, 512, 768, 1024, 1536, 2048})
"""Ed25519's, ECDSA's as r||s, and RSA's with the usual keys."""
_CERTIFICATE: Final = b"-----BEGIN CERTIFICATE-----"


def read_signature(document: bytes) -> bytes | None:
    """The signature that `document` is, or None where it is anything else."""
    if not 0 < len(document) <= MAX_FILE_BYTES:
        return None
    if not _TEXT.match(document):
        return document if _has_shape(document) else None
    content = _from_base64(document)
    return content if content is not None and _has_shape(content) else None


def is_certificate(document: bytes) -> bool:
    """Whether `document` is a certificate in PEM, as it is or in base64 as cosign writes it."""
    head = document[: 2 * MAX_FILE_BYTES].lstrip()
    if head.startswith(_CERTIFICATE):
        return True
    content = _from_base64(document) if len(document) <= 2 * MAX_FILE_BYTES else None
    return content is not None and content.startswith(_CERTIFICATE)


def _from_base64(document: bytes) -> bytes | None:
    text = document.strip()
    if not _BASE64.match(text):
        return None
    try:
        return decode(b"".join(text.split()).decode("ascii"))
    except ValueError:
        return None


def _has_shape(signature: bytes) -> bool:
    return len(signature) in _LENGTHS or _is_pair(signature)


def _is_pair(signature: bytes) -> bool:
    """Whether it is a DER sequence of two integers (RFC 3279), by its lengths."""
    long_form = signature[1:2] == b"\x81"
    start = 3 if long_form else 2
    if signature[:1] != b"\x30" or len(signature) < start + 2 or signature[start - 1] != len(signature) - start:
        return False
    middle = start + 2 + signature[start + 1]
    pair = signature[start] == 2 and signature[middle : middle + 1] == b"\x02"
    return pair and signature[middle + 1 : middle + 2] == bytes([max(len(signature) - middle - 2, 0)])
