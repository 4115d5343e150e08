"""The commands of `verify`, one file each."""

from __future__ import annotations

from typing import Annotated

import typer

from verifier.cli import attest, bundle, demo, explain, key, ledger, output, sign, trust, verdict
from verifier.core.version import VERSION

app = typer.Typer(
    name="verify",
    help="May this policy bundle be used, and is it at least as new as what was accepted before?",
    epilog="Exit status: 0 accepted, 1 denied, 2 wrong usage or configuration, 3 could not decide.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)
app.command("bundle")(bundle.bundle)
app.command("verdict")(verdict.verdict)
app.add_typer(sign.app, name="sign")
app.command("attest")(attest.attest)
app.add_typer(key.app, name="key")
app.add_typer(trust.app, name="trust")
app.add_typer(ledger.app, name="ledger")
app.command("explain")(explain.explain)
app.command("demo")(demo.demo)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """May this policy bundle be used, and is it at least as new as what was accepted before?"""
    if version:
        output.line(f"verify {VERSION}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        output.line(context.get_help())
        raise typer.Exit(output.EXIT_USAGE)
