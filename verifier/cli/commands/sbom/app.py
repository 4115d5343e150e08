"""`verify sbom`: make bills of materials, hold them against what they are about, and against each other."""

from __future__ import annotations

import typer

from verifier.cli.commands.sbom.check import check
from verifier.cli.commands.sbom.diff import diff
from verifier.cli.commands.sbom.generate import generate

app = typer.Typer(help="SBOMs: make one, check that one is true, compare two.", no_args_is_help=True)
app.command("generate")(generate)
app.command("check")(check)
app.command("diff")(diff)
