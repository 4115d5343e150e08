"""`verify sign artifact`: a release attestation for any file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from verifier.cli import identities, inputs, output, settings
from verifier.cli.options import shared as o
from verifier.cli.options import signing as so
from verifier.cli.signers import Who, statement_signer

if TYPE_CHECKING:
    from verifier.formats.intoto.release import Release


def artifact(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="Any file.")],
    out: Annotated[Path, typer.Option("--out", help="The signature: a DSSE envelope, or a Sigstore bundle.")],
    key: so.StatementKey = None,
    keyless: so.Keyless = False,
    passphrase_file: so.PassphraseFile = None,
    keyid: so.KeyId = None,
    name: Annotated[str | None, typer.Option("--name", help="Its name (default: the file's).")] = None,
    version: Annotated[str | None, typer.Option("--version", help="Its version.")] = None,
    expires: Annotated[str | None, typer.Option("--expires", help="How long the signature holds, as in 90d.")] = None,
    identity_token: so.IdentityToken = None,
    trusted_root: o.TrustedRoot = "production",
    signing_config: so.SigningConfig = None,
    now: o.Now = None,
) -> int:
    """Sign any file. A release attestation names it, its version and the time, by a key or keyless."""
    from verifier.core.limits import DEFAULT_LIMITS  # noqa: PLC0415
    from verifier.files.read import read_regular_file  # noqa: PLC0415
    from verifier.formats.intoto.release import Release  # noqa: PLC0415

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
    content = read_regular_file(source, max_bytes=DEFAULT_LIMITS.archive_bytes)
    subject = name or inputs.name_of(str(source))
    release = Release(kind="artifact", name=subject, version=version, issued_at=moment, expires_at=until)
    write_release(release, content, who, out)
    return output.EXIT_ACCEPTED


def write_release(release: Release, content: bytes, who: Who, path: Path) -> None:
    """Sign `release` of the artifact `content`, and write the attestation to `path`."""
    from verifier.core.digest import Digest  # noqa: PLC0415
    from verifier.files.write import replace_file  # noqa: PLC0415
    from verifier.formats.intoto.release import build_release  # noqa: PLC0415

    replace_file(path, statement_signer(who)(build_release(release, digests=[Digest.of(content)])))
    output.hint(f"wrote {path}")
