"""`verify bundle`: verify a Rego bundle."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from verifier.cli import identities, inputs, output, references, settings, stores, verdicts
from verifier.cli.documents import documents
from verifier.cli.options import shared as o
from verifier.cli.options import signing as so
from verifier.core.reading import ReadingMode


def bundle(
    reference: Annotated[
        str, typer.Argument(metavar="REF", help="A bundle (.tar.gz), a directory, https://... or oci://...")
    ],
    policy: o.Policy = None,
    key: o.Keys = None,
    algorithm: o.Algorithm = None,
    cert_identity: o.CertIdentity = None,
    cert_oidc_issuer: o.CertIssuer = None,
    trusted_root: o.TrustedRoot = "production",
    threshold: o.Threshold = 1,
    scope: o.Scope = None,
    version_from: o.VersionSource = None,
    version_scheme: o.VersionScheme = None,
    name: Annotated[str | None, typer.Option("--name", help="Name in the policy (default: the file's).")] = None,
    resource_uri: Annotated[
        str | None,
        typer.Option("--resource-uri", help="Where a consumer fetches it (default: as in the policy, or the file)."),
    ] = None,
    attestation: o.Attestations = None,
    mode: Annotated[
        ReadingMode, typer.Option("--mode", help="With --key: how ambiguous input is read.")
    ] = ReadingMode.STRICT,
    rego_engine: Annotated[
        o.Engine, typer.Option("--rego-engine", help="Compiler that analyses modules.")
    ] = o.Engine.AUTO,
    ledger: o.LedgerUrl = None,
    ledger_init: o.LedgerInit = False,
    record: o.Record = False,
    verdict_out: so.VerdictOut = None,
    signing_key: so.SigningKey = None,
    keyless: so.Keyless = False,
    passphrase_file: so.PassphraseFile = None,
    verdict_expires: so.VerdictExpires = "30d",
    verifier_id: o.VerifierId = None,
    style: o.Style = o.Format.TEXT,
    now: o.Now = None,
    correlation_id: o.CorrelationId = None,
) -> int:
    """Verify a Rego bundle. Judges signatures, file digests, the version, capabilities, and your own rules."""
    from verifier.engine.recipe import verify_artifact  # noqa: PLC0415
    from verifier.engine.request import Request  # noqa: PLC0415
    from verifier.trust.adhoc import AdHocFlags  # noqa: PLC0415

    started = time.perf_counter()
    moment = settings.now(now)
    flags = AdHocFlags(
        algorithm=algorithm,
        threshold=threshold,
        scope=scope,
        version_from=version_from,
        version_scheme=version_scheme,
        mode=mode,
        keyless=identities.keyless(cert_identity, cert_oidc_issuer),
        sigstore=identities.sigstore(trusted_root, refresh=False),
    )
    trust = inputs.trust_policy(policy, key, flags)
    writer = verdicts.writer(
        verdict_out, signing_key, passphrase_file, verdict_expires, keyless=keyless, sigstore=trust.sigstore
    )
    identity, version = settings.verifier_identity(verifier_id)
    with stores.opened(ledger, create_missing=ledger_init, record=record) as store:
        verification = verify_artifact(
            Request(
                source=references.source(reference, trust),
                name=name or references.name_of(reference),
                resource_uri=resource_uri or "",
                policy=trust,
                attestations=documents(attestation),
                ledger=store,
                record=record,
                rego=inputs.rego_engine(rego_engine.value, trust),
                now=moment,
                correlation_id=settings.correlation_id(correlation_id),
                verifier_id=identity,
                verifier_version=version,
            )
        )
    verdict = inputs.timed(verification.verdict, started)
    if writer is not None:
        writer.write(verdict)
    return output.report(verdict, style.value)
