"""`verify sbom`: make bills of materials, hold them against what they are about, and against each other."""

from __future__ import annotations

from verifier.cli.commands.sbom.check import check
from verifier.cli.commands.sbom.diff import diff
from verifier.cli.commands.sbom.generate import generate
from verifier.cli.typed.command import App

app = App("SBOMs: make one, check that one is true, compare two.")
app.command("generate")(generate)
app.command("check")(check)
app.command("diff")(diff)
