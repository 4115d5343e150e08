"""Which release this is, in words, and what unpacks gzip where that is not the interpreter's zlib."""

from __future__ import annotations

from verifier.cli import output
from verifier.core.version import VERSION


def told() -> int:
    """Say it; returns the exit status."""
    from verifier.archives.inflating import EXTRA, VERSIONS  # noqa: PLC0415 - for who asks

    output.line(f"verify {VERSION}")
    for name, version_of in VERSIONS.items():
        output.line(f"gzip is unpacked by {name} {version_of}, by the extra `{EXTRA}`")
    return output.EXIT_ACCEPTED
