"""The catalogue of reason codes: everything a verdict can say, in one table.

* a code that is not in the table cannot be used: `describe` raises
* a released code never changes its meaning
* docs/reason-codes.md is generated from here, in this order
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from verifier.core.reasons.code import ReasonCode
from verifier.core.reasons.words import ROOMS, codes_of

CATALOGUE: Mapping[str, ReasonCode] = MappingProxyType(
    {code: row for word in ROOMS for code, row in codes_of(word).items()}
)
