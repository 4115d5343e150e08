"""`verify sign artifact`: a release attestation for any file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import output, settings
from verifier.cli.options.answer import NOW
from verifier.cli.options.option import argument, option
from verifier.cli.options.release import Claims
from verifier.cli.options.signing import Signing
from verifier.cli.signers import SignerChoice, statement_signer
from verifier.cli.spread import spread

if TYPE_CHECKING:
    from verifier.formats.intoto.release import Release


@spread
def artifact(
    *,
    source: Path = argument("FILE", "Any file."),
    out: Path = option("--out", "The signature: a DSSE envelope, or a Sigstore bundle."),
    signing: Signing,
    claims: Claims,
    now: str | None = NOW,
) -> int:
    """Sign any file. A release attestation names it, its version and the time, by a key or keyless."""
    from verifier.core.limits import DEFAULT_LIMITS  # noqa: PLC0415
    from verifier.files.read import read_regular_file  # noqa: PLC0415

    choice = signing.choice()
    release = claims.release("artifact", str(source), settings.now(now))
    content = read_regular_file(source, max_bytes=DEFAULT_LIMITS.archive_bytes)
    write_release(release, content, choice, out)
    return output.EXIT_ACCEPTED


def write_release(release: Release, content: bytes, choice: SignerChoice, path: Path) -> None:
    """Sign `release` of the artifact `content`, and write the attestation to `path`."""
    from verifier.core.digest import Digest  # noqa: PLC0415
    from verifier.files.write import replace_file  # noqa: PLC0415
    from verifier.formats.intoto.release import build_release  # noqa: PLC0415

    replace_file(path, statement_signer(choice)(build_release(release, digests=[Digest.of(content)])))
    output.hint(f"wrote {path}")
