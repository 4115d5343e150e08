"""How forgiving reading is: one switch, chosen by the policy, never by the input."""

from __future__ import annotations

from enum import StrEnum


class ReadingMode(StrEnum):
    """`STRICT` refuses whatever two readers could take differently; `OPA_COMPAT` accepts what OPA accepts and reports
    each difference as a warning."""

    STRICT = "strict"
    OPA_COMPAT = "opa-compat"
