"""A trust policy from a file, with every file that it names.

* what is not a regular file, or larger than its bound, is not read
* paths in the policy are relative to the directory of the policy
* every error names the policy's line
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from verifier.core.errors import ConfigurationError
from verifier.files.read import read_named_file
from verifier.trust.model import TrustPolicy

if TYPE_CHECKING:
    from verifier.trust.names import CheckOrder

MAX_NAMED_FILE_BYTES = 1024 * 1024
"""Bytes of one key, secret or Rego file beside a policy."""


def load_policy(path: Path, *, check_order: CheckOrder | None = None) -> TrustPolicy:
    """The policy at `path`; raises `ConfigurationError` for whatever is wrong with it or a file that it names."""
    # Ad-hoc policies read keys with this module and have no TOML.
    from verifier.trust.parse import MAX_POLICY_BYTES, parse_policy  # noqa: PLC0415

    base = path.parent
    try:
        source = read_named_file(path, max_bytes=MAX_POLICY_BYTES)
    except ConfigurationError as error:
        raise ConfigurationError(error.message, where=str(path), hint=error.hint) from error
    return parse_policy(
        source,
        where=str(path),
        read_file=lambda name: read_named_file(base / name, max_bytes=MAX_NAMED_FILE_BYTES),
        base_dir=str(base),
        check_order=check_order,
    )
