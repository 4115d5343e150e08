"""`verify audit`: known vulnerabilities of what is depended on; the database of records; one issue about them.

What follows `verify audit` is a target, unless it is one of the words below: `./db` is a file of that name.
"""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from verifier.cli.commands.audit.db import app as database
from verifier.cli.commands.audit.issue import issue
from verifier.cli.commands.audit.run import run

_RUN = "run"


class AuditGroup(TyperGroup):
    """A group whose one command need not be named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments, with the command that is meant where none is named."""
        if not args or args[0] not in self.commands:
            args = [_RUN, *args]
        return super().parse_args(ctx, args)

    def unnamed(self) -> Any:
        """The command that is meant where none is named."""
        return self.commands[_RUN]


app = typer.Typer(
    cls=AuditGroup,
    help="Audit dependencies: known vulnerabilities, what nobody knows, and hygiene.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(_RUN)(run)
app.add_typer(database, name="db")
app.command("issue")(issue)
