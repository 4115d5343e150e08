"""Options for findings: from which severity on they count, what is new, and what to run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli.options.option import Group, option
from verifier.core.errors import ConfigurationError
from verifier.formats.audit.result import SEVERITIES, SeverityWord

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from verifier.audit.findings.previous import Previous


class AuditFindings(Group):
    """What is to be done with what was found."""

    panel = "What counts"
    fail_on: str = option(
        "--fail-on",
        "The least severity that counts. One that nobody has stated is above every threshold; by default all count.",
        default="none",
        metavar="none|low|medium|high|critical",
    )
    new_since: Path | None = option(
        "--new-since",
        "An earlier report (JSON): say what is new, unchanged and gone. What was there before counts all the same.",
        default=None,
        metavar="PREVIOUS.json",
    )
    fix_plan: bool = option(
        "--fix-plan", "Print what to run so that findings are mended; nothing is run or edited.", default=False
    )

    def threshold(self) -> SeverityWord:
        """The severity from which on findings count; raises `ConfigurationError`."""
        from verifier.formats.toml.table import nearest  # noqa: PLC0415 - only for mistakes

        for each in SEVERITIES:
            if each == self.fail_on:
                return each
        message = f"there is no severity {self.fail_on[:80]!r} to fail on"
        raise ConfigurationError(message, where="--fail-on", hint=nearest(self.fail_on, SEVERITIES))

    def earlier(self) -> Previous | None:
        """The findings of the earlier report, None where none is given; raises `ConfigurationError`."""
        if self.new_since is None:
            return None
        from verifier.audit.findings.previous import read_previous  # noqa: PLC0415 - only where there is one
        from verifier.cli.inputs import read_key  # noqa: PLC0415 - as above
        from verifier.core.limits import MAX_DOCUMENT_BYTES  # noqa: PLC0415 - as above

        content = read_key(self.new_since, where="--new-since", limit=MAX_DOCUMENT_BYTES)
        return read_previous(content, subject=str(self.new_since))


def heads(files: Iterable[str], root: Path | None = None) -> Mapping[str, bytes]:
    """The beginnings of files, which say who has made them (`fix_plan`); what cannot be read has none."""
    from verifier.audit.findings.compiled import MOST_HEAD  # noqa: PLC0415 - only where a plan is asked for

    found: dict[str, bytes] = {}
    for each in files:
        path = Path(each) if root is None else root / each
        if not path.is_file():
            continue
        try:
            with path.open("rb") as file:
                found[each] = file.read(MOST_HEAD)
        except OSError:
            continue
    return found
