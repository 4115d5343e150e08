"""Reason codes of publishing."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, warning

PUBLISH: tuple[ReasonCode, ...] = (
    error(
        "publish.overtaken",
        "somebody else published under the tag meanwhile",
        cause="The tag stood for one manifest when publishing began, and for another when it was to be moved: moving "
        "it would undo what they did.",
        remedy="See what stands there now; publish again where yours is to follow it.",
        threat="T-206",
    ),
    warning(
        "publish.unjudged",
        "a tag was moved, and nobody compared the versions",
        cause="The tag stood for another artifact, and without `--gate` nobody knows whether it moves forward or back.",
        remedy="Publish with `--gate POLICY`, whose rule orders versions; or never move a tag.",
        threat="T-206",
    ),
)
