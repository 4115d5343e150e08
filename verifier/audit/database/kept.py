"""A record as the database keeps it: the canonical JSON of all that it says, whose SHA-256 is its digest.

* what is kept was read strictly before (`formats.osv.reading`); reading it back costs a third of that, and comes to the
  same record
* what is kept is held to its digest before anything is made of it

Raises `ValueError` for what nobody has kept so.
"""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from typing import Any

from verifier.core.clock import parse_rfc3339
from verifier.formats.json.strict_json import JsonValue, loads
from verifier.formats.json.write import canonical
from verifier.formats.osv.reading import MAX_RECORD_DEPTH, read_record, word_of
from verifier.formats.osv.record import AffectedPackage, Event, Range, Record, Severity


def kept(tree: JsonValue) -> bytes:
    """A record in the form that it is kept in."""
    return canonical(tree).encode()


def digest_of_kept(body: bytes) -> str:
    """Its digest, in hex."""
    return sha256(body).hexdigest()


def record_of_kept(body: bytes, digest: bytes) -> Record:
    """The record; `ValueError` where its digest is another, or it is none."""
    if sha256(body).digest() != digest:
        raise ValueError("a record is not the one that its digest names")
    try:
        record = _record(json.loads(str(body, "ascii")), digest.hex())
        _require_texts(record)
    except (TypeError, LookupError, AttributeError, RecursionError) as error:
        raise ValueError(f"a record is none: {error}") from error
    return record


def say_the_same(one: bytes, other: bytes) -> bool:
    """Whether two bodies differ in nothing but the minor version of the schema, which exports raise for all records."""
    first, second = json.loads(one), json.loads(other)
    return kept({**first, "schema_version": ""}) == kept({**second, "schema_version": ""})


def strictly(body: bytes, *, subject: str) -> Record:
    """The record, read as strictly as at first; `Refused` for what is none, `ValueError` for another form of it."""
    tree = loads(body, subject=subject, max_depth=MAX_RECORD_DEPTH)
    if kept(tree) != body:
        raise ValueError("a record is not in the form that records are kept in")
    return read_record(tree, subject=subject)


def _record(tree: Any, digest: str) -> Record:
    get = tree.get
    specific = get("database_specific")
    return Record(
        tree["id"],
        _moment(tree["modified"]),
        _optional(get("published")),
        _optional(get("withdrawn")),
        tuple(get("aliases") or ()),
        tuple(get("related") or ()),
        get("summary") or "",
        get("details") or "",
        tuple([_entry(each) for each in get("affected") or ()]),
        _severities(tree),
        word_of(specific.get("severity")) if type(specific) is dict else "",
        tuple([each["url"] for each in get("references") or ()]),
        digest,
    )


def _entry(entry: Any) -> AffectedPackage:
    package = entry.get("package")
    ecosystem = release = name = ""
    if package is not None:
        ecosystem, _, release = package["ecosystem"].partition(":")
        name = package["name"]
    return AffectedPackage(
        ecosystem,
        name,
        release,
        tuple([_range(each) for each in entry.get("ranges") or ()]),
        tuple(entry.get("versions") or ()),
        _severities(entry),
    )


def _range(given: Any) -> Range:
    return Range(given["type"], tuple([Event(*event.popitem()) for event in given["events"]]))


def _severities(given: Any) -> tuple[Severity, ...]:
    found = given.get("severity")
    if not found:
        return ()
    return tuple([Severity(each["type"], _score(each["score"])) for each in found])


def _score(given: Any) -> str:
    return given if isinstance(given, str) else repr(given)


def _moment(given: Any) -> datetime:
    """A time, which was read strictly before: nearly all are written as what reads them fastest takes them."""
    return datetime.fromisoformat(given) if given[-1:] == "Z" else parse_rfc3339(given)


def _optional(given: Any) -> datetime | None:
    return None if given is None else _moment(given)


def _require_texts(record: Record) -> None:
    """Raise `TypeError` where anything but a text stands in a text's place."""
    texts = [record.id, record.summary, record.details, *record.aliases, *record.related, *record.references]
    for entry in record.affected:
        texts += (entry.name, *entry.versions)
        for each in entry.ranges:
            texts += (each.type, *[event.version for event in each.events])
    "".join(texts)
