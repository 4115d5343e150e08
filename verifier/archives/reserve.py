"""Memory for what is about to be unpacked, reserved at once: a buffer that grows is copied, and stands there twice.

* as many bytes as were asked for, all of them zeros
* large ones come in large pages where the system has them: touching ten thousand small pages for the first time takes
  longer than hashing what they hold
"""

from __future__ import annotations

import mmap
import sys
from typing import TypeAlias

Buffer: TypeAlias = bytearray | mmap.mmap

_LARGE = 4 * 1024 * 1024
"""Bytes from which on large pages (2 MiB on most machines) are worth their rounding."""


def reserve(size: int) -> Buffer:
    """A buffer of `size` bytes; its slices are bytes, and only a `bytearray` grows when a slice is assigned to."""
    if sys.platform == "linux" and size >= _LARGE:
        try:
            buffer = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
            buffer.madvise(mmap.MADV_HUGEPAGE)
        except (OSError, AttributeError):
            return bytearray(size)  # a kernel or a C library without large pages
        return buffer
    return bytearray(size)
