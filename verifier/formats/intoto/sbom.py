"""Statements whose predicate is a bill of materials.

Source: in-toto attestation predicates `cyclonedx` and `spdx`; some tools write the document's version behind the type
(`https://spdx.dev/Document/v2.3`).
"""

from __future__ import annotations

import re
from typing import Final

from verifier.core.uris import CYCLONEDX_BOM, SPDX_DOCUMENT

_TYPES: Final = re.compile(rf"(?:{re.escape(CYCLONEDX_BOM)}|{re.escape(SPDX_DOCUMENT)})(?:/v\d+(?:\.\d+)*)?\Z")


def is_sbom(predicate_type: object) -> bool:
    """Whether what a statement of this type says is a bill of materials."""
    return isinstance(predicate_type, str) and _TYPES.match(predicate_type) is not None
