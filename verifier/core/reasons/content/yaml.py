"""Reason codes of YAML that has one meaning."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error
from verifier.core.reasons.remedies import REWRITE

YAML: tuple[ReasonCode, ...] = (
    error(
        "yaml.invalid",
        "a YAML document is malformed",
        cause="It is not one well-formed YAML document in UTF-8.",
        remedy=REWRITE,
        threat="T-208",
    ),
    error(
        "yaml.unsupported",
        "a YAML document uses what readers disagree on",
        cause="Anchors, tags, several documents, merge keys, keys that are not strings, or a plain scalar whose "
        "type depends on the YAML version.",
        remedy="Quote the scalar, or write the file as JSON.",
        threat="T-208",
    ),
)
