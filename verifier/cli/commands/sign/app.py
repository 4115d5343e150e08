"""`verify sign`: put a signature into a bundle, beside it, or both."""

from __future__ import annotations

from pathlib import Path

from verifier.cli import output, settings
from verifier.cli.commands.sign.artifact import artifact, write_release
from verifier.cli.commands.sign.image import image
from verifier.cli.options.answer import NOW
from verifier.cli.options.contents import Contents, listed
from verifier.cli.options.inside import Inside
from verifier.cli.options.option import argument, option, refuse_without
from verifier.cli.options.outputs import outputs
from verifier.cli.options.release import Claims
from verifier.cli.options.signing import Signing
from verifier.cli.running.dry_run import DryRun
from verifier.cli.spread import spread
from verifier.cli.typed.command import App
from verifier.core.errors import ConfigurationError
from verifier.core.outcome import Reason
from verifier.reports.escape import printable

app = App("Sign what is to be published.")
app.command("artifact")(artifact)
app.command("image")(image)


@app.callback()
def sign() -> None:
    """Sign what is to be published."""


@app.command("bundle")
@spread
def bundle(
    *,
    source: Path = argument("BUNDLE", "A bundle (.tar.gz) or a directory."),
    inside: Inside,
    detached: Path | None = option("--detached", "A detached attestation beside it.", default=None),
    list_only: bool = option(
        "--list", "Print what would be signed (digest, size, path), and sign nothing.", default=False
    ),
    contents: Contents,
    claims: Claims,
    signing: Signing,
    now: str | None = NOW,
    dry: DryRun,
) -> int:
    """Sign a bundle. Inside, as `opa sign` does and OPA verifies (--out); beside it, as in-toto (--detached)."""
    from verifier.core.limits import DEFAULT_LIMITS  # noqa: PLC0415
    from verifier.files.output import OutputKind  # noqa: PLC0415
    from verifier.publish.leaks.look import examine  # noqa: PLC0415

    admission = contents.admission(signing)
    if list_only:
        examined = examine(source, limits=DEFAULT_LIMITS, admission=admission)
        listed(examined)
        contents.require_fit(examined, admission=admission)
        return output.EXIT_ACCEPTED
    _require_places(inside, claims, detached)
    choice = signing.choice()
    moment = settings.now(now)
    until = claims.until(moment)
    places = outputs(inside, claims, signing, bundle=source)
    bundle_out = places.place("--out", inside.out, OutputKind.ARCHIVE) if inside.out else None
    beside_out = places.place("--detached", detached, OutputKind.ATTESTATION) if detached else None
    examined = examine(source, limits=DEFAULT_LIMITS, admission=admission)
    contents.require_fit(examined, admission=admission)
    content = examined.content
    if bundle_out is not None:
        say_what_is_dropped(content)
        scope = inside.scope_for(claims.name)
        content = inside.signed(content, choice, moment, until, scope)
        told = f"{inside.out}, signed for {f'the scope {printable(scope)}' if scope else 'no scope'}"
        if not dry.stops(f"write {told}"):
            bundle_out.write(content)
            output.hint(f"wrote {told}")
    if beside_out is not None:
        release = claims.release("bundle", str(inside.out or source), moment)
        write_release(release, content, choice, beside_out, dry)
    return output.EXIT_ACCEPTED


def _require_places(inside: Inside, claims: Claims, detached: Path | None) -> None:
    """Refuse a signature that goes nowhere, and what is said of one that is not made."""
    if inside.out is None and detached is None:
        hint = "Write it inside as in `--out authz.tar.gz`, or beside it as in `--detached authz.intoto.jsonl`."
        raise ConfigurationError("say where the signature goes: --out, --detached, or both", where="--out", hint=hint)
    if inside.out is None:
        refuse_without(
            "--out", {"--algorithm": inside.algorithm, "--scope": inside.scope, "--no-scope": inside.no_scope}
        )
    if detached is None:
        refuse_without("--detached", {"--version": claims.version})


def say_what_is_dropped(content: bytes) -> None:
    """Name the signers whose signatures inside the bundle are replaced: OPA has room for one signatures file."""
    from verifier.core.limits import DEFAULT_LIMITS  # noqa: PLC0415
    from verifier.publish.sign import signers_inside  # noqa: PLC0415

    signers = signers_inside(content, limits=DEFAULT_LIMITS)
    if signers:
        message = f"that of {', '.join(signers)} gives way to the new one"
        output.finding(Reason(code="signature.replaced", subject="bundle", message=message))
