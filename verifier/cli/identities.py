"""From options to keyless identities and the Sigstore instance that proves them."""

from __future__ import annotations

from pathlib import Path

from verifier.cli.inputs import read_key
from verifier.core.errors import ConfigurationError
from verifier.core.signer import KeylessIdentity
from verifier.core.sigstore import PRODUCTION, STAGING, SigstoreInstance


def sigstore(trusted_root: str, *, refresh: bool) -> SigstoreInstance:
    """The Sigstore instance that the flags name; goes to the network only to refresh."""
    if trusted_root in (PRODUCTION.name, STAGING.name):
        instance = SigstoreInstance(name=trusted_root)
    else:
        instance = SigstoreInstance(name=trusted_root, document=read_key(Path(trusted_root), where="--trusted-root"))
    if not refresh:
        return instance
    from verifier.signatures.sigstore_root import refreshed  # noqa: PLC0415

    return refreshed(instance)


def keyless(identity: str | None, issuer: str | None) -> KeylessIdentity | None:
    """The keyless signer that the flags name; half of one is nobody."""
    if (identity is None) != (issuer is None):
        raise ConfigurationError("--cert-identity and --cert-oidc-issuer go together", where="--cert-identity")
    return KeylessIdentity(issuer=issuer, identity=identity) if identity and issuer else None
