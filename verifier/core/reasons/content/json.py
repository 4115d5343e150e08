"""Reason codes of JSON that has one meaning."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error
from verifier.core.reasons.remedies import REWRITE

JSON: tuple[ReasonCode, ...] = (
    error(
        "json.invalid",
        "a JSON document is malformed",
        cause="It is not one JSON value in UTF-8 as RFC 8259 has it (lone surrogates and NaN included).",
        remedy=REWRITE,
        threat="T-208",
    ),
    error(
        "json.duplicate-key",
        "a JSON object has the same key twice",
        cause="Readers differ on which value wins: OPA takes the last.",
        remedy=REWRITE,
        threat="T-208",
    ),
    error(
        "json.case-variant-key",
        "a JSON key differs from a known one only by case",
        cause="Go reads `Revision` as `revision` (and folds Unicode), so OPA would see another value than is written.",
        remedy=REWRITE,
        threat="T-208",
    ),
    error(
        "json.too-deep",
        "a JSON document is nested too deeply",
        cause="Arrays and objects are nested beyond the limit.",
        remedy="Flatten the data.",
        threat="T-213",
    ),
    error(
        "json.too-many-values",
        "a JSON document has more values than allowed",
        cause="A small archive can hold millions of empty arrays, and each costs memory before anything is verified.",
        remedy="Raise `json-values` in [limits] if that much data is expected.",
        threat="T-213",
    ),
    error(
        "json.trailing-data",
        "bytes follow a JSON document",
        cause="OPA reads the first value and ignores the rest; other readers do not.",
        remedy=REWRITE,
        threat="T-208",
    ),
)
