"""What a verdict is worth, and which of several in one file is the one that was asked for.

* only a verdict about this artifact counts; what is about another, or is no verdict, is set aside aloud
* a trusted verifier's denial of this artifact denies, whatever stands beside it; what could not be judged to its end
  may be one, and denies
* of several that could be used the newest is taken where all state the same name and version; else none is
* in which order they stand makes no difference
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from verifier.core.document import Document
from verifier.core.outcome import CouldNotCheck, Outcome, Passed, Reason, outcome_of, reasons_of
from verifier.core.value import Value, field, replace
from verifier.formats.intoto.vsa import VerificationSummary


class JudgedVsa(Value):
    """What a verdict is worth before any ledger is asked; without a `summary` it could not be used at all.

    `undecided` is one that is there and could not be judged to its end: a denial may be in it. `document` is which of
    several it is, and `standing` what that is: about this artifact, about another, no verdict, or by nobody trusted.
    """

    outcomes: tuple[Outcome, ...]
    summary: VerificationSummary | None = None
    signer: str | None = None
    undecided: bool = False
    document: Document | None = field(default=None, repr=False)
    standing: Literal["ours", "another's", "no verdict", "a stranger's"] = "a stranger's"


def asked_for(judged: Sequence[JudgedVsa], name: str) -> JudgedVsa:
    """Which of several is the verdict that was asked for, or why none is; their order makes no difference."""
    undecided = [each for each in judged if each.undecided]
    ours = [each for each in judged if each.standing == "ours"]
    usable = [each for each in ours if not any(reason.is_error for reason in _reasons(each))]
    denials = [each for each in ours if _denies(each)]
    if undecided or denials or not usable:
        against = tuple(CouldNotCheck(reasons=_reasons(each)) for each in undecided or denials or ours or judged)
        return JudgedVsa(outcomes=against, undecided=bool(undecided))
    if len({_claim(each) for each in usable}) > 1:
        message = f"{len(usable)} verdicts about this artifact state different versions or names, expected one verdict"
        reason = Reason(code="verdict.several", subject=name, message=message)
        return JudgedVsa(outcomes=(outcome_of([reason]),))
    chosen = max(usable, key=_newest)
    strangers = (each for each in judged if each.standing == "a stranger's")
    aside = [reason.as_warning() for each in strangers for reason in _reasons(each)]
    if others := len(judged) - len(usable):
        message = f"{others} of {len(judged)} documents are not the verdict that was asked for"
        aside.append(Reason(code="attestation.ignored", subject=name, message=message))
    return replace(chosen, outcomes=(*chosen.outcomes, Passed(reasons=tuple(aside))))


def _reasons(judged: JudgedVsa) -> tuple[Reason, ...]:
    """What was found, each under the name of the document that it is about."""
    name = judged.document.name if judged.document is not None else ""
    found = (reason for each in judged.outcomes for reason in reasons_of(each))
    return tuple(replace(each, subject=name) if name and each.subject == "verdict" else each for each in found)


def _denies(judged: JudgedVsa) -> bool:
    """Whether it is a trusted verifier's no about this artifact that still holds."""
    codes = {reason.code for reason in _reasons(judged)}
    return "verdict.failed" in codes and codes.isdisjoint({"verdict.verifier-untrusted", "verdict.expired"})


def _claim(judged: JudgedVsa) -> tuple[object, ...]:
    said = judged.summary.extension if judged.summary is not None else None
    return () if said is None else (said.kind, said.name, said.version, said.epoch)


def _newest(judged: JudgedVsa) -> tuple[bool, float, bytes]:
    made = judged.summary.time_verified if judged.summary is not None else None
    content = judged.document.content if judged.document is not None else b""
    return made is not None, made.timestamp() if made is not None else 0.0, content
