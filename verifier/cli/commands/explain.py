"""`verify explain`: what a reason code means, what causes it, what to do."""

from __future__ import annotations

from difflib import get_close_matches

from verifier.cli import output
from verifier.cli.ledgers.rows import ROW_FORMAT, RowStyle
from verifier.cli.options.option import argument
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError
from verifier.core.reasons.code import ReasonCode
from verifier.core.reasons.table import CATALOGUE
from verifier.core.reasons.words import describe
from verifier.formats.catalogue import catalogue_document, exit_status
from verifier.formats.json.write import page
from verifier.reports.escape import printable

_STATUS = {0: "does not deny by itself", 1: "1, denied", 2: "2, nothing was judged", 3: "3, could not decide"}


@spread
def explain(
    *,
    code: str | None = argument(
        "CODE", "A reason code, as in version.rollback, or its first word; without one, all.", default=None
    ),
    style: RowStyle = ROW_FORMAT,
) -> int:
    """Explain a reason code. What it means, what causes it, what to do."""
    listed = [row for row in CATALOGUE.values() if code is None or row.code.startswith(f"{code}.")]
    if style == "json":
        output.document(page(catalogue_document(listed or [_found(code)])))
        return output.EXIT_ACCEPTED
    for row in listed:
        output.parts([f"{row.code:<32}", f"{row.severity.value:<8}", *row.title.split(" ")], hang=42, gap=" ")
    if code is None or listed:
        return output.EXIT_ACCEPTED
    row = _found(code)
    output.line(f"{row.code} ({row.severity.value}): {row.title}")
    for label, text in (("cause", row.cause), ("remedy", row.remedy)):
        output.paragraph(f"  {label:<8}{text}", hang=10)
    output.line(f"  {'exit':<8}{_STATUS[exit_status(row)]}")
    if row.threat:
        output.line(f"  {'threat':<8}{row.threat} (docs/security/threat-model.md)")
    return output.EXIT_ACCEPTED


def _found(code: str | None) -> ReasonCode:
    """The row of a code; `ConfigurationError` with those that are nearly it, where there is none."""
    if code is not None and code in CATALOGUE:
        return describe(code)
    close = get_close_matches(code or "", CATALOGUE, n=3)
    hint = f"Did you mean {' or '.join(close)}?" if close else "Run `verify explain` for the whole list."
    raise ConfigurationError(f"there is no reason code {printable(code or '')!r}", where="verify explain", hint=hint)
