"""What is said of a database: in lines, and as a document. Nothing in it is more than one line long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from verifier.core.clock import format_rfc3339
from verifier.formats.json.strict_json import JsonValue
from verifier.reports.escape import printable

if TYPE_CHECKING:
    from verifier.audit.database.importing import Imported
    from verifier.audit.database.opening import Database, Refusal
    from verifier.formats.audit.database import DatabaseInfo


_SHOWN: Final = 50
"""Records that were left out, in lines."""


def document(database: Database) -> JsonValue:
    """The database as JSON."""
    info = database.info
    return {
        "digest": info.digest,
        "dataDate": format_rfc3339(info.data_date),
        "importedAt": format_rfc3339(info.imported_at),
        "ecosystems": dict(info.ecosystems),
        "notCovered": dict(info.incidental),
        "dates": {name: format_rfc3339(date) for name, date in info.dates},
        "refused": info.refused,
        "kev": _list(info.kev, info.kev_digest),
        "epss": _list(info.epss, info.epss_digest),
        "refusals": [_refusal(each) for each in database.refusals()],
    }


def lines(database: Database) -> Iterator[str]:
    """The database for a person."""
    info = database.info
    yield f"database    {printable(str(database.path))}"
    yield f"digest      {info.digest}"
    yield f"data of     {format_rfc3339(info.data_date)}"
    yield f"imported    {format_rfc3339(info.imported_at)}"
    yield from _counted("records", info.ecosystems)
    yield from _counted("not covered", info.incidental)
    if info.kev is not None:
        yield f"KEV of      {format_rfc3339(info.kev)}"
    if info.epss is not None:
        yield f"EPSS of     {format_rfc3339(info.epss)}"
    yield f"left out    {info.refused:,}"
    refusals = database.refusals()
    for each in refusals[:_SHOWN]:
        yield f"            {printable(each.id or each.file)}: {each.code}: {_about(each)}"
    if len(refusals) > _SHOWN:
        yield f"            and {len(refusals) - _SHOWN:,} more: --format json has all of them"


def summary(database: Database, imported: Imported, place: Path, *, dry_run: bool) -> Iterator[str]:
    """What an import into `place` has come to or, in a dry run, would come to."""
    info: DatabaseInfo = database.info
    counted = ", ".join(f"{count:,} of {printable(name)}" for name, count in info.ecosystems)
    ecosystems = counted or "of no ecosystem that is audited"
    noun = "record" if imported.records == 1 else "records"
    done = ("would replace" if dry_run else "replaced") if imported.replaced else "would write" if dry_run else "wrote"
    yield f"{done} {printable(str(place))}: {imported.records:,} {noun} ({ecosystems})"
    yield f"data of {format_rfc3339(info.data_date)}, digest {info.digest}"
    if info.incidental:
        names = ", ".join(printable(name) for name, _ in info.incidental[:8])
        yield f"not covered, only named by some of them: {names}{', …' if len(info.incidental) > 8 else ''}"
    for what, count in (
        ("there twice", imported.repeated),
        ("kept, though not in what was imported", imported.vanished),
        ("left out, and undecided whatever they name", info.refused),
        ("passed over, no records by their names", imported.passed_over),
    ):
        if count:
            yield f"{what}: {count:,}"


def _counted(title: str, counts: tuple[tuple[str, int], ...]) -> Iterator[str]:
    for number, (name, count) in enumerate(counts):
        yield f"{title if not number else '':<12}{printable(name)} {count:,}"


def _about(refusal: Refusal) -> str:
    if ("", "") in refusal.packages:
        return "every package"
    return ", ".join(
        f"{printable(ecosystem)} {printable(name) if name else '(every package)'}"
        for ecosystem, name in refusal.packages[:8]
    )


def _refusal(refusal: Refusal) -> JsonValue:
    packages: list[JsonValue] = [{"ecosystem": first, "name": second} for first, second in refusal.packages]
    return {
        "file": refusal.file,
        "id": refusal.id,
        "code": refusal.code,
        "message": refusal.message,
        "packages": packages,
    }


def _list(date: datetime | None, digest: str) -> JsonValue:
    return None if date is None else {"date": format_rfc3339(date), "digest": digest}
