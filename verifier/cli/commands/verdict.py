"""`verify verdict`: check a verdict (VSA) that somebody else made."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from verifier.cli import identities, inputs, output, settings, stores
from verifier.cli.documents import document
from verifier.cli.options import shared as o
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, Refused


def verdict(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The verdict: a DSSE envelope, or a Sigstore bundle.")],
    resource_uri: Annotated[str, typer.Option("--resource-uri", help="Where the artifact is fetched from.")],
    subject: Annotated[Path | None, typer.Option("--subject", help="The artifact it must be about.")] = None,
    subject_digest: Annotated[
        str | None, typer.Option("--subject-digest", help="Its digest instead, as in sha256:HEX.")
    ] = None,
    policy: o.Policy = None,
    key: o.Keys = None,
    cert_identity: o.CertIdentity = None,
    cert_oidc_issuer: o.CertIssuer = None,
    trusted_root: o.TrustedRoot = "production",
    verifier_id: Annotated[
        list[str] | None,
        typer.Option("--verifier-id", metavar="URI", help="Without --policy: whose verdicts count; repeatable."),
    ] = None,
    level: Annotated[
        list[str] | None,
        typer.Option("--level", metavar="LEVEL", help="A level it must state, as in SLSA_BUILD_LEVEL_2; repeatable."),
    ] = None,
    policy_digest: Annotated[
        list[str] | None,
        typer.Option(
            "--policy-digest",
            metavar="DIGEST",
            help="A policy it may be made under (default: that of --policy); repeatable.",
        ),
    ] = None,
    max_age: Annotated[str | None, typer.Option("--max-age", help="How old it may be, as in 30d.")] = None,
    ledger: Annotated[
        str | None, typer.Option("--ledger", help="Compare its version with this ledger: sqlite:///PATH.")
    ] = None,
    style: o.Style = o.Format.TEXT,
    now: o.Now = None,
    correlation_id: o.CorrelationId = None,
) -> int:
    """Check a verdict (VSA). Who signed it, for which artifact and resource, with what result, until when?"""
    from verifier.engine.by_verdict import VerdictRequest, verify_verdict  # noqa: PLC0415
    from verifier.trust.adhoc import AdHocFlags  # noqa: PLC0415

    started = time.perf_counter()
    moment = settings.now(now)
    if (key or cert_identity) and not verifier_id:
        raise ConfigurationError("without a policy, say whose verdicts the signer may sign", where="--verifier-id")
    flags = AdHocFlags(
        keyless=identities.keyless(cert_identity, cert_oidc_issuer),
        sigstore=identities.sigstore(trusted_root, refresh=False),
        verifier_ids=tuple(verifier_id or ()),
    )
    trust = inputs.trust_policy(policy, key, flags)
    accepted = tuple(_digest(text, "--policy-digest") for text in policy_digest or ())
    identity, version = settings.verifier_identity(None)
    with stores.consulted(ledger) as store:
        judged = verify_verdict(
            VerdictRequest(
                document=document(file),
                digest=_subject(subject, subject_digest),
                resource_uri=resource_uri,
                policy=trust,
                levels=tuple(level or ()),
                policy_digests=accepted or ((trust.digest,) if policy else ()),
                max_age=inputs.duration(max_age, where="--max-age") if max_age else None,
                ledger=store,
                now=moment,
                correlation_id=settings.correlation_id(correlation_id),
                verifier_id=identity,
                verifier_version=version,
            )
        )
    return output.report(inputs.timed(judged, started), style.value)


def _subject(path: Path | None, digest: str | None) -> Digest | Refused:
    from verifier.core.limits import DEFAULT_LIMITS  # noqa: PLC0415
    from verifier.sources.content import read_content  # noqa: PLC0415

    if (path is None) == (digest is None):
        raise ConfigurationError("give the artifact or its digest: --subject or --subject-digest", where="--subject")
    if path is not None:
        try:
            return Digest.of(read_content(path, limits=DEFAULT_LIMITS))
        except Refused as refusal:
            return refusal
    return _digest(digest or "", "--subject-digest")


def _digest(text: str, where: str) -> Digest:
    try:
        return Digest.parse(text)
    except ValueError as error:
        raise ConfigurationError(str(error), where=where) from error
