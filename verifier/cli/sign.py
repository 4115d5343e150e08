"""`verify sign`: put a signature into a bundle, beside it, or both."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from verifier.cli import inputs, output, settings
from verifier.cli import options as o
from verifier.core.errors import ConfigurationError

app = typer.Typer(help="Sign what is to be published.", no_args_is_help=True)


@app.callback()
def sign() -> None:
    """Sign what is to be published."""


@app.command("bundle")
def bundle(
    source: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A bundle (.tar.gz) or a directory.")],
    key: Annotated[Path, typer.Option("--key", help="Private key (PEM).")],
    out: Annotated[Path | None, typer.Option("--out", help="The signed bundle (OPA signature inside).")] = None,
    detached: Annotated[Path | None, typer.Option("--detached", help="A detached attestation (DSSE).")] = None,
    passphrase_file: o.PassphraseFile = None,
    algorithm: Annotated[str | None, typer.Option("--algorithm", help="JWS algorithm (default: by key type).")] = None,
    keyid: Annotated[str | None, typer.Option("--keyid", help="Key id that verifiers select the key by.")] = None,
    scope: Annotated[str | None, typer.Option("--scope", help="Scope claim of the OPA signature.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Name for --detached (default: the file's).")] = None,
    version: Annotated[str | None, typer.Option("--version", help="Version claim of --detached.")] = None,
    expires: Annotated[str | None, typer.Option("--expires", help="How long the signature holds, as in 90d.")] = None,
    now: o.Now = None,
) -> int:
    """Sign a bundle. Inside, as `opa sign` does and OPA verifies (--out); beside it, as in-toto (--detached)."""
    from verifier.artifacts.source import read_content  # noqa: PLC0415
    from verifier.core.digest import Digest  # noqa: PLC0415
    from verifier.core.limits import DEFAULT_LIMITS  # noqa: PLC0415
    from verifier.formats.release import Release  # noqa: PLC0415
    from verifier.publish import attest as attesting  # noqa: PLC0415
    from verifier.publish import sign as signing  # noqa: PLC0415
    from verifier.publish.files import replace_file  # noqa: PLC0415
    from verifier.signatures.keys import algorithms_of  # noqa: PLC0415

    if out is None and detached is None:
        raise ConfigurationError("say where the signature goes: --out, --detached, or both", where="verify sign bundle")
    moment = settings.now(now)
    until = moment + inputs.duration(expires, where="--expires") if expires else None
    content = read_content(source, limits=DEFAULT_LIMITS)
    loaded = inputs.private_key(key, passphrase_file)
    if out is not None:
        content = signing.sign_bundle(
            content,
            key=loaded,
            algorithm=algorithm or algorithms_of(loaded.public_key())[0],
            keyid=keyid,
            scope=scope,
            now=moment,
            expires=until,
        )
        replace_file(out, content)
        output.hint(f"wrote {out}")
    if detached is not None:
        subject = name or inputs.name_of(str(out or source))
        release = Release(kind="bundle", name=subject, version=version, issued_at=moment, expires_at=until)
        envelope = attesting.attest_release(release, digests=[Digest.of(content)], key=loaded, keyid=keyid)
        replace_file(detached, envelope)
        output.hint(f"wrote {detached}")
    return output.EXIT_ACCEPTED
