"""What scanners write as severities, in one word. Pure.

* the worst of what is stated counts, whoever states it
* where one of them says that it does not know, nobody knows: that is above every threshold
* a number is a score of CVSS only where its method says so: a probability is none
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from verifier.formats.audit.result import SEVERITIES, Rating, SeverityWord

_WORDS: Final[dict[str, SeverityWord]] = {
    **{each: each for each in SEVERITIES},
    "moderate": "medium",
    "important": "high",
    "negligible": "low",
}
_UNSAID: Final = frozenset({"unknown", "undecided", "unassigned", "unspecified"})
_BANDS: Final[tuple[tuple[float, SeverityWord], ...]] = (
    (9.0, "critical"),
    (7.0, "high"),
    (4.0, "medium"),
    (0.1, "low"),
)
"""CVSS 3.1, section 5; CVSS 4.0, section 6."""
_HIGHEST: Final = 10.0
_NUMBER: Final = re.compile(r"\d{1,2}(?:\.\d{1,3})?\Z", re.ASCII)


def rated(said: Iterable[tuple[str, str]]) -> Rating:
    """The worst of severities, each as its method and its score; unknown where that is what one says, or none can be
    understood."""
    worst = Rating()
    for method, text in said:
        if text.lower() in _UNSAID:
            return Rating()
        found = _rating(method.lower(), text)
        if found is not None and (worst.severity == "unknown" or _rank(found) > _rank(worst)):
            worst = found
    return worst


def _rank(rating: Rating) -> tuple[int, bool]:
    """Of two that are as bad, the one that says more."""
    return SEVERITIES.index(rating.severity) if rating.severity in SEVERITIES else -1, bool(rating.score)


def _rating(method: str, text: str) -> Rating | None:
    """What one severity means; None where that cannot be understood."""
    if (word := _WORDS.get(text.lower())) is not None:
        return Rating(word)
    if "cvss" not in method and method != "nvd":
        return None
    if "/" in text:
        return _of_vector(text)
    if not _NUMBER.match(text) or float(text) > _HIGHEST:
        return None
    return Rating(next((band for least, band in _BANDS if float(text) >= least), "none"), text)


def _of_vector(text: str) -> Rating | None:
    """The severity of a vector of CVSS 2, 3 or 4; None for what is none."""
    from cvss import CVSS2, CVSS3, CVSS4  # noqa: PLC0415 - few scanners write a vector
    from cvss.exceptions import CVSSError  # noqa: PLC0415 - as above

    try:
        reader = CVSS4 if text.startswith("CVSS:4") else CVSS3 if text.startswith("CVSS:") else CVSS2
        made = reader(text)
    except CVSSError:
        return None
    word = _WORDS.get(str(made.severities()[0]).lower())
    return None if word is None else Rating(word, str(made.scores()[0]), text)
