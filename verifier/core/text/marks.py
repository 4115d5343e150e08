"""A version with its epoch, as people read it: the epoch is said where it is another than the first, 0."""

from __future__ import annotations


def marked(mark: str) -> str:
    """What a ledger writes as `epoch:version`."""
    epoch, colon, version = mark.partition(":")
    if not colon or not (epoch.isascii() and epoch.isdigit()):
        return mark
    return version if not epoch.strip("0") else f"{version} (epoch {epoch})"
