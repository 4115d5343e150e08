"""`verify artifact`: verify any file by its signatures and attestations."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from verifier.cli import identities, inputs, output, settings, stores, verdicts
from verifier.cli.documents import documents
from verifier.cli.options import provenance as po
from verifier.cli.options import shared as o
from verifier.cli.options import signing as so
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError

_COUNTED = (
    "https://slsa.dev/provenance/v1",
    "https://slsa.dev/provenance/v0.2",
    "https://github.com/npm/attestation/tree/main/specs/publish/v0.1",
)
"""What counts as a signature where flags say whom to believe: the attestations that build services make."""


def artifact(
    reference: Annotated[str, typer.Argument(metavar="FILE", help="Any file, or its digest (sha256:HEX).")],
    policy: o.Policy = None,
    key: o.Keys = None,
    cert_identity: o.CertIdentity = None,
    cert_oidc_issuer: o.CertIssuer = None,
    trusted_root: o.TrustedRoot = "production",
    refresh_trust: o.RefreshTrust = False,
    attestation: o.Attestations = None,
    attestation_type: po.AttestationTypes = None,
    builder_id: po.BuilderId = None,
    build_level: po.BuildLevel = 1,
    source_uri: po.SourceUri = None,
    source_ref: po.SourceRef = None,
    ignore_parameter: po.IgnoreParameters = None,
    name: Annotated[str | None, typer.Option("--name", help="Name in the policy (default: the file's).")] = None,
    resource_uri: Annotated[
        str | None, typer.Option("--resource-uri", help="Where a consumer fetches it (default: the file).")
    ] = None,
    version_from: o.VersionSource = None,
    version_scheme: o.VersionScheme = None,
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
    """Verify any file. Judges who signed it, who built it from what, and that its version does not go back."""
    from verifier.engine.recipe import verify_artifact  # noqa: PLC0415
    from verifier.engine.request import Request  # noqa: PLC0415
    from verifier.trust.adhoc import AdHocFlags  # noqa: PLC0415

    started = time.perf_counter()
    moment = settings.now(now)
    flags = AdHocFlags(
        keyless=identities.keyless(cert_identity, cert_oidc_issuer),
        sigstore=identities.sigstore(trusted_root, refresh=refresh_trust),
        builder_id=builder_id,
        build_level=build_level,
        source_uri=source_uri,
        source_ref=source_ref,
        ignore_parameters=tuple(ignore_parameter or ()),
        attestations=tuple(attestation_type or ()),
        version_from=version_from,
        version_scheme=version_scheme,
    )
    trust = inputs.trust_policy(policy, key, flags, counted=_COUNTED)
    writer = verdicts.writer(
        verdict_out, signing_key, passphrase_file, verdict_expires, keyless=keyless, sigstore=trust.sigstore
    )
    identity, version = settings.verifier_identity(verifier_id)
    with stores.opened(ledger, create_missing=ledger_init, record=record) as store:
        verification = verify_artifact(
            Request(
                kind="artifact",
                source=_source(reference),
                name=name or inputs.name_of(reference),
                resource_uri=resource_uri or "",
                policy=trust,
                attestations=documents(attestation),
                ledger=store,
                record=record,
                rego=inputs.rego_engine("auto", trust),
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


def _source(reference: str) -> Path | Digest:
    """A digest where it is written like one, else a file; a file of such a name is written ./sha256:..."""
    try:
        return Digest.parse(reference) if reference.startswith("sha256:") else Path(reference)
    except ValueError as error:
        raise ConfigurationError(str(error), where=reference) from error
