"""What PyPI says of versions, as records: no more than was said, and no version that was not asked about.

* PyPI says which versions it calls affected one by one: those that were asked about are listed, and no other
* a version counts as fixed only where PyPI, asked about it, does not list the vulnerability: what is fixed by its words
  and was not asked about is no event, and so nobody's fix
* a withdrawn one is kept as withdrawn
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from verifier.audit.online.canary import ID
from verifier.core.clock import parse_rfc3339
from verifier.core.value import Value, field
from verifier.formats.osv.record import AffectedPackage, Event, Range, Record

_LINK = "https://osv.dev/vulnerability/"


class Known(Value):
    """One vulnerability of a version, as PyPI lists it; `withdrawn` is its text, "" where it is not withdrawn."""

    id: str
    aliases: tuple[str, ...] = ()
    summary: str = ""
    details: str = field(default="", repr=False)
    fixed_in: tuple[str, ...] = ()
    withdrawn: str = ""
    link: str = ""

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> Known:
        """One item of `vulnerabilities`; `ValueError`, `KeyError` or `TypeError` where it is not as it has to be."""
        ids = (item["id"], *item["aliases"])
        if not all(isinstance(each, str) and ID.match(each) for each in ids):
            raise ValueError("an id that is none")
        if not all(isinstance(each, str) for each in item["fixed_in"]):
            raise ValueError("a version that is none")
        return cls(
            id=ids[0],
            aliases=ids[1:],
            summary=_text(item.get("summary")),
            details=_text(item.get("details")),
            fixed_in=tuple(item["fixed_in"]),
            withdrawn=_text(item.get("withdrawn")),
            link=_text(item.get("link")),
        )


def records_of(name: str, version: str, known: Mapping[str, tuple[Known, ...]], now: datetime) -> tuple[Record, ...]:
    """A record for each vulnerability that is known of a version of the package `name`.

    `known` are the answers by version: of `version` itself, and of what may be a fix of it. They are of `now`.
    """
    found: dict[str, Known] = {}
    versions: dict[str, list[str]] = {}
    for one, listed in known.items():
        for each in listed:
            found.setdefault(each.id, each)
            versions.setdefault(each.id, []).append(one)
    fixes = {one for one in known if one != version}
    return tuple(_record(name, each, versions[each.id], fixes, now) for each in found.values())


def _record(name: str, one: Known, affected: list[str], asked: Collection[str], now: datetime) -> Record:
    fixed = [each for each in one.fixed_in if each in asked and each not in affected]
    ranges: tuple[Range, ...] = ()
    if fixed:
        # Every version between them that may be chosen was asked about, and is listed where it is affected.
        ranges = (Range("ECOSYSTEM", (Event("introduced", affected[0]), *(Event("fixed", each) for each in fixed))),)
    entry = AffectedPackage("PyPI", name, ranges=ranges, versions=tuple(affected))
    return Record(
        one.id,
        modified=now,
        withdrawn=_moment(one.withdrawn, now),
        aliases=one.aliases,
        summary=one.summary or one.details.strip().partition("\n")[0][:200],
        details=one.details,
        affected=(entry,),
        references=(one.link or f"{_LINK}{one.id}",),
    )


def _moment(text: str, now: datetime) -> datetime | None:
    """When it was withdrawn: now at the latest, where that cannot be read."""
    if not text:
        return None
    try:
        return parse_rfc3339(text)
    except ValueError:
        return now


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
