"""`verify sign image`: a release attestation for what a reference stands for in its registry or layout."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from verifier.cli import output, settings
from verifier.cli.options.answer import NOW
from verifier.cli.options.option import argument, option
from verifier.cli.options.outputs import outputs
from verifier.cli.options.release import Claims
from verifier.cli.options.signing import Signing
from verifier.cli.registries import images
from verifier.cli.running.dry_run import DryRun
from verifier.cli.signers import statement_signer
from verifier.cli.spread import spread
from verifier.core.value import replace


@spread
def image(
    *,
    reference: str = argument("REF", "As in `verify image`; a digest (@sha256:...) is never another one tomorrow."),
    out: Path = option("--out", "The signature: a DSSE envelope, or a Sigstore bundle."),
    signing: Signing,
    claims: Claims,
    now: str | None = NOW,
    dry: DryRun,
) -> int:
    """Sign an image. A release attestation names its digest, version and time; `verify publish REF --attach FILE`
    puts it beside the image."""
    from verifier.files.output import OutputKind  # noqa: PLC0415 - once it is clear what is asked
    from verifier.formats.intoto.release import build_release  # noqa: PLC0415 - as above

    choice = signing.choice()
    named = claims if claims.name else replace(claims, name=images.image_name(reference))
    release = named.release("image", reference, settings.now(now))
    target = outputs(claims, signing, ref=reference).place("--out", out, OutputKind.ATTESTATION)
    with closing(images.place_of(reference)) as place:
        digest = place.resolve().digest
    sign = statement_signer(choice)
    if not dry.stops(f"sign {digest}, and write {target.path}"):
        target.write(sign(build_release(release, digests=[digest])))
        output.hint(f"wrote {target.path}, about {digest}")
    return output.EXIT_ACCEPTED
