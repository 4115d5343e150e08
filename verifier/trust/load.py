"""A trust policy from a file, with every file that it names.

* what is not a regular file, or larger than its bound, is not read
* what everybody may exchange is not believed; where one other user or group may, it is said (`policy.exchangeable`): a
  policy lies where a release was checked out, which often belongs to another user
* paths in the policy are relative to the directory of the policy
* every error names the policy's line
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.core.errors import ConfigurationError
from verifier.core.outcome import Reason
from verifier.files.descriptor import is_stream
from verifier.files.place import exchanges
from verifier.files.read import read_named_file
from verifier.trust.model import TrustPolicy

if TYPE_CHECKING:
    from verifier.trust.names import CheckOrder

MAX_NAMED_FILE_BYTES = 1024 * 1024
"""Bytes of one key, secret or Rego file beside a policy."""


def load_policy(
    path: str | Path,
    *,
    base: Path | None = None,
    check_order: CheckOrder | None = None,
    notice: Callable[[Reason], None] | None = None,
    reading: Callable[[Path], None] | None = None,
) -> TrustPolicy:
    """The policy at `path`; raises `ConfigurationError` for whatever is wrong with it or a file that it names.

    What it names lies in `base`, by default beside it. `notice` is told of each of these files that somebody else may
    exchange, and `reading` of each file just before it is read.
    """
    # Ad-hoc policies read keys with this module and have no TOML.
    from verifier.trust.parse import MAX_POLICY_BYTES, parse_policy  # noqa: PLC0415

    path = Path(path)
    base = path.parent if base is None else base
    try:
        source = _read(path, notice, reading, max_bytes=MAX_POLICY_BYTES)
    except ConfigurationError as error:
        raise ConfigurationError(error.message, where=str(path), hint=error.hint) from error
    return parse_policy(
        source,
        where=str(path),
        read_file=lambda name: _read(base / name, notice, reading, max_bytes=MAX_NAMED_FILE_BYTES),
        base_dir=str(base),
        check_order=check_order,
    )


def _read(
    path: Path,
    notice: Callable[[Reason], None] | None,
    reading: Callable[[Path], None] | None,
    *,
    max_bytes: int,
) -> bytes:
    if reading is not None:
        reading(path)
    for found in () if _is_nameless(path) else exchanges(path):
        if found.anybody:
            raise ConfigurationError(f"{found}", hint="Keep it where nobody else may write: chmod o-w.")
        if notice is not None:
            notice(Reason(code="policy.exchangeable", subject=str(path), message=f"{found}"))
        break
    return read_named_file(path, max_bytes=max_bytes)


def _is_nameless(path: Path) -> bool:
    """Whether it is a file that this process has open and nobody else can reach: nothing can be put in its place."""
    return is_stream(str(path)) and path.stat().st_nlink == 0
