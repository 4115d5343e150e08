"""Reading a secret: a private key, a passphrase, a token.

* what others may read or change is refused, as `ssh` does: a file of this user's with any permission for others, or
  anybody's that others may write to
* what is handed over by a descriptor (`/dev/fd/63`, `/dev/stdin`, a shell's `<(...)`) or by a FIFO that is its owner's
  alone is read to its end, once
* a secret has a bound; what is longer is refused, never cut

A file that somebody else owns may be readable by its group: that is how orchestrators hand secrets to a service.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from verifier.core.errors import ConfigurationError
from verifier.files.descriptor import descriptor_of
from verifier.files.read import read_named_file

MAX_PASSPHRASE: Final = 1_023
"""Bytes of a passphrase: OpenSSL takes no longer ones, and a part of one would be another one."""


def read_secret_file(path: Path, *, max_bytes: int, is_secret: Callable[[bytes], bool] = bool) -> bytes:
    """The whole content; what `is_secret` says to be none may be anybody's to read.

    `ConfigurationError` where it has none or too much, or is exposed (`key.exposed`).
    """
    descriptor = _handed_over(path)
    if descriptor is not None:
        return _to_the_end(descriptor, max_bytes)
    if path.is_fifo():
        return _of_fifo(path, max_bytes)
    seen: list[os.stat_result] = []
    content = read_named_file(path, max_bytes=max_bytes, judge=seen.append)
    if is_secret(content):
        _require_hidden(path, seen[0])
    return content


def _of_fifo(path: Path, max_bytes: int) -> bytes:
    """What somebody writes into a FIFO, who is waited for; nobody else may, or could read it in our place."""
    try:
        _require_hidden(path, path.stat())  # before anybody is waited for
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _require_hidden(path, os.fstat(descriptor))
            return _to_the_end(descriptor, max_bytes)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}") from error


def _require_hidden(path: Path, status: os.stat_result) -> None:
    mode = stat.S_IMODE(status.st_mode)
    forbidden = stat.S_IRWXG | stat.S_IRWXO if status.st_uid == os.geteuid() else stat.S_IWGRP | stat.S_IWOTH
    if mode & forbidden:
        what = "change" if mode & (stat.S_IWGRP | stat.S_IWOTH) else "read"
        hint = f"chmod 600 {path}; if others may have read it, make a new one."
        raise ConfigurationError(
            f"others may {what} it (mode {mode:04o}, expected 0600)", code="key.exposed", hint=hint
        )


def _handed_over(path: Path) -> int | None:
    """The descriptor that `path` stands for, where that is a pipe, a socket or a terminal; None for a file."""
    number = descriptor_of(path)
    try:
        return None if number is None or stat.S_ISREG(os.fstat(number).st_mode) else number
    except OSError:
        return None


def _to_the_end(descriptor: int, max_bytes: int) -> bytes:
    try:
        with os.fdopen(os.dup(descriptor), "rb") as stream:
            content = stream.read(max_bytes + 1)
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}") from error
    if len(content) > max_bytes:
        raise ConfigurationError(f"larger than {max_bytes} bytes")
    return content
