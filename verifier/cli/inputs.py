"""From options to values: policies, keys, names. What cannot be read is a usage error."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import output
from verifier.cli.options.option import refuse_without
from verifier.cli.running.variables import from_variable, is_variable
from verifier.cli.typed.environment import has_library_verify
from verifier.core.clock import parse_duration
from verifier.core.digest import Digest, read_digest
from verifier.core.errors import ConfigurationError
from verifier.core.outcome import Reason
from verifier.core.text.shown import shown
from verifier.core.value import replace
from verifier.files.descriptor import is_stream
from verifier.files.read import read_named_file
from verifier.trust.load import load_policy
from verifier.trust.model import TrustPolicy

if TYPE_CHECKING:
    from verifier.trust.adhoc import AdHocFlags

_MAX_KEY_BYTES = 64 * 1024
_ARCHIVE_SUFFIXES = (".tar.gz", ".tgz")


def trust_policy(
    path: Path | None, keys: Sequence[Path] | None, flags: AdHocFlags, *, counted: tuple[str, ...] = ()
) -> TrustPolicy:
    """The policy file, or one made of flags; both at once is a contradiction, neither trusts nobody.

    `counted` are the predicate types that count as a signature where flags say whom to believe.
    """
    from verifier.trust.adhoc import AdHocFlags, policy_from_flags  # noqa: PLC0415 - a policy file has no use for it

    if path is None:
        if not keys:
            refuse_without("--key", {"--algorithm": flags.algorithm})
        named = tuple((str(key), read_key(key, where="--key")) for key in keys or ())
        made = policy_from_flags(replace(flags, keys=named, attestations=(*counted, *flags.attestations)))
        return _as_wanted(made)
    if keys or flags != AdHocFlags():
        hint = "Leave the flags away, or the policy."
        message = "a policy file says whom to believe and what to demand; --key and its companions do not add to it"
        raise ConfigurationError(message, where="--policy", hint=hint)
    return policy_file(path)


def policy_file(
    path: Path, reading: Callable[[Path], None] | None = None, notice: Callable[[Reason], None] = output.finding
) -> TrustPolicy:
    """The policy at `path`; floors are checked against their schemes. One that comes in a stream names files as seen
    from here. `reading` is told of each file before it is read, `notice` of what is to be said of one."""
    here = Path() if is_stream(str(path)) else None
    return _as_wanted(load_policy(path, base=here, check_order=_check_order, notice=notice, reading=reading))


def _as_wanted(policy: TrustPolicy) -> TrustPolicy:
    """`policy`, whose Sigstore bundles the library verifies where the environment says so."""
    if not has_library_verify(os.environ):
        return policy
    return replace(policy, sigstore=replace(policy.sigstore, by_library=True))


def _check_order(key: str, scheme: str, text: str) -> None:
    from verifier.versions.jumps import parse_jump  # noqa: PLC0415
    from verifier.versions.schemes import Scheme, order_key  # noqa: PLC0415

    read = {"floor": order_key, "max_jump": parse_jump}[key]
    read(Scheme(scheme), text)


def read_key(path: Path, *, where: str = "", limit: int = _MAX_KEY_BYTES) -> bytes:
    """A file that an option names, such as a key, or a variable of the environment (`env:NAME`), bounded."""
    if is_variable(str(path)):
        return from_variable(str(path), where=where, limit=limit)
    try:
        return read_named_file(path, max_bytes=limit)
    except ConfigurationError as error:
        raise ConfigurationError(f"{shown(str(path))}: {error.message}", where=where, hint=error.hint) from error


def name_of(reference: str) -> str:
    """The name that an artifact has when nobody gives it one: its file's, without the archive's suffix; raises
    `ConfigurationError` for a stream, which has none."""
    require_named(reference)
    name = Path(reference).absolute().name
    for suffix in _ARCHIVE_SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def require_named(reference: str) -> None:
    """Refuse a stream where the artifact's name would be that of its file."""
    if is_stream(reference):
        message = "is needed: what comes in a stream has no name of its own"
        raise ConfigurationError(message, where="--name", hint="Say it without the version, as in --name authz.")


def duration(text: str, *, where: str) -> timedelta:
    """A duration option."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise ConfigurationError(str(error), where=where) from error


def digest(text: str, *, where: str) -> Digest:
    """A digest that an option or an argument gives."""
    try:
        return read_digest(text)
    except ValueError as error:
        hint = "Write the whole digest, as `sha256sum FILE` prints it: sha256:HEX."
        raise ConfigurationError(str(error), where=where, hint=hint) from error
