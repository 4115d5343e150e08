"""Who signs what is published."""

from __future__ import annotations

from pathlib import Path

from verifier.cli import secrets
from verifier.cli.signers import SignerChoice, asking, is_remote, statement_signer
from verifier.publish.push.signature import ReleaseSigner, key_hint
from verifier.signatures import keys


def release_signer(choice: SignerChoice) -> ReleaseSigner:
    """How `choice` signs what is published: statements, and bytes for cosign's old scheme where it has a key."""
    if choice.key is None:
        return ReleaseSigner(statement=statement_signer(choice))
    if is_remote(choice.key):
        from verifier.publish.remote_keys import open_remote_key  # noqa: PLC0415

        remote = open_remote_key(choice.key, ask=asking(choice.passphrase_file))
        public = keys.load_public_key(remote.public_key, where=choice.option)
        return ReleaseSigner(
            statement=lambda statement: remote.sign_envelope(statement, keyid=choice.keyid),
            payload=remote.sign,
            hint=key_hint(public),
        )
    from verifier.publish.attest import attest  # noqa: PLC0415

    local = secrets.private_key(Path(choice.key), choice.passphrase_file, where=choice.option)
    algorithm = keys.algorithms_of(local.public_key())[0]
    return ReleaseSigner(
        statement=lambda statement: attest(statement, key=local, keyid=choice.keyid),
        payload=lambda payload: keys.sign(local, algorithm, payload, raw_ecdsa=False),
        hint=key_hint(local.public_key()),
    )
