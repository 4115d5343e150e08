"""`verify sign`: put a signature into a bundle, beside it, or both."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from verifier.cli import identities, inputs, output, settings
from verifier.cli.commands.sign_artifact import artifact, write_release
from verifier.cli.options import shared as o
from verifier.cli.options import signing as so
from verifier.cli.signers import Who, is_remote
from verifier.core.errors import ConfigurationError

app = typer.Typer(help="Sign what is to be published.", no_args_is_help=True)
app.command("artifact")(artifact)


@app.callback()
def sign() -> None:
    """Sign what is to be published."""


@app.command("bundle")
def bundle(
    source: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A bundle (.tar.gz) or a directory.")],
    key: so.StatementKey = None,
    keyless: so.Keyless = False,
    out: Annotated[Path | None, typer.Option("--out", help="The signed bundle (OPA signature inside).")] = None,
    detached: Annotated[Path | None, typer.Option("--detached", help="A detached attestation beside it.")] = None,
    passphrase_file: so.PassphraseFile = None,
    algorithm: Annotated[str | None, typer.Option("--algorithm", help="JWS algorithm (default: by key type).")] = None,
    keyid: so.KeyId = None,
    scope: Annotated[str | None, typer.Option("--scope", help="Scope claim of the OPA signature.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Name for --detached (default: the file's).")] = None,
    version: Annotated[str | None, typer.Option("--version", help="Version claim of --detached.")] = None,
    expires: Annotated[str | None, typer.Option("--expires", help="How long the signature holds, as in 90d.")] = None,
    identity_token: so.IdentityToken = None,
    trusted_root: o.TrustedRoot = "production",
    signing_config: so.SigningConfig = None,
    now: o.Now = None,
) -> int:
    """Sign a bundle. Inside, as `opa sign` does and OPA verifies (--out); beside it, as in-toto (--detached)."""
    from verifier.core.limits import DEFAULT_LIMITS  # noqa: PLC0415
    from verifier.files.write import replace_file  # noqa: PLC0415
    from verifier.formats.intoto.release import Release  # noqa: PLC0415
    from verifier.sources.content import read_content  # noqa: PLC0415

    if out is None and detached is None:
        raise ConfigurationError("say where the signature goes: --out, --detached, or both", where="verify sign bundle")
    who = Who(
        key=key,
        keyless=keyless,
        passphrase_file=passphrase_file,
        keyid=keyid,
        identity_token=identity_token,
        sigstore=identities.sigstore(trusted_root, refresh=False),
        signing_config=signing_config,
    )
    moment = settings.now(now)
    until = moment + inputs.duration(expires, where="--expires") if expires else None
    content = read_content(source, limits=DEFAULT_LIMITS)
    if out is not None:
        content = _sign_inside(content, who, algorithm, scope, moment, until)
        replace_file(out, content)
        output.hint(f"wrote {out}")
    if detached is not None:
        subject = name or inputs.name_of(str(out or source))
        release = Release(kind="bundle", name=subject, version=version, issued_at=moment, expires_at=until)
        write_release(release, content, who, detached)
    return output.EXIT_ACCEPTED


def _sign_inside(
    content: bytes, who: Who, algorithm: str | None, scope: str | None, now: datetime, expires: datetime | None
) -> bytes:
    """OPA knows keys, and nothing of Sigstore; a key that signs elsewhere signs beside the bundle."""
    from verifier.publish.sign import sign_bundle  # noqa: PLC0415
    from verifier.signatures.keys import algorithms_of  # noqa: PLC0415

    if who.key is None or is_remote(who.key):
        hint = "Give --detached instead of --out."
        raise ConfigurationError("OPA's signature inside a bundle needs a key in a file", where="--out", hint=hint)
    key = inputs.private_key(Path(who.key), who.passphrase_file)
    return sign_bundle(
        content,
        key=key,
        algorithm=algorithm or algorithms_of(key.public_key())[0],
        keyid=who.keyid,
        scope=scope,
        now=now,
        expires=expires,
    )
