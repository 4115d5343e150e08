"""Values that stand in several tables of the gateway's configuration: durations, and what is in files.

* what a file is to hold is read at once: what is missing is said here, not at the first connection
* a secret is one line of text, in a file that nobody else may exchange
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from verifier.core.clock import parse_duration
from verifier.core.errors import ConfigurationError
from verifier.files.place import exchanges
from verifier.files.read import read_named_file
from verifier.formats.toml.table import Table

T = TypeVar("T")
_MAX_SECRET_BYTES: Final = 8 * 1024
MAX_PEM_BYTES: Final = 1024 * 1024
ZERO: Final = timedelta(0)


def secret_text(section: Table, key: str, folder: Path) -> str | None:
    """The one line of the file that `key` names, None where the key is absent."""
    return _line(section, key, folder / section.text(key)) if key in section.values else None


def lines_of(section: Table, key: str, folder: Path, read: Callable[[str], T]) -> tuple[T, ...]:
    """What `read` makes of the one line of each file that `key` lists; it raises `ValueError` for what is wrong."""
    found = []
    for index, file in enumerate(section.texts(key)):
        text = _line(section, key, folder / file, index)
        found.append(section.checked(key, partial(read, text), index=index))
    return tuple(found)


def _line(section: Table, key: str, path: Path, index: int | None = None) -> str:
    """The one line of a secret's file."""
    content = _content(section, key, path, _MAX_SECRET_BYTES, index)
    try:
        text = content.decode("ascii").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise section.error(key, f"names {path}, which is not ASCII text", index=index) from error
    if not text or not text.isprintable():
        raise section.error(key, f"names {path}, which does not hold one line of text", index=index)
    return text


def existing(section: Table, key: str, folder: Path) -> Path | None:
    """The path under `key`, after reading it once: what is missing is said here, not at the first connection."""
    if key not in section.values:
        return None
    path = folder / section.text(key)
    _content(section, key, path, MAX_PEM_BYTES)
    return path


def duration(section: Table, key: str, *, default: timedelta, low: timedelta, high: timedelta) -> timedelta:
    """A duration from `low` to `high`, `default` where the key is absent."""
    if key not in section.values:
        return default
    text = section.text(key)
    value: timedelta = section.checked(key, _reading(text))
    if not low <= value <= high:
        raise section.error(key, f"must be from {_spelled(low)} to {_spelled(high)}, not {text}")
    return value


def _content(section: Table, key: str, path: Path, limit: int, index: int | None = None) -> bytes:
    if (found := next((each for each in exchanges(path) if each.anybody), None)) is not None:
        raise section.error(key, f"names {path}: {found}", index=index)
    try:
        return read_named_file(path, max_bytes=limit)
    except ConfigurationError as error:
        raise section.error(key, f"names {path}: {error.message}", index=index) from error


def _reading(text: str) -> Callable[[], timedelta]:
    return lambda: ZERO if text == "0s" else parse_duration(text)


def _spelled(duration: timedelta) -> str:
    return f"{int(duration.total_seconds())}s"
