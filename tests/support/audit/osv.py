"""Records as documents, and the corpus of genuine ones."""

import json
from pathlib import Path

from tests.support.material import corpus
from verifier.core.errors import Refused
from verifier.formats.osv.ecosystems import compared_name
from verifier.formats.osv.reading import record_of_json
from verifier.formats.osv.record import Record
from verifier.formats.osv.yaml_reading import record_of_yaml


def document(**changes) -> dict:
    """A record about jinja2 before 2.10.1; a change of None takes the member out."""
    whole = {
        "schema_version": "1.6.0",
        "id": "PYSEC-2099-1",
        "modified": "2024-10-10T00:00:00Z",
        "affected": [entry()],
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def entry(*events, name="jinja2", ecosystem="PyPI", kind="ECOSYSTEM", **more) -> dict:
    """An entry of `affected` with one range of these events."""
    ranges = [{"type": kind, "events": list(events) or [{"introduced": "0"}, {"fixed": "2.10.1"}]}]
    return {"package": {"ecosystem": ecosystem, "name": name}, "ranges": ranges, **more}


def read(document) -> Record:
    """What the strict reader makes of a document, or of its bytes."""
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return record_of_json(content, subject="record.json")


def outcome(call) -> str | Record:
    """The code that something was refused with, or the record."""
    try:
        return call()
    except Refused as refused:
        return refused.reasons[0].code


def advisories() -> list[Path]:
    """The files of the PyPA's advisory database."""
    return sorted(Path(corpus("pypa-advisories")).glob("vulns/*/*.yaml"))


def genuine() -> dict[str, list[Record]]:
    """The records of the PyPA's advisory database, by the compared name of the package."""
    found: dict[str, list[Record]] = {}
    for path in advisories():
        record = record_of_yaml(path.read_bytes(), subject=path.name)
        for name in {compared_name("pypi", each.name) for each in record.affected}:
            found.setdefault(name, []).append(record)
    return found
