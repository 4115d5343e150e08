"""`verify audit`: known vulnerabilities of what is depended on; the database of records; one issue about them.

What follows `verify audit` is a target, unless it is one of the words below, or one that people take for such a word
and no file: `./db` is a file of that name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import typer

from verifier.cli.commands.audit.db import app as database
from verifier.cli.commands.audit.issue import issue
from verifier.cli.commands.audit.run import run
from verifier.cli.help.page import Page, Section
from verifier.cli.typed.command import App, Command, Group

_RUN = "run"
_LIKE: Final = 0.76


class _Unnamed(typer.Context):
    """The context of the command that need not be named: messages and help show what people type."""

    @property
    def command_path(self) -> str:
        """The path of the group."""
        return "" if self.parent is None else self.parent.command_path


class _Run(Command):
    """The command that need not be named."""

    context_class = _Unnamed


class AuditGroup(Group):
    """A group whose one command need not be named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments, with the command that is meant where none is named."""
        if not args or not (args[0] in self.commands or _is_mistyped(args[0], tuple(self.commands))):
            args = [_RUN, *args]
        return super().parse_args(ctx, args)

    def unnamed(self) -> Any:
        """The command that is meant where none is named."""
        return self.commands[_RUN]

    def page(self, path: str) -> Page:
        """The help of that command."""
        page: Page = self.unnamed().page(path)
        return page._replace(sections=(*page.sections, Section("Commands", self.rows())))


def _is_mistyped(word: str, commands: tuple[str, ...]) -> bool:
    """Whether a word in the place of a target is rather a command that there is not; no file has that name."""
    if not word.isalpha() or Path(word).exists():
        return False
    from difflib import get_close_matches  # noqa: PLC0415 - only for what is not there

    from verifier.cli.mistakes.other_words import is_known_there  # noqa: PLC0415 - as above

    return is_known_there(word, "verify audit") or bool(get_close_matches(word, commands, cutoff=_LIKE))


app = App("Audit dependencies: known vulnerabilities, what nobody knows, and hygiene.", cls=AuditGroup)
app.command(_RUN, cls=_Run, hidden=True)(run)
app.add_typer(database, name="db")
app.command("issue")(issue)
