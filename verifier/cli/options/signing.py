"""Who signs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli.options import sigstore
from verifier.cli.options.option import Group, option
from verifier.cli.options.sigstore import TRUSTED_ROOT

if TYPE_CHECKING:
    from verifier.cli.signers import SignerChoice

KEYLESS = option("--keyless", "Sign with this job's or person's identity (Sigstore).", default=False)
PASSPHRASE_FILE = option(
    "--passphrase-file",
    "File with the private key's passphrase, or the token's PIN; env:NAME, or - (default: ask).",
    default=None,
)


class Signing(Group):
    """A key, or --keyless, and what goes with each."""

    panel = "Who signs"
    key: str | None = option(
        "--key",
        "Private key (PEM), env:NAME or -; or hsm:, awskms:, gcpkms:, azurekms:, hashivault:.",
        default=None,
        metavar="FILE|URI",
    )
    keyless: bool = KEYLESS
    passphrase_file: Path | None = PASSPHRASE_FILE
    keyid: str | None = option("--keyid", "Key id that verifiers select the key by.", default=None)
    identity_token: Path | None = option(
        "--identity-token",
        "With --keyless: a file with the OIDC token, env:NAME or - (default: CI's own).",
        default=None,
    )
    trusted_root: str = TRUSTED_ROOT
    signing_config: Path | None = option(
        "--signing-config", "With --keyless: a signing configuration of your instance.", default=None
    )

    def secrets(self) -> dict[str, Path | None]:
        """The files that hold secrets of whoever signs, by what names them."""
        from verifier.cli.signers import is_remote  # noqa: PLC0415 - as below

        key = None if self.key is None or is_remote(self.key) else Path(self.key)
        return {
            "--key": key,
            "--passphrase-file": self.passphrase_file,
            "--identity-token": self.identity_token,
        }

    def companions(self) -> dict[str, object]:
        """What says something of a signer, and means nothing without one."""
        return {
            "--passphrase-file": self.passphrase_file,
            "--keyid": self.keyid,
            "--identity-token": self.identity_token,
            "--signing-config": self.signing_config,
        }

    def choice(self) -> SignerChoice:
        """The signer; raises `ConfigurationError` where flags contradict each other."""
        from verifier.cli.signers import SignerChoice  # noqa: PLC0415 - its options alone are read without it

        return SignerChoice(
            key=self.key,
            keyless=self.keyless,
            passphrase_file=self.passphrase_file,
            keyid=self.keyid,
            identity_token=self.identity_token,
            sigstore=sigstore.instance(self.trusted_root),
            signing_config=self.signing_config,
        )
