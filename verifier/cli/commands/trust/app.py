"""`verify trust`: start a trust policy, and read one in plain words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from verifier.cli import documents, output, settings
from verifier.cli.commands.trust.imported import import_policy
from verifier.cli.options.answer import NOW
from verifier.cli.options.option import argument, destination, option
from verifier.cli.spread import spread
from verifier.cli.typed.command import App
from verifier.core.errors import ConfigurationError
from verifier.reports.escape import printable

app = App("Trust policies: whom to believe about what.")
app.command("import")(import_policy)


@app.command("init")
@spread
def init(
    *,
    file: Path = destination("FILE", "Where the policy is written.", default=Path("trust.toml")),
    policy_id: str = option(
        "--id", "The policy's id (a URI): policy.uri of every verdict.", default="https://example.org/policy/authz"
    ),
    artifact: str | None = option(
        "--artifact", "kind:name of the first rule (default: bundle:authz, or what the bundle says).", default=None
    ),
    key: str = option("--key", "Public key, relative to FILE.", default="keys/release.pub"),
    from_: str | None = option(
        "--from",
        "What it is proposed from: a signed bundle, an image, an attestation. What the key verifies must pass.",
        default=None,
        metavar="REF",
    ),
    cert_identity: str | None = option(
        "--certificate-identity --cert-identity", "With --from: who has signed it, as you know.", default=None
    ),
    cert_oidc_issuer: str | None = option(
        "--certificate-oidc-issuer --cert-oidc-issuer", "With --from: who vouches for that.", default=None
    ),
    now: str | None = NOW,
) -> int:
    """Write a starter policy. It explains itself in comments; an existing file is never overwritten. With --from it
    demands what that has: a bundle has to be verified by the key; whoever an image or an attestation itself names is
    believed only once you have confirmed it."""
    from verifier.files.write import write_new_file  # noqa: PLC0415
    from verifier.trust.template import starter_policy  # noqa: PLC0415
    from verifier.trust.vocabulary import check_pattern, check_uri  # noqa: PLC0415

    _require(check_uri, policy_id, where="--id")
    if artifact is not None:
        _require(check_pattern, artifact, where="--artifact")
    named = (cert_identity or "", cert_oidc_issuer or "")
    if from_ is not None:
        from verifier.cli.commands.trust.fitted import write_from  # noqa: PLC0415 - only where there is something to fit

        return write_from(file, from_, named, policy_id=policy_id, artifact=artifact, key=key, now=settings.now(now))
    if any(named):
        raise ConfigurationError("goes with --from", where="--certificate-identity")
    text = starter_policy(policy_id=policy_id, artifact=artifact or "bundle:authz", key=key)
    public = file.parent / key
    if public.exists():
        documents.require_public_key(public, where="--key")
    write_new_file(file, text.encode(), mode=0o644)
    missing = "" if public.exists() else f"put the public key at {public}, then "
    output.hint(f"wrote {file}; {missing}run: verify trust check {file}")
    return output.EXIT_ACCEPTED


@app.command("check")
@spread
def check(
    *,
    files: tuple[Path, ...] = argument("FILE...", "The policy (TOML); several may be named.", default=()),
    strict: bool = option("--strict", "Exit with 1 where anything is weak.", default=False),
    now: str | None = NOW,
) -> int:
    """Say a policy in words. Warns of what is weak; errors name the line. Compiles rules in Rego."""
    from verifier.cli.commands.trust.named_files import said  # noqa: PLC0415 - once the command line is right

    if not files:
        raise ConfigurationError("is missing", where="FILE", hint="Name the policy: verify trust check trust.toml")
    moment = settings.now(now)
    weak = False
    for file in files:
        if len(files) > 1:
            output.line(f"{printable(str(file))}:")
        weak |= said(file, moment)
    return output.EXIT_DENIED if strict and weak else output.EXIT_ACCEPTED


def _require(check: Callable[[str], str], text: str, *, where: str) -> None:
    try:
        check(text)
    except ValueError as error:
        raise ConfigurationError(str(error), where=where) from error
