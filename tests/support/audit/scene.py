"""A place with a database of records, to run `verify audit` in."""

import json
from pathlib import Path

from tests.support.command import ask, run

NOW = "2024-10-12T00:00:00Z"
MODIFIED = "2024-10-10T12:00:00Z"


def osv(identifier, name, *, fixed=None, introduced="0", ecosystem="PyPI", **more):
    """A record as the Open Source Vulnerability format has it."""
    events = [{"introduced": introduced}, *([{"fixed": fixed}] if fixed else [])]
    package = {"name": name, "ecosystem": ecosystem}
    affected = [{"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}]
    return {"schema_version": "1.6.0", "id": identifier, "modified": MODIFIED, "affected": affected, **more}


CANARY = osv("PYSEC-2024-1", "canary", fixed="1.0")
"""What every database of these tests holds: without any record it could not be used."""


def database(*records, place="records.db", now=NOW, options=()):
    """A database of these records, made by the command."""
    folder = Path(f"{place}.records")
    folder.mkdir()
    for each in (CANARY, *records):
        (folder / f"{each['id']}.json").write_text(json.dumps(each))
    made = run("audit", "db", "import", folder, "--db", place, "--now", now, *options)
    assert made.status == 0, made.err
    return Path(place)


def audited(*targets, db="records.db", now=NOW, options=()):
    """The answer of an audit as JSON: exit status and report."""
    return ask("audit", *targets, "--db", db, "--now", now, *options)


def findings(answer):
    """(name, version, primary id) of each finding."""
    return [
        (each["package"]["name"], each["package"]["version"], each["ids"][0])
        for each in answer.report["audit"]["findings"]
    ]


def statuses(answer):
    """The status of each package by its purl."""
    return {each["purl"]: each["status"] for each in answer.report["audit"]["packages"]}


def requirements(*lines, path="requirements.txt"):
    Path(path).write_text("".join(f"{line}\n" for line in lines))
    return path
