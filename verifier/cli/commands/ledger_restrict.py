"""`verify ledger floor` and `quarantine`: an operator restricts a scope, and says why. Nothing here loosens one."""

from __future__ import annotations

from getpass import getuser
from typing import Annotated

import typer

from verifier.cli import output, settings, stores
from verifier.cli.ledger_rows import scope_row
from verifier.cli.options import shared as o
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError
from verifier.ledger.advance import Circumstances
from verifier.ledger.operate import set_floor, withdraw_digest, withdraw_versions
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor, ScopeState, VersionRange, scope_name

Scope = Annotated[str, typer.Argument(metavar="SCOPE", help="kind:name, or kind:name@channel.")]
Why = Annotated[str, typer.Option("--reason", help="Why; kept in the history.")]
Actor = Annotated[str | None, typer.Option("--actor", help="Who orders it (default: the user's name).")]
SchemeOption = Annotated[Scheme, typer.Option("--scheme", help="How the versions order.")]


def floor(
    scope: Scope,
    version: Annotated[str, typer.Argument(metavar="VERSION", help="The lowest acceptable version.")],
    *,
    reason: Why,
    scheme: SchemeOption = Scheme.SEMVER,
    epoch: Annotated[int | None, typer.Option("--epoch", help="Default: the scope's current one.")] = None,
    actor: Actor = None,
    url: o.LedgerUrl = None,
    now: o.Now = None,
) -> int:
    """Raise the lowest accepted version. It never goes down again without a signed rollback."""
    scope = checked_scope(scope)
    with stores.existing(url) as store:
        state = store.fetch(scope).state
        current = state.epoch if state is not None else 0
        try:
            lowest = Floor(epoch=current if epoch is None else epoch, version=version, scheme=scheme)
        except ValueError as error:
            raise ConfigurationError(str(error), where="VERSION") from error
        set_floor(store, scope, lowest, circumstances_of(actor, reason, now))
        output.line(scope_row(scope, store.fetch(scope).state, o.Format.TEXT))
    return output.EXIT_ACCEPTED


def quarantine(
    scope: Scope,
    *,
    reason: Why,
    digest: Annotated[str | None, typer.Option("--digest", help="sha256:HEX of withdrawn content.")] = None,
    lowest: Annotated[str | None, typer.Option("--from", help="First withdrawn version.")] = None,
    highest: Annotated[str | None, typer.Option("--to", help="Last withdrawn version, or the same.")] = None,
    scheme: SchemeOption = Scheme.SEMVER,
    actor: Actor = None,
    url: o.LedgerUrl = None,
    now: o.Now = None,
) -> int:
    """Withdraw content or versions for ever. By digest, or as a range with both ends included."""
    scope = checked_scope(scope)
    if lowest is not None and highest is None:
        hint = f"For that one version: --from {lowest} --to {lowest}."
        raise ConfigurationError("--from alone would withdraw every later version, for ever", where="--to", hint=hint)
    if (digest is None) == (lowest is None and highest is None):
        raise ConfigurationError("name either a digest, or a range of versions", where="--digest, --from, --to")
    circumstances = circumstances_of(actor, reason, now)
    try:
        content = None if digest is None else Digest.parse(digest)
        versions = None if content else VersionRange(lowest=lowest, highest=highest, scheme=scheme)
        ScopeState(revision=1, quarantined_digests=(content,) if content else ())
    except ValueError as error:
        raise ConfigurationError(str(error), where="--digest, --from, --to") from error
    with stores.existing(url) as store:
        if content is not None:
            withdraw_digest(store, scope, content, circumstances)
        if versions is not None:
            withdraw_versions(store, scope, versions, circumstances)
        output.line(scope_row(scope, store.fetch(scope).state, o.Format.TEXT))
    return output.EXIT_ACCEPTED


def checked_scope(text: str) -> str:
    """A scope as it was typed: `kind:name` or `kind:name@channel`."""
    reference, at, channel = text.rpartition("@")
    return scope_name(reference, channel) if at else scope_name(text)


def circumstances_of(actor: str | None, reason: str, now: str | None) -> Circumstances:
    """Who acts, why and when."""
    who = _user_name() if actor is None else actor
    return Circumstances(now=settings.now(now), actor=who, comment=reason, correlation_id=settings.correlation_id(None))


def _user_name() -> str:
    try:
        return getuser()
    except (OSError, KeyError, ImportError):  # a user without a name: KeyError before Python 3.13
        return ""
