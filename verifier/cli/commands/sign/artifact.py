"""`verify sign artifact`: a release attestation for any file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli import output, settings
from verifier.cli.options.answer import NOW
from verifier.cli.options.contents import Contents
from verifier.cli.options.option import argument, option
from verifier.cli.options.outputs import outputs
from verifier.cli.options.release import Claims
from verifier.cli.options.signing import Signing
from verifier.cli.running.dry_run import DryRun
from verifier.cli.signers import SignerChoice, statement_signer
from verifier.cli.spread import spread

if TYPE_CHECKING:
    from verifier.files.output import Output
    from verifier.formats.intoto.release import Release


@spread
def artifact(
    *,
    source: Path = argument("FILE", "Any file."),
    out: Path = option("--out", "The signature: a DSSE envelope, or a Sigstore bundle."),
    contents: Contents,
    signing: Signing,
    claims: Claims,
    now: str | None = NOW,
    dry: DryRun,
) -> int:
    """Sign any file. A release attestation names it, its version and the time, by a key or keyless."""
    from verifier.core.limits import DEFAULT_LIMITS  # noqa: PLC0415
    from verifier.files.output import OutputKind  # noqa: PLC0415
    from verifier.publish.leaks.look import examine_file  # noqa: PLC0415

    choice = signing.choice()
    release = claims.release("artifact", str(source), settings.now(now))
    place = outputs(claims, signing, file=source).place("--out", out, OutputKind.ATTESTATION)
    admission = contents.admission(signing)
    examined = examine_file(source, limits=DEFAULT_LIMITS, admission=admission)
    contents.require_fit(examined, admission=admission)
    write_release(release, examined.content, choice, place, dry)
    return output.EXIT_ACCEPTED


def write_release(release: Release, content: bytes, choice: SignerChoice, place: Output, dry: DryRun) -> None:
    """Sign `release` of the artifact `content`, and write the attestation to `place`; or say that it would be."""
    from verifier.core.digest import Digest  # noqa: PLC0415
    from verifier.formats.intoto.release import build_release  # noqa: PLC0415

    sign, digest = statement_signer(choice), Digest.of(content)
    if dry.stops(f"sign {digest}, and write {place.path}"):
        return
    place.write(sign(build_release(release, digests=[digest])))
    output.hint(f"wrote {place.path}")
