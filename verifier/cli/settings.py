"""What the environment, the clock and the file system say, read once per command and passed on."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.core.clock import parse_rfc3339
from verifier.core.errors import ConfigurationError
from verifier.core.limits import MAX_CORRELATION_ID
from verifier.core.uris import VERIFIER_ID
from verifier.core.version import VERSION

if TYPE_CHECKING:
    from verifier.rego.organisation.opa_rules import OpaRules


_MAX_EPOCH_DIGITS = 11
"""Seconds up to the year 5138."""


def now(given: str | None) -> datetime:
    """The time that a verification judges by: `--now`, or the clock."""
    if given is None:
        return datetime.now(UTC)
    try:
        return parse_rfc3339(given)
    except ValueError as error:
        raise ConfigurationError(str(error), where="--now") from error


def source_date() -> datetime | None:
    """The time that what is made reproducibly states: SOURCE_DATE_EPOCH, seconds since 1970; None where it is not set.

    Source: https://reproducible-builds.org/specs/source-date-epoch.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if not given:
        return None
    if not given.isascii() or not given.isdigit() or len(given) > _MAX_EPOCH_DIGITS:
        message = f"expected seconds since 1970, not {given[:40]!r}"
        raise ConfigurationError(message, where="SOURCE_DATE_EPOCH", hint="As in $(git log -1 --format=%ct).")
    return datetime.fromtimestamp(int(given), UTC)


def correlation_id(given: str | None) -> str:
    """`--correlation-id`, or a new one."""
    if given is None:
        return os.urandom(16).hex()  # like a trace-id of W3C Trace Context
    if not given.isprintable() or not 0 < len(given) <= MAX_CORRELATION_ID:
        raise ConfigurationError("1 to 128 printable characters are needed", where="--correlation-id")
    return given


def default_ledger_path() -> Path:
    """The per-user ledger, in the XDG state folder."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "policy-verifier" / "ledger.db"


def default_compiled_folder() -> Path:
    """What compilers have found in modules: in the XDG cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "policy-verifier" / "compiled"


def default_rules_folder() -> Path:
    """The compiled rules of the scanner for secrets: in the XDG cache folder."""
    return default_compiled_folder().with_name("secrets")


def opa_executable() -> str:
    """The real `opa` on PATH."""
    found = opa_on_path()
    if found is None:
        raise ConfigurationError("no `opa` on PATH", where="--rego-engine opa")
    return found


def opa_on_path() -> str | None:
    """The `opa` on PATH, where there is one; not one that lies in whatever folder a command is run in."""
    import shutil  # noqa: PLC0415 - only where it is asked for

    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if Path(folder).is_absolute()]
    return shutil.which("opa", path=os.pathsep.join(folders)) if folders else None


def opa_rules() -> OpaRules | None:
    """The `opa` on PATH as a judge by rules in Rego, where there is one."""
    found = opa_on_path()
    if found is None:
        return None
    from verifier.rego.organisation.opa_rules import OpaRules  # noqa: PLC0415 - only where it is asked for

    return OpaRules(executable=found)


def verifier_identity(given: str | None) -> tuple[str, dict[str, str]]:
    """The VSA's `verifier.id` and `verifier.version`."""
    return given or VERIFIER_ID, {"policy-verifier": VERSION}
