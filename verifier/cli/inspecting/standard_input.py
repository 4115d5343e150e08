"""Standard input as something to look at, bounded."""

from __future__ import annotations

import sys

from verifier.core.errors import refuse
from verifier.core.limits import DEFAULT_LIMITS


def read_standard_input() -> bytes:
    """All of it; `Refused` (`input.too-large`) beyond what an archive may have."""
    most = DEFAULT_LIMITS.archive_bytes
    content = sys.stdin.buffer.read(most + 1)
    if len(content) > most:
        raise refuse("input.too-large", "standard input", f"more than {most:,} bytes")
    return content
