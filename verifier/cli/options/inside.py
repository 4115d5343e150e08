"""The signature inside a bundle, as OPA knows it: with the bundle's name, unless somebody says otherwise."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from verifier.cli import inputs, secrets
from verifier.cli.options.option import Group, option
from verifier.cli.signers import SignerChoice, is_remote
from verifier.core.errors import ConfigurationError


class Inside(Group):
    """The signature inside a bundle, as OPA knows them."""

    panel = "Signature inside the bundle"
    out: Path | None = option("--out", "The signed bundle (OPA signature inside).", default=None)
    algorithm: str | None = option("--algorithm", "JWS algorithm (default: by key type).", default=None)
    scope: str | None = option(
        "--scope", "Scope claim of the OPA signature (default: the bundle's name).", default=None
    )
    no_scope: bool = option("--no-scope", "No scope: the signature does not say the bundle's name.", default=False)

    def scope_for(self, name: str | None) -> str | None:
        """The scope that says the name: OPA must be started with it (`--scope`)."""
        if self.no_scope and self.scope is not None:
            raise ConfigurationError("contradicts --scope", where="--no-scope")
        return None if self.no_scope else self.scope or name or inputs.name_of(str(self.out))

    def signed(
        self, content: bytes, choice: SignerChoice, now: datetime, expires: datetime | None, scope: str | None
    ) -> bytes:
        """The bundle with its signature. OPA knows keys, and nothing of Sigstore; a key that signs elsewhere signs
        beside the bundle."""
        from verifier.publish.sign import sign_bundle  # noqa: PLC0415
        from verifier.signatures.keys import algorithms_of  # noqa: PLC0415

        if choice.key is None or is_remote(choice.key):
            hint = "Give --detached instead of --out."
            raise ConfigurationError("OPA's signature inside a bundle needs a key in a file", where="--out", hint=hint)
        key = secrets.private_key(Path(choice.key), choice.passphrase_file)
        algorithm = self.algorithm or algorithms_of(key.public_key())[0]
        return sign_bundle(
            content, key=key, algorithm=algorithm, keyid=choice.keyid, scope=scope, now=now, expires=expires
        )
