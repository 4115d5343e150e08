"""What is said of what was published: the digest for scripts, everything else for people, or one JSON document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from verifier.cli import output, screen
from verifier.cli.publishing.outcome import Told
from verifier.cli.publishing.reported import write_reports
from verifier.core.outcome import Reason
from verifier.core.value import replace
from verifier.reports.table import PLAIN, renderer

if TYPE_CHECKING:
    from verifier.cli.options.answer import Answer
    from verifier.cli.reporting.further import Reports
    from verifier.publish.push.execute import Published


def tell(told: Told, answer: Answer, reports: Reports) -> None:
    """Print what was published or, in a dry run, would be."""
    write_reports(told, answer, reports)
    if answer.style != "text":
        return
    for reason in told.verdict.reasons if told.verdict is not None and not answer.quiet else ():
        output.finding(reason)
    if answer.verbose and told.verdict is not None:
        for line in renderer("text")(told.dossier, replace(PLAIN, detail="verbose")).splitlines():
            output.hint(line)
    for line in () if answer.quiet else _lines(told):
        output.hint(line)
    if not told.dry_run:
        output.line(told.reference.removeprefix("oci://"))


def denied(told: Told, answer: Answer, reports: Reports) -> int:
    """Say why it was not published; the exit status."""
    if told.verdict is None:
        raise TypeError("nothing was judged")
    write_reports(told, answer, reports)
    if answer.style == "text":
        output.report(told.dossier, "text", screen.standard_output(reports.detail))
    output.hint("verify: not published: the gate denied it, and nothing was written")
    return output.EXIT_UNDECIDED if told.verdict.undecided else output.EXIT_DENIED


def _lines(told: Told) -> Iterator[str]:
    published, dry_run = told.published, told.dry_run
    if published is None:
        raise TypeError("nothing was published")
    if told.verdict is not None:
        yield f"passed: {told.policy}"
    new = "would write" if dry_run else "wrote"
    for row in published.rows:
        about = f"{row.what} ({row.name})" if row.name else row.what
        under = f" under {row.under}" if row.under else ""
        yield f"{new if row.written else 'is there already'}: {about}{under}: {row.digest}"
    place = told.place
    if place.moving is not None and told.plan.parts:
        yield f"{'would tag' if dry_run else 'tagged'}: {place.moving}: {_moved(published)}"
        if told.verdict is None and published.before not in (None, published.digest):
            message = "the tag stood for something else, and nobody compared the versions"
            reason = Reason(code="publish.unjudged", subject=place.moving, message=message)
            yield f"{reason.severity.value}: {reason.code}: {reason.subject}: {reason.message}"
            yield f"  {reason.hint}"
    if not dry_run and (told.kind == "image" or place.folder is None):
        yield f"Check it: verify {told.kind} {told.reference} --policy {told.policy or 'POLICY'}{told.either}"


def _moved(published: Published) -> str:
    if published.before == published.digest:
        return f"{published.digest}, as before"
    return f"from {published.before or 'nothing'} to {published.digest}"
