"""Who signs: a private key in a file, a key in hardware or a cloud, or an identity without a key of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verifier.cli import secrets
from verifier.core.errors import ConfigurationError
from verifier.core.signers.sigstore import PRODUCTION, SigstoreInstance
from verifier.core.value import Value

if TYPE_CHECKING:
    from verifier.publish.keyless import KeylessSigner

SignStatement = Callable[[Mapping[str, Any]], bytes]
"""From an in-toto statement to a signed attestation: a DSSE envelope, or a Sigstore bundle."""

_REMOTE = ("hsm:", "awskms:", "gcpkms:", "azurekms:", "hashivault:")


class SignerChoice(Value):
    """What the flags say of the signer: exactly one of `key` (a file or a URI) and `keyless`."""

    key: str | None
    option: str = "--key"
    keyless: bool = False
    passphrase_file: Path | None = None
    keyid: str | None = None
    identity_token: Path | None = None
    sigstore: SigstoreInstance = PRODUCTION
    signing_config: Path | None = None

    def __post_init__(self) -> None:
        if (self.key is None) != self.keyless:
            hint = "Give --key FILE (`verify key generate FILE` makes one), or --keyless."
            raise ConfigurationError("say who signs: a key, or --keyless, and not both", where="--keyless", hint=hint)
        if self.keyless and (self.keyid or self.passphrase_file):
            message = "whoever signs with --keyless has no key of their own, nor an id or a passphrase of one"
            raise ConfigurationError(message, where="--keyless")
        if not self.keyless and (self.identity_token or self.signing_config or self.sigstore != PRODUCTION):
            message = "--identity-token, --trusted-root and --signing-config go with --keyless"
            raise ConfigurationError(message, where="--keyless")


def statement_signer(choice: SignerChoice) -> SignStatement:
    """How `choice` signs statements; keys are opened here, so that a mistake shows before anything is made."""
    if choice.key is None:
        signer = keyless_signer(choice)
        from verifier.publish.keyless import attest_keyless  # noqa: PLC0415

        return lambda statement: attest_keyless(statement, signer=signer)
    if is_remote(choice.key):
        from verifier.publish.remote_keys import open_remote_key  # noqa: PLC0415

        remote = open_remote_key(choice.key, ask=asking(choice.passphrase_file))
        return lambda statement: remote.sign_envelope(statement, keyid=choice.keyid)
    from verifier.publish.attest import attest  # noqa: PLC0415

    local = secrets.private_key(Path(choice.key), choice.passphrase_file, where=choice.option)
    return lambda statement: attest(statement, key=local, keyid=choice.keyid)


def keyless_signer(choice: SignerChoice) -> KeylessSigner:
    """The identity of whoever runs this: a token from a file, the CI system's own, or a browser on a terminal."""
    from verifier.publish.identity_token import find_identity  # noqa: PLC0415
    from verifier.publish.keyless import KeylessSigner  # noqa: PLC0415
    from verifier.publish.sigstore_instance import instance_of  # noqa: PLC0415

    token = os.environ.get("SIGSTORE_ID_TOKEN")
    if choice.identity_token is not None:  # read before anybody is asked for a root
        token = _token(choice.identity_token)
    instance = instance_of(choice.sigstore, signing_config=choice.signing_config)
    return KeylessSigner(instance, find_identity(instance, token=token, interactive=sys.stdin.isatty()))


def _token(path: Path) -> str:
    from verifier.publish.identity_token import MAX_TOKEN_BYTES  # noqa: PLC0415 - as above

    content = secrets.secret_file(path, where="--identity-token", limit=MAX_TOKEN_BYTES)
    return content.decode("utf-8", "replace").strip()


def is_remote(key: str) -> bool:
    """Whether `key` names a key that never leaves its hardware or cloud."""
    return key.startswith(_REMOTE)


def asking(file: Path | None) -> Callable[[str], str] | None:
    """What a key's provider asks for (a token's PIN): from a file, or from the person where one is there."""
    if file is None:
        return (lambda what: getpass(f"{what}: ")) if sys.stdin.isatty() else None
    secret = secrets.passphrase(file, prompt="") or b""
    try:
        text = secret.decode()
    except UnicodeDecodeError as error:
        raise ConfigurationError("is not text", where=str(file)) from error
    if not text or not text.isprintable():
        raise ConfigurationError("holds no PIN: one line of text was expected", where=str(file))
    return lambda _what: text
