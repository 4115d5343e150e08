"""A record's digest, and the form that it is kept in.

* the digest is that of the whole record as it was read, members sorted: two files with one digest say the same
* the form that it is kept in holds what a `Record` holds and nothing else; what is read back from it is equal

What is kept was read strictly before, so reading it back costs a tenth of that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from verifier.core.clock import format_rfc3339
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.json.write import canonical, compact
from verifier.formats.osv.record import AffectedPackage, Event, Range, Record, Severity


def digest_of(tree: Mapping[str, JsonValue]) -> str:
    """The SHA-256, in hex, of a record's canonical JSON."""
    return sha256(canonical(tree).encode()).hexdigest()


def stored(record: Record) -> bytes:
    """A record as it is kept: one JSON array, in the order of `Record`'s fields."""
    times = [moment and format_rfc3339(moment) for moment in (record.modified, record.published, record.withdrawn)]
    return compact([record.id, *times, *record[4:]], ascii_only=False).encode()


def record_of_stored(content: bytes | str) -> Record:
    """What `stored` has written; `ValueError` for what it has not."""
    try:
        return _record(json.loads(content))
    except (TypeError, LookupError, RecursionError) as error:
        raise ValueError(f"not a record as it is kept: {error}") from error


def _record(kept: Any) -> Record:
    identifier, modified, published, withdrawn, *rest = kept
    aliases, related, summary, details, affected, severity, database_severity, references, digest = rest
    return Record(
        identifier,
        datetime.fromisoformat(modified),
        published and datetime.fromisoformat(published),
        withdrawn and datetime.fromisoformat(withdrawn),
        tuple(aliases),
        tuple(related),
        summary,
        details,
        tuple([_entry(*each) for each in affected]),
        tuple([Severity(*each) for each in severity]),
        database_severity,
        tuple(references),
        digest,
    )


def _entry(
    ecosystem: str, name: str, release: str, ranges: Any, versions: list[str], severity: list[list[str]]
) -> AffectedPackage:
    return AffectedPackage(
        ecosystem,
        name,
        release,
        tuple([Range(kind, tuple([Event(*event) for event in events])) for kind, events in ranges]),
        tuple(versions),
        tuple([Severity(*each) for each in severity]),
    )
