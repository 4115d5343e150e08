"""Carrying out a plan: which requests, in which order.

* the comment comes first: what fails after it is written by the next run, and no news is lost
* what is to stay as it is costs no request
"""

from __future__ import annotations

from typing import Final, Literal, Protocol

from verifier.audit.tracking.plan import Action, Known, Plan
from verifier.audit.tracking.text import Texts

_STATES: Final[dict[Action, Literal["open", "closed"]]] = {"close": "closed", "reopen": "open"}


class Tracker(Protocol):
    """Whoever keeps issues (`audit.tracking.github`)."""

    def create(self, title: str, body: str) -> Known: ...

    def update(
        self, number: int, *, title: str, body: str, state: Literal["open", "closed"] | None = None
    ) -> Known: ...

    def comment(self, number: int, body: str) -> None: ...


def deliver(tracker: Tracker, plan: Plan, texts: Texts, known: Known | None) -> Known | None:
    """The issue as it is afterwards, None where there is none; `Refused` where it could not be written."""
    if plan.action == "nothing":
        return known
    if known is None:
        return tracker.create(texts.title, texts.body)
    if texts.comment:
        tracker.comment(known.number, texts.comment)
    return tracker.update(known.number, title=texts.title, body=texts.body, state=_STATES.get(plan.action))
