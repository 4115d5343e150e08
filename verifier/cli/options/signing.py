"""Options of the commands that sign, each defined once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from verifier.cli.options.shared import ANSWER

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
SigningKey = Annotated[
    str | None,
    typer.Option(
        "--signing-key",
        metavar="FILE|URI",
        help="With --verdict-out: private key (PEM), or hsm:, awskms:, gcpkms:, azurekms:, hashivault:.",
        rich_help_panel=ANSWER,
    ),
]
Keyless = Annotated[
    bool,
    typer.Option("--keyless", help="Sign with this job's or person's identity (Sigstore).", rich_help_panel=ANSWER),
]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        help="File with the private key's passphrase, or the token's PIN (default: ask).",
        rich_help_panel=ANSWER,
    ),
]
VerdictOut = Annotated[
    Path | None, typer.Option("--verdict-out", help="Write the signed verdict (VSA) here.", rich_help_panel=ANSWER)
]
VerdictExpires = Annotated[
    str, typer.Option("--verdict-expires", help="How long the signed verdict holds.", rich_help_panel=ANSWER)
]
