"""`verify key`: make key pairs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from verifier.cli import output, secrets
from verifier.cli.options.option import destination, option
from verifier.cli.options.signing import PASSPHRASE_FILE
from verifier.cli.spread import spread
from verifier.cli.typed.command import App
from verifier.core.errors import ConfigurationError


class KeyKind(StrEnum):
    """The kinds of key that `verify key generate` makes."""

    ECDSA_P256 = "ecdsa-p256"
    ECDSA_P384 = "ecdsa-p384"
    ED25519 = "ed25519"
    RSA_3072 = "rsa-3072"


app = App("Make signing keys.")


@app.callback()
def key() -> None:
    """Make signing keys."""


@app.command("generate")
@spread
def generate(
    *,
    path: Path = destination("FILE", "The private key; the public one is FILE.pub."),
    key_type: KeyKind = option("--type", "Kind of key.", default=KeyKind.ECDSA_P256),
    passphrase_file: Path | None = PASSPHRASE_FILE,
    no_passphrase: bool = option("--no-passphrase", "Leave the private key unencrypted on disk.", default=False),
) -> int:
    """Make a key pair. FILE is private (encrypted, readable by you only), FILE.pub is public."""
    from verifier.publish.keygen import KeyType, generate_key_pair, write_key_pair  # noqa: PLC0415

    if no_passphrase and passphrase_file is not None:
        raise ConfigurationError("a key has a passphrase or has none", where="--passphrase-file, --no-passphrase")
    if not path.name:
        raise ConfigurationError(f"{path} is a folder, expected the name of a file", where="FILE")
    public = path.with_name(f"{path.name}.pub")
    for taken in (path, public):
        if taken.exists():
            raise ConfigurationError(
                "the file exists and is not overwritten", where=str(taken), hint="Name another file."
            )
    phrase = None if no_passphrase else secrets.passphrase(passphrase_file, prompt=f"New passphrase for {path}: ")
    if phrase is None and not no_passphrase:
        hint = "Give --passphrase-file, run it on a terminal, or say --no-passphrase."
        raise ConfigurationError("no passphrase was given", where="verify key generate", hint=hint)
    if phrase is not None and passphrase_file is None and secrets.asked("Once more: ") != phrase:
        raise ConfigurationError("the two passphrases differ", where="verify key generate")
    pair = generate_key_pair(KeyType(key_type.value), passphrase=phrase)
    write_key_pair(pair, private_path=path, public_path=public)
    output.hint(f"wrote {path} (private) and {public} (public)")
    return output.EXIT_ACCEPTED
