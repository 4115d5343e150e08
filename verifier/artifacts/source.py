"""Where an artifact's bytes come from on this machine.

* what is read is read once: the bytes that are judged are the bytes that are handed on
* a directory stands for its canonical archive, so that it is read exactly as a bundle is
"""

from __future__ import annotations

import os
from pathlib import Path

from verifier.artifacts.local_file import read_regular_file
from verifier.core.limits import Limits


def read_content(source: bytes | Path, *, limits: Limits) -> bytes:
    """The bytes of an archive given as such, as a file, or as the directory it is to be made of."""
    if isinstance(source, bytes):
        return source
    if os.path.isdir(source):  # noqa: PTH112 - `Path.is_dir` raises for a name that is too long or out of reach
        from verifier.artifacts.pack import pack_directory  # noqa: PLC0415 - most artifacts are files

        return pack_directory(source, limits=limits)
    return read_regular_file(source, max_bytes=limits.archive_bytes)
