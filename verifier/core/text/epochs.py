"""Versions as people say them."""

from __future__ import annotations


def in_epoch(epoch: int, version: str) -> str:
    """A version; with its epoch where that is not the first one."""
    return version if epoch == 0 else f"{version} (epoch {epoch})"
