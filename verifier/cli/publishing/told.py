"""What is said of what was published: the digest for scripts, everything else for people, or one JSON document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from verifier.cli import output
from verifier.cli.publishing.destination import Destination
from verifier.core.outcome import Reason
from verifier.core.value import Value
from verifier.core.verdict import Verdict
from verifier.formats.verdict.dossier import Dossier
from verifier.publish.push.written import Plan

if TYPE_CHECKING:
    from verifier.publish.push.execute import Published

SCHEMA: Final = "verifier/publication/v1"


class Told(Value):
    """What was asked for, and what the gate said of it."""

    plan: Plan
    place: Destination
    kind: str
    verdict: Verdict | None = None
    policy: Path | None = None
    either: str = ""
    """What to type instead, where nobody has said whether it is an image or a bundle."""

    @property
    def reference(self) -> str:
        """What is published, by its digest."""
        return self.place.at(self.plan.subject.digest)


def tell(told: Told, published: Published, *, as_json: bool, dry_run: bool) -> None:
    """Print what was published or, in a dry run, would be."""
    if as_json:
        _print(told, published, dry_run=dry_run)
        return
    for reason in told.verdict.reasons if told.verdict is not None else ():
        output.finding(reason)
    for line in _lines(told, published, dry_run=dry_run):
        output.hint(line)
    if not dry_run:
        output.line(told.reference.removeprefix("oci://"))


def denied(told: Told, *, as_json: bool) -> int:
    """Say why it was not published; the exit status."""
    if told.verdict is None:
        raise TypeError("nothing was judged")
    if not as_json:
        status = output.report(Dossier(verdicts=(told.verdict,)), "text")
        output.hint("verify: not published: the gate denied it, and nothing was written")
        return status
    _print(told, None, dry_run=False)
    return output.EXIT_UNDECIDED if told.verdict.undecided else output.EXIT_DENIED


def _lines(told: Told, published: Published, *, dry_run: bool) -> Iterator[str]:
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


def _print(told: Told, published: Published | None, *, dry_run: bool) -> None:
    from verifier.formats.json.write import page  # noqa: PLC0415 - one of two forms
    from verifier.formats.verdict.document import write  # noqa: PLC0415 - as above

    rows = () if published is None else published.rows
    before = None if published is None else published.before
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "published": published is not None and not dry_run,
        "reference": told.reference,
        "digest": str(told.plan.subject.digest),
        "tag": told.place.tag if told.plan.parts else None,
        "before": None if before is None else str(before),
        "written": [
            {
                "what": row.what,
                "from": row.name or None,
                "digest": str(row.digest),
                "under": row.under or None,
                "new": row.written,
            }
            for row in rows
        ],
        "gate": None if told.verdict is None else write(told.verdict),
    }
    output.document(page(document))
