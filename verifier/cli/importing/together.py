"""A policy and the keys that it names, written together: all of them new, or none."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from verifier.cli import inputs
from verifier.core.errors import ConfigurationError
from verifier.files.write import write_new_file


def write_together(policy: Path, text: str, keys: Mapping[str, bytes]) -> None:
    """Write `text` to `policy`, and each of `keys` to its path beside it; `ConfigurationError` where one of them is
    there already and is another, or cannot be written, and then none is left behind."""
    made: list[Path] = []
    try:
        for name, content in keys.items():
            _write_key(policy.parent / name, content, made)
        write_new_file(policy, text.encode(), mode=0o644)
    except BaseException:
        for path in made:
            with suppress(OSError):
                path.unlink()
        raise


def _write_key(path: Path, content: bytes, made: list[Path]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"cannot be made: {error.strerror}", where=str(path.parent)) from error
    if path.exists() and inputs.read_key(path) == content:
        return
    write_new_file(path, content, mode=0o644)
    made.append(path)
