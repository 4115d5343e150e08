"""What stands in a field that takes only some texts: a digest, a CPE, a media type; what is none is a property."""

from __future__ import annotations

import re
from typing import Final

from verifier.formats.bom.component import Hash
from verifier.formats.bom.said import is_digest

_ALGORITHMS: Final = frozenset(
    {
        *("MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512", "SHA3-256", "SHA3-384", "SHA3-512"),
        *("BLAKE2b-256", "BLAKE2b-384", "BLAKE2b-512", "BLAKE3"),
    }
)
"""Those that 1.5 to 1.7 have."""
_CPE: Final = re.compile(
    r"cpe:2\.3:[aho*-](?::(?:(?:(?:\?+|\*)?(?:[a-zA-Z0-9._-]|\\[\\*?!\"#$%&'()+,/:;<=>@\[\]^`{|}~])+(?:\?+|\*)?)|[*-])){5}"
    r"(?::(?:(?:[a-zA-Z]{2,3}(?:-(?:[a-zA-Z]{2}|[0-9]{3}))?)|[*-]))"
    r"(?::(?:(?:(?:\?+|\*)?(?:[a-zA-Z0-9._-]|\\[\\*?!\"#$%&'()+,/:;<=>@\[\]^`{|}~])+(?:\?+|\*)?)|[*-])){4}\Z"
)
_MIME: Final = re.compile(r"[-+a-z0-9.]+/[-+a-z0-9.]+\Z")


def is_known_hash(stated: Hash) -> bool:
    """Whether CycloneDX has a name for it, and it is as long as that says."""
    return stated.algorithm in _ALGORITHMS and is_digest(stated)


def is_mime_type(text: str) -> bool:
    """Whether it is a media type as the schema has it."""
    return _MIME.match(text) is not None


def is_cpe(text: str) -> bool:
    """Whether it is a CPE 2.3 as the schema has it."""
    return len(text) <= 1_024 and _CPE.match(text) is not None
