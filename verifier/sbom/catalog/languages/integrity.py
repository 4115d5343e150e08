"""Subresource integrity, as npm records it: `sha512-BASE64 sha1-BASE64`.

Source: https://www.w3.org/TR/SRI/.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from verifier.formats.bom.component import Hash

_ALGORITHMS: Final = {
    "sha512": ("SHA-512", 64),
    "sha384": ("SHA-384", 48),
    "sha256": ("SHA-256", 32),
    "sha1": ("SHA-1", 20),
}
MAX_TEXT: Final = 2_000


def hashes_of(text: str) -> tuple[Hash, ...]:
    """The digests that `text` names, strongest first; what is none is left out."""
    found: dict[Hash, None] = {}
    for each in text[:MAX_TEXT].split():
        algorithm, _, encoded = each.partition("?")[0].partition("-")
        name, size = _ALGORITHMS.get(algorithm, ("", 0))
        try:
            value = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            continue
        if name and len(value) == size:
            found[Hash(name, value.hex())] = None
    return tuple(sorted(found, key=lambda each: (-len(each.value), each.value)))
