"""`verify ledger floor` and `quarantine`: an operator restricts a scope, and says why. Nothing here loosens one."""

from __future__ import annotations

from functools import partial

from verifier.cli import output
from verifier.cli.ledgers.orders import Care, Meant, done
from verifier.cli.options.ledger import LedgerPlace
from verifier.cli.options.operator import Order
from verifier.cli.options.option import Group, argument, option
from verifier.cli.spread import spread
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError
from verifier.ledger.foresight import grave
from verifier.ledger.operate import set_floor, withdraw_digest, withdraw_versions
from verifier.versions.restrict import quarantine_digest, quarantine_versions, raise_floor
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor, ScopeState, VersionRange, scope_name

_SCOPE: str = argument("SCOPE", "kind:name, or kind:name@channel.")
_SCHEME = option("--scheme", "How the versions order.", default=Scheme.SEMVER)


@spread
def floor(
    *,
    scope: str = _SCOPE,
    version: str = argument("VERSION", "The lowest acceptable version."),
    scheme: Scheme = _SCHEME,
    epoch: int | None = option("--epoch", "Default: the scope's current one.", default=None),
    order: Order,
    meant: Meant,
    care: Care,
    place: LedgerPlace,
) -> int:
    """Raise the lowest accepted version. It never goes down again."""
    scope = checked_scope(scope)
    with care.opened(place.ledger) as store:
        state = meant.state(store, scope)
        current = state.epoch if state is not None else 0
        try:
            lowest = Floor(epoch=current if epoch is None else epoch, version=version, scheme=scheme)
        except ValueError as error:
            hint = "Write it as in 1.4.0, or name its --scheme."
            raise ConfigurationError(str(error), where="VERSION", hint=hint) from error
        after = raise_floor(state, lowest)
        why = None if meant.new_scope and state is None else grave(state, after)
        return done(care, scope, after, lambda: set_floor(store, scope, lowest, order.circumstances()), why=why)


class Withdrawn(Group):
    """Content by its digest, or a range of versions."""

    panel = "What is withdrawn"
    digest: str | None = option("--digest", "sha256:HEX of withdrawn content.", default=None)
    lowest: str | None = option("--from", "First withdrawn version.", default=None)
    highest: str | None = option("--to", "Last withdrawn version, or the same.", default=None)
    scheme: Scheme = _SCHEME

    def named(self) -> Digest | VersionRange:
        """The one of the two that is named; raises `ConfigurationError` for both, and for neither."""
        lowest, highest = self.lowest, self.highest
        if lowest is not None and highest is None:
            hint = f"For that one version: --from {lowest} --to {lowest}."
            message = "--from alone would withdraw every later version, for ever"
            raise ConfigurationError(message, where="--to", hint=hint)
        if (self.digest is None) == (lowest is None and highest is None):
            raise ConfigurationError("name either a digest, or a range of versions", where="--digest, --from, --to")
        if self.digest is not None and self.scheme is not Scheme.SEMVER:
            raise ConfigurationError("goes with --from and --to", where="--scheme")
        try:
            if self.digest is None:
                return VersionRange(lowest=lowest, highest=highest, scheme=self.scheme)
            content = Digest.parse(self.digest)
            ScopeState(revision=1, quarantined_digests=(content,))
        except ValueError as error:
            if self.digest is not None:
                raise ConfigurationError(str(error), where="--digest") from error
            hint = "Write both in full, as in --from 1.3.0 --to 1.3.2; other versions than SemVer have their --scheme."
            raise ConfigurationError(str(error), where="--from, --to", hint=hint) from error
        return content


@spread
def quarantine(
    *,
    scope: str = _SCOPE,
    withdrawn: Withdrawn,
    order: Order,
    meant: Meant,
    care: Care,
    place: LedgerPlace,
) -> int:
    """Withdraw content or versions for ever. By digest, or as a range with both ends included."""
    scope, what = checked_scope(scope), withdrawn.named()
    with care.opened(place.ledger) as store:
        state = meant.state(store, scope)
        if isinstance(what, Digest):
            after, withdraw = quarantine_digest(state, what), partial(withdraw_digest, store, scope, what)
            if not any(True for _ in store.events(scope, naming=what, newest=1)):
                output.hint(f"note: nothing with the digest {what} was ever accepted in {scope}: is it the right one?")
        else:
            after, withdraw = quarantine_versions(state, what), partial(withdraw_versions, store, scope, what)
        why = None if meant.new_scope and state is None else grave(state, after)
        return done(care, scope, after, lambda: withdraw(order.circumstances()), why=why)


def checked_scope(text: str) -> str:
    """A scope as it was typed: `kind:name` or `kind:name@channel`."""
    reference, at, channel = text.rpartition("@")
    try:
        return scope_name(reference, channel) if at else scope_name(text)
    except ConfigurationError as error:
        hint = "Write it as in bundle:authz; `verify ledger show` lists the scopes that there are."
        raise ConfigurationError(error.message, where="SCOPE", hint=hint) from error
