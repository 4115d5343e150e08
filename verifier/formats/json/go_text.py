"""Text as Go decodes it where it is no proper UTF-8 or has half a character: OPA loads such documents.

* each byte that is no UTF-8 and each half of a surrogate pair is U+FFFD, and is said to be
* what that takes is paid for first
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from verifier.core.limits import MAX_FINDINGS
from verifier.core.outcome import Reason
from verifier.formats.json.structure import lone_surrogates

if TYPE_CHECKING:
    from verifier.core.costs.budget import Budget

_AT_ONCE = 64 * 1024
"""Characters that are repaired at a time: a list of all repairs would take ten times the text."""
_NO_UTF_8 = re.compile("[\udc80-\udcff]")


def repaired(text: str, budget: Budget | None, subject: str, findings: list[Reason]) -> str:
    """`text`, decoded with `surrogateescape`, as Go decodes it; `findings` gains a warning for each kind of damage."""
    if _NO_UTF_8.search(text):
        _pay(budget, len(text), subject)
        _note(findings, subject, "bytes that are not UTF-8, which OPA replaces by U+FFFD")
        pieces = (text[at : at + _AT_ONCE] for at in range(0, len(text), _AT_ONCE))
        text = "".join([_NO_UTF_8.sub("\ufffd", piece) for piece in pieces])
    if "\\" in text:
        text = _whole_characters(text, budget, subject, findings)
    return text


def _whole_characters(text: str, budget: Budget | None, subject: str, findings: list[Reason]) -> str:
    pieces: list[str] = []
    done = 0
    for start, end in lone_surrogates(text):
        if not done:
            _pay(budget, text.count("\\"), subject)
            _note(findings, subject, "half a surrogate pair, which OPA replaces by U+FFFD")
        pieces += (text[done:start], "\ufffd")
        done = end
    return "".join((*pieces, text[done:])) if pieces else text


def _pay(budget: Budget | None, count: int, subject: str) -> None:
    if budget is not None:
        from verifier.core.costs.prices import ESCAPE  # noqa: PLC0415 - small documents alone need none

        budget.spend(ESCAPE, count, subject=subject)


def _note(findings: list[Reason], subject: str, what: str) -> None:
    if len(findings) < MAX_FINDINGS:
        findings.append(Reason(code="json.invalid", subject=subject, message=what).as_warning())
