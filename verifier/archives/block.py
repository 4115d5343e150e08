"""What a tar archive consists of."""

from __future__ import annotations

from typing import Final

BLOCK: Final = 512
"""Bytes of a header, and what the bytes of a file are filled up to a multiple of."""
