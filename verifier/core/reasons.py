"""The catalogue of reason codes: everything a verdict can say, in one table.

* a code that is not in the table cannot be used: `describe` raises
* a released code never changes its meaning
* docs/reason-codes.md is generated from here
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from verifier.core.reason_code import ReasonCode, Severity
from verifier.core.reasons_archive import ARCHIVE_CODES
from verifier.core.reasons_bundle import BUNDLE_CODES
from verifier.core.reasons_gateway import GATEWAY_CODES
from verifier.core.reasons_image import IMAGE_CODES
from verifier.core.reasons_provenance import PROVENANCE_CODES
from verifier.core.reasons_state import STATE_CODES
from verifier.core.reasons_trust import TRUST_CODES

__all__ = ["CATALOGUE", "ReasonCode", "Severity", "describe"]

CATALOGUE: Mapping[str, ReasonCode] = MappingProxyType(
    {
        row.code: row
        for row in (
            *ARCHIVE_CODES,
            *BUNDLE_CODES,
            *IMAGE_CODES,
            *TRUST_CODES,
            *PROVENANCE_CODES,
            *STATE_CODES,
            *GATEWAY_CODES,
        )
    }
)


def describe(code: str) -> ReasonCode:
    """The catalogue's row for `code`; raises `KeyError` for a code that does not exist."""
    return CATALOGUE[code]
