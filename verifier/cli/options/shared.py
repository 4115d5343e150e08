"""Options that several commands share, each defined once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

_TRUST = "Whom to believe"
_STATE = "Ledger"
ANSWER = "Answer"


class Format(StrEnum):
    """How the report is written."""

    TEXT = "text"
    JSON = "json"


class Engine(StrEnum):
    """Which Rego compiler analyses modules. `auto`: the built-in one, where the policy asks about modules."""

    AUTO = "auto"
    REGOCPP = "regocpp"
    OPA = "opa"
    NONE = "none"


Policy = Annotated[Path | None, typer.Option("--policy", help="Trust policy (TOML).", rich_help_panel=_TRUST)]
Keys = Annotated[
    list[Path] | None,
    typer.Option(
        "--key",
        metavar="FILE",
        help="Public key (PEM) to trust instead of a policy; repeatable.",
        rich_help_panel=_TRUST,
    ),
]
CertIdentity = Annotated[
    str | None,
    typer.Option(
        "--cert-identity", help="Keyless signer: the certificate's identity, or a glob.", rich_help_panel=_TRUST
    ),
]
CertIssuer = Annotated[
    str | None,
    typer.Option("--cert-oidc-issuer", help="Keyless signer: the OIDC issuer, exactly.", rich_help_panel=_TRUST),
]
TrustedRoot = Annotated[
    str,
    typer.Option("--trusted-root", help="Sigstore root: production, staging, or a file.", rich_help_panel=_TRUST),
]
RefreshTrust = Annotated[
    bool,
    typer.Option("--refresh-trust", help="Fetch the Sigstore root by TUF first.", rich_help_panel=_TRUST),
]
Algorithm = Annotated[
    str | None,
    typer.Option(
        "--algorithm", help="JWS algorithm of --key, as in RS256 (default: by key type).", rich_help_panel=_TRUST
    ),
]
Threshold = Annotated[
    int, typer.Option("--threshold", min=1, help="Distinct --key signers needed.", rich_help_panel=_TRUST)
]
Scope = Annotated[
    str | None, typer.Option("--scope", help="Scope claim that the signature must carry.", rich_help_panel=_TRUST)
]
VersionSource = Annotated[
    str | None,
    typer.Option("--version-from", help="Where the version stands, as in manifest.revision.", rich_help_panel=_TRUST),
]
VersionScheme = Annotated[
    str | None,
    typer.Option("--version-scheme", help="semver, integer, rfc3339, pep440 or calver.", rich_help_panel=_TRUST),
]
Attestations = Annotated[
    list[str] | None,
    typer.Option(
        "--attestation",
        "--signature",
        "--bundle",
        metavar="FILE",
        help="Attestations (DSSE, Sigstore bundle, JSON Lines): a file, folder or URL; repeatable.",
        rich_help_panel=_TRUST,
    ),
]
LedgerUrl = Annotated[
    str | None,
    typer.Option(
        "--ledger", help="sqlite:PATH or postgresql://... (default: a per-user file).", rich_help_panel=_STATE
    ),
]
LedgerInit = Annotated[
    bool, typer.Option("--ledger-init", help="Create the ledger if it is missing.", rich_help_panel=_STATE)
]
Record = Annotated[
    bool,
    typer.Option(
        "--record/--no-record",
        help="Write the decision into the ledger; an acceptance advances it.",
        rich_help_panel=_STATE,
    ),
]
VerifierId = Annotated[
    str | None, typer.Option("--verifier-id", help="verifier.id of the verdict (a URI).", rich_help_panel=ANSWER)
]
Style = Annotated[Format, typer.Option("--format", help="Report format.", rich_help_panel=ANSWER)]
Now = Annotated[
    str | None, typer.Option("--now", help="Judge as of this RFC 3339 time (tests, audits).", rich_help_panel=ANSWER)
]
CorrelationId = Annotated[
    str | None,
    typer.Option("--correlation-id", help="Carried into every record (default: new).", rich_help_panel=ANSWER),
]
