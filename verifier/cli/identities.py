"""From options to keyless identities and the Sigstore instance that proves them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli.inputs import read_key
from verifier.core.errors import ConfigurationError
from verifier.core.signers.sigstore import PRODUCTION, STAGING, SigstoreInstance

if TYPE_CHECKING:
    from verifier.core.signers.keyless import KeylessIdentity


def sigstore(trusted_root: str, *, refresh: bool) -> SigstoreInstance:
    """The Sigstore instance that the flags name; goes to the network only to refresh."""
    if trusted_root in (PRODUCTION.name, STAGING.name):
        instance = SigstoreInstance(name=trusted_root)
    else:
        instance = SigstoreInstance(name=trusted_root, document=_read_root(Path(trusted_root)))
    if not refresh:
        return instance
    from verifier.signatures.sigstore.root import refreshed  # noqa: PLC0415

    return refreshed(instance)


def _read_root(path: Path) -> bytes:
    from verifier.signatures.sigstore.root import MAX_ROOT_BYTES  # noqa: PLC0415 - only for who has an own one

    return read_key(path, where="--trusted-root", limit=MAX_ROOT_BYTES)


def keyless(identity: str | None, issuer: str | None) -> KeylessIdentity | None:
    """The keyless signer that the flags name; half of one is nobody."""
    if (identity is None) != (issuer is None):
        raise ConfigurationError("--cert-identity and --cert-oidc-issuer go together", where="--cert-identity")
    if identity is None or issuer is None:
        return None
    from verifier.core.signers.keyless import KeylessIdentity  # noqa: PLC0415 - only for who names one

    return KeylessIdentity(issuer=issuer, identity=identity)
