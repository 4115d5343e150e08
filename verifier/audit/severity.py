"""How bad is what a record says? Pure.

* the highest of its scores that can be read: CVSS 4, 3 and 2 vectors, and Ubuntu's words
* the scores of the entry about the package, where it has any, stand in for the record's
* the word of the database (`database_specific.severity`) where there is no score; else unknown, which is above every
  threshold
* a score that cannot be read is said aloud, and is unknown where it is the only one: a vector must be one of the CVSS
  version that its type names

Source: https://ossf.github.io/osv-schema/#severity-field; https://www.first.org/cvss/; formats/audit.md section 3.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from verifier.audit.matching import names_entry
from verifier.core.outcome import Reason
from verifier.formats.audit.package import Package
from verifier.formats.audit.result import SEVERITIES, Rating, SeverityWord
from verifier.formats.osv.record import Record, Severity

MAX_VECTOR: Final = 512
"""Characters of one vector: one with every metric of CVSS 4 has some 200."""
_UBUNTU: Final[dict[str, SeverityWord]] = {
    "negligible": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "critical": "critical",
}


def rating_of(record: Record, package: Package) -> tuple[Rating, tuple[Reason, ...]]:
    """How bad `record` is for `package`, and a warning for each score that cannot be read."""
    ratings: list[Rating] = []
    reasons: list[Reason] = []
    given = _given(record, package)
    for each in given:
        rating = _read(each)
        if isinstance(rating, Rating):
            ratings.append(rating)
        else:
            message = f"{each.type[:40]} {each.score[:120]!r}: {rating}"
            code = "vulnerability.severity-unclear"
            reasons.append(Reason(code=code, subject=record.id, message=message))
    if ratings:
        return max(ratings, key=_weight), tuple(reasons)
    if not given and record.database_severity:
        return Rating(_word(record.database_severity)), ()
    return Rating(), tuple(reasons)


def _given(record: Record, package: Package) -> tuple[Severity, ...]:
    """The scores that are about the package, each once."""
    found: dict[Severity, None] = {}
    for entry in record.affected:
        if names_entry(entry, package):
            found.update(dict.fromkeys(entry.severity or record.severity))
    return tuple(found) if found else record.severity


def _weight(rating: Rating) -> tuple[int, float]:
    return SEVERITIES.index(rating.severity), float(rating.score or 0)


def _word(text: str) -> SeverityWord:
    return next((each for each in SEVERITIES if each == text), "unknown")


@lru_cache(maxsize=4_096)
def _read(given: Severity) -> Rating | str:
    """What a score says, or why it cannot be read."""
    if given.type == "Ubuntu":
        word = _UBUNTU.get(given.score.lower())
        return Rating(word) if word else "none of Ubuntu's words"
    if given.type not in {"CVSS_V2", "CVSS_V3", "CVSS_V4"}:
        return "a type of scores that is not known here"
    if len(given.score) > MAX_VECTOR:
        return f"{len(given.score):,} characters, expected a vector of at most {MAX_VECTOR}"
    from cvss import CVSS2, CVSS3, CVSS4  # noqa: PLC0415 - most that is audited has no score to read
    from cvss.exceptions import CVSSError  # noqa: PLC0415 - as above

    readers = {"CVSS_V2": CVSS2, "CVSS_V3": CVSS3, "CVSS_V4": CVSS4}
    try:
        vector = readers[given.type](given.score)
    except CVSSError as error:
        return str(error)
    # Every version has a base score first, and the word for it.
    return Rating(_word(vector.severities()[0].lower()), f"{vector.scores()[0]:.1f}", given.score)
