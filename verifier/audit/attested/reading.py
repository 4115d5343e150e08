"""A signed scan, read strictly: one that `verify audit` has written, or another scanner in the same format. Pure.

* what has to be there is there, whatever the specification's library lets pass: above all `lastUpdate`
* the worst severity that is stated counts; where one states that it does not know, or none can be understood, it is
  unknown
* the names of the specification are read, and those of its Protocol Buffers (`database`, `scanMetadata`); both at once
  are refused
* another kind of document is named, with what to do: cosign's record of a scan, an earlier version of this format

Source: in-toto/attestation, spec/predicates/vulns_02.md and protos/…/vulns/v0.2/vulns.proto; formats/audit.md
section 10.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from verifier.audit.attested.scan import Scan, ScanItem, Status
from verifier.audit.attested.severities import rated
from verifier.audit.attested.writing import METHOD
from verifier.core.clock import CLOCK_SKEW, shifted
from verifier.core.errors import refuse
from verifier.core.uris import AUDIT_SCANNER, COSIGN_SCAN, VULNERABILITY_SCAN
from verifier.formats.audit.result import Rating
from verifier.formats.json.fields import Fields
from verifier.formats.json.strict_json import JsonValue

CODE: Final = "vulnerability.scan-invalid"
MAX_ITEMS: Final = 100_000
"""Entries of one scan: the largest images have some thousands."""
_MAX_SAID: Final = 64
"""Severities, annotations and ids of one entry."""
_LONGEST: Final = 2_048
"""Characters of an id or a package's URL."""
_STATUSES: Final[Mapping[str, Status]] = {"affected": "affected", "undecided": "undecided", "unknown": "unknown"}
_ATTEST: Final = (
    f"Attest the scan as {VULNERABILITY_SCAN}: `verify audit ... --attest`, or that format of the scanner's own."
)


def require_readable(predicate_type: str, *, subject: str) -> None:
    """Refuse a scan in another format than the one that is read; raises `Refused`."""
    if predicate_type == VULNERABILITY_SCAN:
        return
    if predicate_type in {COSIGN_SCAN, COSIGN_SCAN.removeprefix("https://")}:
        message = (
            "this is cosign's record of a scan (`cosign attest --type vuln`): it does not say how old the scanner's "
            "database was, and its result is in the scanner's own words"
        )
        raise refuse(CODE, subject, message, _ATTEST)
    raise refuse(CODE, subject, f"its type is {predicate_type!r:.200}, expected {VULNERABILITY_SCAN!r}", _ATTEST)


def read_scan(predicate: Mapping[str, JsonValue], *, subject: str = "scan") -> Scan:
    """The scan in a predicate of type `VULNERABILITY_SCAN`; raises `Refused` with `vulnerability.scan-invalid`."""
    fields = Fields(value=predicate, code=CODE, subject=subject, path="predicate")
    if "invocation" in predicate and ("scanners" in predicate or "scanner" in predicate):
        require_readable(COSIGN_SCAN, subject=subject)
    fields.known("scanner", "metadata", "scanMetadata")
    scanner = fields.object("scanner").known("uri", "version", "db", "database", "result")
    database = _either(scanner, "db", "database").known("uri", "version", "lastUpdate")
    metadata = _either(fields, "metadata", "scanMetadata").known("scanStartedOn", "scanFinishedOn")
    own = scanner.text("uri") == AUDIT_SCANNER
    scan = Scan(
        scanner=scanner.text("uri"),
        version=scanner.optional_text("version") or "",
        database=database.optional_text("version") or "",
        last_update=database.moment("lastUpdate"),
        started=metadata.moment("scanStartedOn"),
        finished=metadata.moment("scanFinishedOn"),
        items=tuple(_item(each, own=own) for each in scanner.objects("result", most=MAX_ITEMS)),
        own=own,
    )
    if scan.started > scan.finished:
        raise metadata.refusal("scanFinishedOn", "is before `scanStartedOn`")
    if scan.last_update > shifted(scan.finished, CLOCK_SKEW):
        raise database.refusal("lastUpdate", "is after the scan: it scanned by what nobody could have known")
    return scan


def _either(fields: Fields, name: str, other: str) -> Fields:
    """The object under one of two names; the specification has the first, its Protocol Buffers the other."""
    if fields.value.get(name) is not None and fields.value.get(other) is not None:
        raise fields.refusal(other, f"stands beside `{name}`, which means the same: expected one of them")
    return fields.object(other) if fields.value.get(other) is not None else fields.object(name)


def _item(fields: Fields, *, own: bool) -> ScanItem:
    fields.known("id", "severity", "annotations")
    identifier = _short(fields, "id")
    said = [_said(each) for each in fields.objects("severity", most=_MAX_SAID)]
    if not said:
        raise fields.refusal("severity", "is empty, expected at least one")
    rating = rated(said)
    notes = list(_notes(fields))
    if not own:
        return ScanItem(id=identifier, status="affected", rating=rating, purl=_purl_in(notes), ids=(identifier,))
    if len(notes) != 1 or all(method != METHOD for method, _ in said):
        raise fields.refusal("", "is not as `verify audit` writes one: a severity of its own, and one annotation")
    return _own(identifier, rating, notes[0])


def _own(identifier: str, rating: Rating, note: Fields) -> ScanItem:
    """An entry that `verify audit` has written, whose annotation says what the format has no word for."""
    status = _STATUSES.get(note.text("status"))
    if status is None:
        raise note.refusal("status", f"is {note.text('status')!r:.100}, expected one of {', '.join(_STATUSES)}")
    ids = note.texts("ids", most=_MAX_SAID, required=status == "affected")
    if status == "affected" and identifier not in ids:
        raise note.refusal("ids", f"lacks the id of the item, {identifier!r:.100}")
    excused = note.optional_object("exception")
    return ScanItem(
        id=identifier,
        status=status,
        rating=rating if status == "affected" else Rating(),
        purl=_short(note, "package"),
        ids=tuple(dict.fromkeys((identifier, *ids))),
        why=note.optional_text("why") or "",
        exploited=note.optional_text("exploited") or "",
        excused="" if excused is None else excused.optional_text("reason") or "an exception of the scanner's",
    )


def _said(fields: Fields) -> tuple[str, str]:
    fields.known("method", "score")
    return _short(fields, "method"), _short(fields, "score")


def _notes(fields: Fields) -> Iterator[Fields]:
    """The annotations; the specification also speaks of a map."""
    value = fields.value.get("annotations")
    if isinstance(value, dict):
        yield fields.object("annotations")
        return
    yield from fields.objects("annotations", most=_MAX_SAID, required=False)


def _purl_in(notes: list[Fields]) -> str:
    """The package where another scanner names just one by its URL, for the rule's exceptions to find."""
    named = {
        value
        for each in notes
        for name in ("package", "purl", "packageUrl")
        if isinstance(value := each.value.get(name), str) and value.startswith("pkg:") and len(value) <= _LONGEST
    }
    return next(iter(named)) if len(named) == 1 else ""


def _short(fields: Fields, name: str) -> str:
    text = fields.text(name)
    if len(text) > _LONGEST:
        raise fields.refusal(name, f"has {len(text)} characters, expected at most {_LONGEST}")
    return text
