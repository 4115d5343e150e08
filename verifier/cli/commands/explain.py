"""`verify explain`: what a reason code means, what causes it, what to do."""

from __future__ import annotations

import textwrap
from difflib import get_close_matches

from verifier.cli import output
from verifier.cli.options.option import argument
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError
from verifier.core.reasons.table import CATALOGUE, describe
from verifier.reports.escape import printable


@spread
def explain(
    *,
    code: str | None = argument(
        "CODE", "A reason code, as in version.rollback, or its first word; without one, all.", default=None
    ),
) -> int:
    """Explain a reason code. What it means, what causes it, what to do."""
    listed = [row for row in CATALOGUE.values() if code is None or row.code.startswith(f"{code}.")]
    for row in listed:
        output.line(f"{row.code:<32} {row.severity.value:<8} {row.title}")
    if code is None or listed:
        return output.EXIT_ACCEPTED
    if code not in CATALOGUE:
        close = get_close_matches(code, CATALOGUE, n=3)
        hint = f"Did you mean {' or '.join(close)}?" if close else "Run `verify explain` for the whole list."
        raise ConfigurationError(f"there is no reason code {printable(code)!r}", where="verify explain", hint=hint)
    row = describe(code)
    output.line(f"{row.code} ({row.severity.value}): {row.title}")
    for label, text in (("cause", row.cause), ("remedy", row.remedy)):
        output.line(textwrap.fill(text, 96, initial_indent=f"  {label:<8}", subsequent_indent=" " * 10))
    output.line(f"  {'exit':<8}{_exit_status(row.undecided, row.severity.value)}")
    if row.threat:
        output.line(f"  {'threat':<8}{row.threat} (docs/security/threat-model.md)")
    return output.EXIT_ACCEPTED


def _exit_status(undecided: bool, severity: str) -> str:
    if severity != "error":
        return "does not deny by itself"
    return "3, could not decide" if undecided else "1, denied"
