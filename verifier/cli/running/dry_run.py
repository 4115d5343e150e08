"""`--dry-run`: everything is read, checked and refused as in earnest; what would be done is said, and not done.

It is there wherever others rely on what is changed, or what is done cannot be taken back: orders to a ledger and what
is merged into one, what is published, an issue, a database that is replaced, a signature (which is for ever, and may
stand in a public log). A command that makes a new file and replaces none has no need of it. The exit status is that of
the run in earnest.
"""

from __future__ import annotations

from verifier.cli import output
from verifier.cli.options.option import Group, option


class DryRun(Group):
    """Whether it is only said."""

    panel = "Run"
    dry_run: bool = option("--dry-run", "Say what would be done, and write nothing.", default=False)

    def stops(self, what: str) -> bool:
        """Whether this is a dry run, which then says what it would do: `what`, as in "write a.json"."""
        if self.dry_run:
            output.hint(f"would {what}")
        self.said()
        return self.dry_run

    def said(self) -> None:
        """Say of a dry run that it was one."""
        if self.dry_run:
            output.hint("nothing was written (--dry-run)")
