"""Reason codes of a bundle's manifest and its roots."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, warning
from verifier.core.reasons.remedies import REBUILD

MANIFEST: tuple[ReasonCode, ...] = (
    warning(
        "manifest.missing",
        "the bundle has no manifest",
        cause="Without `.manifest` there is no revision, and the bundle claims every root.",
        remedy="Build with `opa build --revision VERSION`.",
    ),
    error(
        "manifest.duplicate",
        "the bundle has more than one manifest",
        cause="OPA decodes every file that ends in `.manifest` over the one before: the last wins.",
        remedy=REBUILD,
        threat="T-208",
    ),
    error(
        "manifest.invalid",
        "the manifest is not what OPA defines",
        cause="A field has the wrong type or is unknown.",
        remedy="Compare with OPA's bundle file format.",
        threat="T-208",
    ),
    error(
        "manifest.roots-overlap",
        "two roots of the manifest overlap",
        cause="One root is a prefix of another by whole segments.",
        remedy="List disjoint roots.",
    ),
    error(
        "manifest.outside-roots",
        "policy or data lies outside the manifest's roots",
        cause="A package or a data file is not under any of the roots that the manifest claims.",
        remedy="Add the root, or move the file.",
        threat="T-201",
    ),
)
