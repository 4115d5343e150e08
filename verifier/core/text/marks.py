"""Versions, and what a ledger has accepted last, as people read them."""

from __future__ import annotations

from typing import Final

_MOST_DIGITS: Final = 12
"""Of an epoch."""


def in_epoch(epoch: int, version: str) -> str:
    """A version; with its epoch where that is not the first one."""
    return version if epoch == 0 else f"{version} (epoch {epoch})"


def marked(mark: str) -> str:
    """A ledger's `epoch:version` as people read it; what is not of that form as it is."""
    epoch, colon, version = mark.partition(":")
    if not colon or not (epoch.isascii() and epoch.isdigit() and len(epoch) <= _MOST_DIGITS):
        return mark
    return in_epoch(int(epoch), version)
