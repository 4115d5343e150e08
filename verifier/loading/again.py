"""What was judged a moment ago, and whether that is what would be judged now: only what stands, and only briefly.

* the ledger is asked every time, before it is looked at here; its whole answer must be what the judgement was made from
* the acceptance must be the very one, on the same terms
* what was found of it still holds (`find.Kept`), nothing that the verdict names has ended (`expires_at`), the clock
  has not gone back, and no judgement is used for longer than a second, whatever else there may be that knows of time

A gateway judges for every batch of its clients; between two of these nearly always nothing has changed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from verifier.core.value import Value, field
from verifier.engine.verification import Verification
from verifier.ledger.view import View
from verifier.loading.find import Kept
from verifier.loading.last_good import Held
from verifier.loading.question import Asked, Terms

LONGEST: Final = timedelta(seconds=1)


class Judged(Value):
    """One judgement: made when, of what and from which state of the ledger; it counts until just before `until`."""

    at: datetime
    until: datetime
    terms: Terms | None
    asked: Asked = field(repr=False)
    held: Held = field(repr=False)
    view: View
    standing: Verification = field(repr=False)

    def may_stand(self, held: Held | None, terms: Terms | None, now: datetime) -> bool:
        """Whether nothing but the ledger could have changed what is judged of `held`."""
        return held is self.held and terms == self.terms and self.at <= now < self.until


def judged(
    standing: Verification, *, asked: Asked, terms: Terms | None, held: Held, kept: Kept | None
) -> Judged | None:
    """What to remember of a judgement; None where it may not be used again.

    The acceptance that is `held` after it has what the ledger said before; `kept` is what was found of that question.
    """
    is_of_this = held.good.digest == asked.digest and held.good.question == asked.question  # no other came meanwhile
    if standing.verified is None or not is_of_this or held.view is None or not held.view.consulted:
        return None
    at, ends = asked.now, standing.verdict.expires_at
    if kept is None or not kept.holds(at, held.view):
        return None
    until = min(at + LONGEST, kept.until, *(() if ends is None else (ends,)))
    return Judged(at=at, until=until, terms=terms, asked=asked, held=held, view=held.view, standing=standing)
