"""Reason codes of the loader's cache."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, undecided, warning

CACHE: tuple[ReasonCode, ...] = (
    undecided(
        "cache.corrupt",
        "the cache holds what was not written",
        cause="A record or a blob has another digest than it should, is missing, or is not a file of ours alone. A "
        "warning where the bytes were at hand and were verified anew; a denial where only the cache had them.",
        remedy="Look for a failing disk, or for whoever writes to the folder; what was corrupt is already removed.",
        threat="T-209",
    ),
    warning(
        "cache.unavailable",
        "the cache cannot be used",
        cause="Its disk is full or read-only, there is no room within its bounds, or others held it for too long.",
        remedy="Make room, or allow it more; nothing is wrong with the answer, which stands without being kept.",
        threat="T-213",
    ),
)
