"""Writing an answer to disk: whole or not at all, in the old one's place."""

from __future__ import annotations

from pathlib import Path

from verifier.core.errors import ConfigurationError
from verifier.files.write import write_whole


def replace_file(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write `content` to `path`; `ConfigurationError` where that cannot be, and then nothing has changed."""
    try:
        write_whole(path, content, mode=mode)
    except OSError as error:
        raise ConfigurationError(f"cannot be written: {error.strerror}", where=str(path)) from error
