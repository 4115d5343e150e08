"""Whom to believe: a policy file, or one made of flags."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from verifier.cli import inputs
from verifier.cli.options import sigstore
from verifier.cli.options.option import Group, option
from verifier.cli.options.sigstore import TRUSTED_ROOT
from verifier.core.errors import ConfigurationError
from verifier.trust.model import TrustPolicy

if TYPE_CHECKING:
    from verifier.core.signers.keyless import KeylessIdentity
    from verifier.trust.adhoc import AdHocFlags


class Demand(Protocol):
    """A group of options that say what a policy made of flags demands."""

    def onto(self, flags: AdHocFlags) -> AdHocFlags:
        """`flags` with what these options say."""


class Trust(Group):
    """A policy file, or keys and identities in its stead."""

    panel = "Whom to believe"
    policy: Path | None = option("--policy", "Trust policy (TOML).", default=None)
    key: tuple[Path, ...] = option(
        "--key", "Public key to trust instead of a policy; repeatable.", default=(), metavar="FILE"
    )
    cert_identity: str | None = option(
        "--cert-identity", "Keyless signer: the certificate's identity, or a glob.", default=None
    )
    cert_oidc_issuer: str | None = option(
        "--cert-oidc-issuer", "Keyless signer: the OIDC issuer, exactly.", default=None
    )
    trusted_root: str = TRUSTED_ROOT

    def believed(self, *demands: Demand, counted: tuple[str, ...] = (), refresh: bool = False) -> TrustPolicy:
        """The policy file, or what these flags and `demands` make.

        `counted` are the predicate types that count as a signature where flags say whom to believe; `refresh` fetches
        the Sigstore root first. Raises `ConfigurationError` where flags stand beside a policy file, or nobody is
        trusted.
        """
        return inputs.trust_policy(self.policy, self.key, self._flags(demands, refresh=refresh), counted=counted)

    def _flags(self, demands: Iterable[Demand], *, refresh: bool) -> AdHocFlags:
        from verifier.trust.adhoc import AdHocFlags  # noqa: PLC0415 - the hook has no use for it

        named = self._keyless()
        flags = AdHocFlags(keyless=named, sigstore=sigstore.instance(self.trusted_root, refresh=refresh))
        for demand in demands:
            flags = demand.onto(flags)
        return flags

    def _keyless(self) -> KeylessIdentity | None:
        """The keyless signer; half of one is nobody."""
        identity, issuer = self.cert_identity, self.cert_oidc_issuer
        if (identity is None) != (issuer is None):
            raise ConfigurationError("--cert-identity and --cert-oidc-issuer go together", where="--cert-identity")
        if identity is None or issuer is None:
            return None
        from verifier.core.signers.keyless import KeylessIdentity  # noqa: PLC0415 - only for who names one

        return KeylessIdentity(issuer=issuer, identity=identity)
