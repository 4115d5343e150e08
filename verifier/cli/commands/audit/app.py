"""`verify audit`: packages against records of vulnerabilities."""

from __future__ import annotations

import typer

from verifier.cli.commands.audit.db import app as db

app = typer.Typer(help="Packages against records of known vulnerabilities.", no_args_is_help=True)
app.add_typer(db, name="db")
