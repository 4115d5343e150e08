"""The rules and levels of an audit in SARIF.

* a rule has the score of the worst of its results, as the text that GitHub asks for
* an unknown severity has the score of a critical one, and says so
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import quote

from verifier.core.outcome import Reason
from verifier.formats.audit.result import Finding
from verifier.reports.audit.tally import primary
from verifier.reports.media.sarif import rule

SCORES: Final = {"critical": "9.5", "unknown": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0", "none": "0.0"}
"""What stands for a word without a score. What nobody has rated counts as above every threshold, here as well."""
_BANDS: Final = (("critical", 9.0), ("high", 7.0), ("medium", 4.0), ("low", 0.1), ("none", 0.0))
_SCORE: Final = re.compile(r"(?:10|[0-9])(?:\.[0-9])?\Z", re.ASCII)


def level_of(findings: Sequence[Finding]) -> str:
    """`error` where one of them counts; below the threshold it is by its severity."""
    if any(each.counts for each in findings):
        return "error"
    return "warning" if any(each.rating.severity in {"critical", "high", "unknown"} for each in findings) else "note"


def score_of(finding: Finding) -> str:
    """The score as GitHub sorts by: that of the vector where it agrees with the word, else one for the word."""
    word, score = finding.rating.severity, finding.rating.score
    if _SCORE.match(score) and next((band for band, least in _BANDS if float(score) >= least), "") == word:
        return score
    return SCORES[word]


def rules_of(found: Iterable[Finding | Reason]) -> list[dict[str, Any]]:
    """A rule for each id and each code that there is a result of, in their order."""
    rules: dict[str, list[Finding | Reason]] = {}
    for each in found:
        rules.setdefault(each.code if isinstance(each, Reason) else primary(each), []).append(each)
    return [_rule(identifier, group) for identifier, group in rules.items()]


def _rule(identifier: str, group: Sequence[Finding | Reason]) -> dict[str, Any]:
    first = group[0]
    if isinstance(first, Reason):
        tags = ("security", "dependencies")
        return rule(identifier, identifier, first.hint, score=SCORES["high"], level="error", tags=tags)
    findings = [each for each in group if isinstance(each, Finding)]
    score = max((score_of(each) for each in findings), key=float)
    unknown = any(each.rating.severity == "unknown" for each in findings)
    said = "; ".join(dict.fromkeys(each.summary for each in findings if each.summary)) or identifier
    tags = ("security", "vulnerability", *(("severity-unknown",) if unknown else ()), *first.ids[1:])
    help_text = "Severity unknown: nobody has stated one, so it is shown as critical. " if unknown else ""
    help_text += "Upgrade to a version that no record affects, or write an exception with an owner and an end."
    made = rule(identifier, f"{identifier}: {said}", help_text, score=score, level="error", tags=tags)
    links = [each for each in first.references if each.startswith("https://") and each.isascii() and each.isprintable()]
    if links:
        made["helpUri"] = quote(links[0], safe="/:?#[]@!$&'()*+,;=%-._~")
    return made
