"""Packages and records, made in memory."""

from datetime import UTC, datetime

from verifier.formats.audit.package import Package, Place
from verifier.formats.osv.record import AffectedPackage, Event, Range, Record

NOW = datetime(2024, 10, 12, tzinfo=UTC)
"""When audits are judged: the newest record of the corpus is of 2024-10-10."""


def package(name="jinja2", version="2.10", *, ecosystem="pypi", file="requirements.txt", line=1, **more):
    """A package from the public index."""
    purl = f"pkg:{ecosystem}/{name}" + (f"@{version}" if version is not None else "")
    return Package(ecosystem=ecosystem, name=name, version=version, purl=purl, places=(Place(file, line),), **more)


def record(identifier="PYSEC-2099-1", name="jinja2", *, fixed="2.10.1", introduced="0", ecosystem="PyPI", **more):
    """A record with one range, from `introduced` to `fixed`."""
    events = [Event("introduced", introduced)]
    if fixed is not None:
        events.append(Event("fixed", fixed))
    affected = (AffectedPackage(ecosystem, name, ranges=(Range("ECOSYSTEM", tuple(events)),)),)
    return Record(identifier, modified=NOW, **{"affected": affected, **more})
