"""What else a key signs: bytes that are the signing input of another format are no file of somebody's.

* whoever has the signature of a token, an envelope, a checkpoint or an image has that of a file with these bytes: it
  was made over something else, and says nothing of a file
* it is one list for everything that is taken as it is; what a digest is of can only be said by whoever has the bytes
"""

from __future__ import annotations

import binascii
import json
import re
from typing import Final

from verifier.formats.intoto.dsse import PAE_PREFIX

_PREFIXES: Final = (
    (PAE_PREFIX, "an envelope's encoding (DSSE)"),
    (b"DSSEv", "an envelope's encoding (DSSE)"),
    (b"SSHSIG", "an SSH signature's input"),
    (b"\x84\x6aSignature1", "a COSE signature's input"),
    (b"\x85\x69Signature", "a COSE signature's input"),
    (b" " * 64 + b"TLS 1.3", "a TLS handshake"),
)
_TOKEN: Final = re.compile(rb"([A-Za-z0-9_-]{8,8192})\.[A-Za-z0-9_-]*\s*\Z")
_NOTE: Final = re.compile(rb"[^\n]{1,512}\n(?:0|[1-9][0-9]{0,19})\n[A-Za-z0-9+/]{43}=\n")
_LOGGED: Final = frozenset({"body", "integratedTime", "logID", "logIndex"})
_SMALL: Final = 64 * 1024
"""Bytes of the largest JSON text that is another format's signing input."""
_LEAF_PREFIXES: Final = (b"\x00\x00", b"\x00\x01")
"""A certificate log signs its version, a type, and a time in eight bytes (RFC 6962, 3.2 and 3.5)."""
_THIS_CENTURY: Final = range(2**40, 2**42)
"""Milliseconds since 1970, from 2004 to 2109."""


def signing_input_of(content: bytes) -> str | None:
    """What `content` is the signing input of, or None for what may be a file."""
    for prefix, what in _PREFIXES:
        if content.startswith(prefix):
            return what
    if (token := _TOKEN.match(content)) and _is_header(token[1]):
        return "a token's signing input (JWS)"
    if _NOTE.match(content):
        return "a log's checkpoint"
    if content[:2] in _LEAF_PREFIXES and int.from_bytes(content[2:10], "big") in _THIS_CENTURY:
        return "a certificate log's promise"
    return _json_input(content) if len(content) <= _SMALL and content.lstrip()[:1] == b"{" else None


def _is_header(part: bytes) -> bool:
    try:
        standard = part.translate(bytes.maketrans(b"-_", b"+/")) + b"=" * (-len(part) % 4)
        header = json.loads(binascii.a2b_base64(standard))
    except (ValueError, RecursionError):
        return False
    return isinstance(header, dict) and any(str(name).lower() == "alg" for name in header)


def _json_input(content: bytes) -> str | None:
    """JSON that a key signs as it is: an image's simple signing payload, a log's promise, TUF's metadata."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    critical = value.get("critical")
    if isinstance(critical, dict) and "image" in critical:
        return "an image's signing payload"
    if set(value) == _LOGGED:
        return "a transparency log's promise"
    if isinstance(value.get("_type"), str) and {"spec_version", "expires"} <= set(value):
        return "TUF metadata"
    return None
