"""Options of the commands that sign, each defined once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

StatementKey = Annotated[
    str | None,
    typer.Option(
        "--key", metavar="FILE|URI", help="Private key (PEM), or hsm:, awskms:, gcpkms:, azurekms:, hashivault:."
    ),
]
KeyId = Annotated[str | None, typer.Option("--keyid", help="Key id that verifiers select the key by.")]
IdentityToken = Annotated[
    Path | None,
    typer.Option("--identity-token", help="With --keyless: a file with the OIDC token (default: the CI's own)."),
]
SigningConfig = Annotated[
    Path | None, typer.Option("--signing-config", help="With --keyless: a signing configuration of your instance.")
]
