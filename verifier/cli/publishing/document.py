"""What was published, as JSON: for machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from verifier.cli.publishing.outcome import Told

SCHEMA: Final = "verifier/publication/v1"


def publication(told: Told) -> str:
    """The document, ending in a newline; the gate's report is a part of it."""
    from verifier.formats.json.write import page  # noqa: PLC0415 - one of two forms
    from verifier.formats.verdict.document import write  # noqa: PLC0415 - as above

    published = told.published
    rows = () if published is None else published.rows
    before = None if published is None else published.before
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "published": published is not None and not told.dry_run,
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
    return page(document)
