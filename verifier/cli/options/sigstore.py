"""Which Sigstore instance is believed, or signed at."""

from __future__ import annotations

from pathlib import Path

from verifier.cli.inputs import read_key
from verifier.cli.options.option import option
from verifier.core.signers.sigstore import PRODUCTION, STAGING, SigstoreInstance

TRUSTED_ROOT = option("--trusted-root", "Sigstore root: production, staging, or a file.", default=PRODUCTION.name)


def instance(trusted_root: str, *, refresh: bool = False) -> SigstoreInstance:
    """The instance that `--trusted-root` names; goes to the network only to refresh."""
    if trusted_root in (PRODUCTION.name, STAGING.name):
        named = SigstoreInstance(name=trusted_root)
    else:
        named = SigstoreInstance(name=trusted_root, document=_read_root(Path(trusted_root)))
    if not refresh:
        return named
    from verifier.signatures.sigstore.root import refreshed  # noqa: PLC0415 - only for who goes to the network

    return refreshed(named)


def _read_root(path: Path) -> bytes:
    from verifier.signatures.sigstore.root import MAX_ROOT_BYTES  # noqa: PLC0415 - only for who has an own one

    return read_key(path, where="--trusted-root", limit=MAX_ROOT_BYTES)
