"""What all sources together have said of each package. Pure.

* sources are merged, never averaged: every record of each is judged, and affected wins
* a package that one source answers for is answered for; one that a source knows not to have answered for wholly is not
* of one record that two sources have, the newer is judged beside the older only where they differ

Source: formats/audit.md sections 1 and 6; the issue's item 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from verifier.audit.answers import Answers
from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.formats.audit.package import Package
from verifier.formats.osv.record import Record

_NOBODY = "nobody was asked"


class Told(Value):
    """What is known of one package: its records, those that cannot be read, and why nobody can say ("" where somebody
    can)."""

    package: Package
    records: tuple[Record, ...] = field(default=(), repr=False)
    refused: tuple[str, ...] = ()
    unknown: str = ""


def merged(packages: Sequence[Package], answers: Sequence[Answers], unasked: Sequence[str]) -> tuple[Told, ...]:
    """What is known of each package, in their order; `unasked` says of each why nobody was asked, "" where somebody
    was."""
    return tuple(
        Told(package=package, unknown=why) if why else _told(package, answers)
        for package, why in zip(packages, unasked, strict=True)
    )


def reasons_of(answers: Iterable[Answers]) -> tuple[Reason, ...]:
    """What the sources have said about themselves."""
    return tuple(dict.fromkeys(reason for each in answers for reason in each.reasons))


def _told(package: Package, answers: Sequence[Answers]) -> Told:
    purl = package.purl
    records: dict[tuple[str, str], Record] = {}
    refused: dict[str, None] = {}
    whys: dict[str, None] = {}
    answered = cut = False
    for each in answers:
        here, why = each.records.get(purl), each.unknown.get(purl, "")
        records.update(((record.id, record.digest), record) for record in here or ())
        refused.update(dict.fromkeys(each.refused.get(purl, ())))
        answered = answered or (here is not None and not why)
        cut = cut or (here is not None and bool(why))
        whys.update({why: None} if why else {})
    unknown = "" if answered and not cut else "; ".join(whys) or _NOBODY
    return Told(package=package, records=tuple(records.values()), refused=tuple(refused), unknown=unknown)
