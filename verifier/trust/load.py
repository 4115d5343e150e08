"""A trust policy from a file, with every file that it names.

* what is not a regular file, or larger than its bound, is not read
* paths in the policy are relative to the directory of the policy
* every error names the policy's line
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.core.errors import ConfigurationError
from verifier.trust.model import TrustPolicy

if TYPE_CHECKING:
    from verifier.trust.parse import CheckOrder

MAX_NAMED_FILE_BYTES = 1024 * 1024
"""Bytes of one key, secret or Rego file beside a policy."""


def load_policy(path: Path, *, check_order: CheckOrder | None = None) -> TrustPolicy:
    """The policy at `path`; raises `ConfigurationError` for whatever is wrong with it or a file that it names."""
    # Ad-hoc policies read keys with this module and have no TOML.
    from verifier.trust.parse import MAX_POLICY_BYTES, parse_policy  # noqa: PLC0415

    base = path.parent
    try:
        source = read_regular_file(path, limit=MAX_POLICY_BYTES)
    except ConfigurationError as error:
        raise ConfigurationError(error.message, where=str(path), hint=error.hint) from error
    return parse_policy(
        source,
        where=str(path),
        read_file=lambda name: read_regular_file(base / name, limit=MAX_NAMED_FILE_BYTES),
        base_dir=str(base),
        check_order=check_order,
    )


def read_regular_file(path: Path, *, limit: int) -> bytes:
    """The bytes of a regular file of at most `limit` bytes; raises `ConfigurationError`."""
    try:
        content = _read(path, limit + 1)
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}") from error
    except ValueError as error:  # a NUL byte in the path
        raise ConfigurationError(f"cannot be read: {error}") from error
    if len(content) > limit:
        raise ConfigurationError(f"larger than {limit} bytes")
    return content


def _read(path: Path, size: int) -> bytes:
    # Without O_NONBLOCK, opening a FIFO would wait for its writer for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ConfigurationError("not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(size)
    finally:
        os.close(descriptor)
