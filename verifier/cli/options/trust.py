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
        "--cert-identity --certificate-identity",
        "Keyless signer: the certificate's identity, or a glob.",
        default=None,
    )
    cert_oidc_issuer: str | None = option(
        "--cert-oidc-issuer --certificate-oidc-issuer", "Keyless signer: the OIDC issuer, exactly.", default=None
    )
    cert_identity_regexp: str | None = option(
        "--certificate-identity-regexp --cert-identity-regexp --cert-identity-regex",
        "Instead: a regular expression that the whole identity matches.",
        default=None,
    )
    cert_oidc_issuer_regexp: str | None = option(
        "--certificate-oidc-issuer-regexp --cert-oidc-issuer-regexp",
        "Instead: a regular expression of a few issuers.",
        default=None,
    )
    trusted_root: str = TRUSTED_ROOT

    def believed(self, *demands: Demand, counted: tuple[str, ...] = (), refresh: bool = False) -> TrustPolicy:
        """The policy file, or what these flags and `demands` make.

        `counted` are the predicate types that count as a signature where flags say whom to believe; `refresh` fetches
        the Sigstore root first. Raises `ConfigurationError` where flags stand beside a policy file, or nobody is
        trusted.
        """
        flags = self._flags(demands, refresh=refresh)
        policy = inputs.trust_policy(self.policy, self.key, flags, counted=counted)
        if flags.keyless is not None and flags.keyless.regexps:
            from verifier.cli import output  # noqa: PLC0415 - only for who writes expressions

            for said in flags.keyless.remarks():
                output.hint(f"verify: {said}")
        return policy

    def files(self) -> tuple[Path, ...]:
        """The files that these options name."""
        root = () if self.trusted_root in {"production", "staging"} else (Path(self.trusted_root),)
        return (*self.key, *root) if self.policy is None else (self.policy, *self.key, *root)

    def _flags(self, demands: Iterable[Demand], *, refresh: bool) -> AdHocFlags:
        from verifier.trust.adhoc import AdHocFlags  # noqa: PLC0415 - the hook has no use for it

        named = self._keyless()
        flags = AdHocFlags(keyless=named, sigstore=sigstore.instance(self.trusted_root, refresh=refresh))
        for demand in demands:
            flags = demand.onto(flags)
        return flags

    def _keyless(self) -> KeylessIdentity | None:
        """The keyless signer; half of one is nobody."""
        identity = _one_of("--cert-identity", self.cert_identity, self.cert_identity_regexp)
        issuer = _one_of("--cert-oidc-issuer", self.cert_oidc_issuer, self.cert_oidc_issuer_regexp)
        if (identity is None) != (issuer is None):
            missing = "--cert-identity" if identity is None else "--cert-oidc-issuer"
            message = "is missing: --cert-identity and --cert-oidc-issuer go together"
            raise ConfigurationError(message, where=missing)
        if identity is None or issuer is None:
            return None
        from verifier.core.signers.keyless import KeylessIdentity  # noqa: PLC0415 - only for who names one

        given = {"issuer": self.cert_oidc_issuer_regexp, "identity": self.cert_identity_regexp}
        regexps = tuple(name for name, text in given.items() if text is not None)
        self._check_regexps()
        return KeylessIdentity(issuer=issuer, identity=identity, regexps=regexps or None)

    def _check_regexps(self) -> None:
        from verifier.trust import vocabulary  # noqa: PLC0415 - only for who writes expressions

        for flag, check, text in (
            ("--certificate-identity-regexp", vocabulary.check_identity_regexp, self.cert_identity_regexp),
            ("--certificate-oidc-issuer-regexp", vocabulary.check_issuer_regexp, self.cert_oidc_issuer_regexp),
        ):
            if text is not None:
                try:
                    check(text)
                except ValueError as error:
                    raise ConfigurationError(str(error), where=flag) from error


def _one_of(flag: str, exact: str | None, regexp: str | None) -> str | None:
    if exact is not None and regexp is not None:
        raise ConfigurationError("is given exactly and as a regular expression: give one of the two", where=flag)
    return regexp if exact is None else exact
