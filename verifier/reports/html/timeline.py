"""What a scope has been through, as a drawing and as a table: accepted, denied, floors, quarantines.

* it says what the ledger has written down, in the ledger's order; how versions order is not for a page to say
* the drawing has the newest events, the table has all that are given
* where no history was at hand it says so
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from verifier.core.clock import format_rfc3339
from verifier.core.text.marks import marked
from verifier.formats.verdict.dossier import Happened
from verifier.reports.html.drawing import label, svg
from verifier.reports.html.elements import Html, code, digest, element, joined, text, words
from verifier.reports.html.table import table

_DRAWN: Final = 40
"""Events in the drawing: more are no picture."""
_SLOTS: Final = (78, 106)
"""Pixels of an event, at least and at most: few stand wider apart, and many are scrolled through."""
_ROOM: Final = 1016
_LEFT: Final = 96
_LANE: Final = 62
_TOP: Final = 44


class _Mark(NamedTuple):
    lane: str
    colour: str
    inside: str


_MARKS: Final = {
    "accepted": _Mark("accepted", "good", "M-4 0l3 3.5 5.5-7"),
    "denied": _Mark("denied", "bad", "M-3.5-3.5l7 7M3.5-3.5l-7 7"),
    "floor": _Mark("operator", "note", "M-4.5 2.5h9M0-4v5"),
    "quarantine": _Mark("operator", "warn", "M-4 0h8"),
}
_OTHER: Final = _Mark("operator", "note", "M0-3.5v7M-3.5 0h7")
_LANES: Final = ("accepted", "denied", "operator")


def timeline(place: str, history: Sequence[Happened], now: Happened | None = None) -> Html:
    """The drawing and the table; `place` begins their ids, `now` is what this run decided and nobody wrote down."""
    if not history:
        return element("p", text("No history was at hand."), class_="soft")
    rows = (_row(each) for each in reversed(history))
    heads = ("Time", "What", "Version", "Digest", "Why")
    listed = table(f"{place}-events", "Events, the newest first", heads, rows, narrow=(0, 1), wide=4)
    folded = element("details", element("summary", text(f"All {len(history):,} events as a table")), listed)
    return joined((element("figure", _drawing(history[-_DRAWN:], len(history), now)), folded))


def _row(event: Happened) -> tuple[Html, ...]:
    colour = _MARKS.get(event.what, _OTHER).colour
    why = joined((joined(map(code, event.codes), ", "), words(event.comment)), " ")
    which = digest(event.digest) if event.digest else Html("")
    what = element("span", text(event.what), class_=f"badge {colour}")
    return text(format_rfc3339(event.time)), what, words(marked(event.version) if event.version else ""), which, why


class _Plan(NamedTuple):
    """What is drawn, and how wide an event is; `now` is that of this run, where no ledger has it."""

    events: Sequence[Happened]
    now: Happened | None
    slot: int

    @property
    def lanes(self) -> list[str]:
        """Those that something stands in."""
        return [lane for lane in _LANES if any(_lane(each) == lane for each in self.events)]

    @property
    def width(self) -> int:
        """Of the whole drawing."""
        return _LEFT + self.slot * len(self.events) + 8

    @property
    def height(self) -> int:
        """Of the whole drawing."""
        return _TOP + _LANE * len(self.lanes) + 14

    def places(self) -> list[tuple[int, int]]:
        """Where each event stands."""
        lanes = self.lanes
        return [
            (_LEFT + self.slot * at + self.slot // 2, _TOP + _LANE * lanes.index(_lane(each)))
            for at, each in enumerate(self.events)
        ]


def _drawing(recorded: Sequence[Happened], of: int, now: Happened | None) -> Html:
    events = (*recorded, *([now] if now else []))
    least, most = _SLOTS
    plan = _Plan(events, now, max(least, min(most, (_ROOM - _LEFT) // len(events))))
    shown = "" if len(recorded) == of else f", the newest of {of:,}"
    named = f"Timeline of {len(recorded)} events{shown}: " + ", ".join(_counts(recorded))
    return svg(plan.width, plan.height, named, [*_ground(plan), *_marks(plan)], class_="drawing newest")


def _lane(event: Happened) -> str:
    return _MARKS.get(event.what, _OTHER).lane


def _counts(events: Sequence[Happened]) -> Iterator[str]:
    for what in dict.fromkeys(each.what for each in events):
        yield f"{sum(each.what == what for each in events)} {what}"


def _ground(plan: _Plan) -> Iterator[Html]:
    left, right, bottom = _LEFT - 14, plan.width - 4, plan.height - 26
    for at, lane in enumerate(plan.lanes):
        y = _TOP + _LANE * at
        yield element("line", class_="way", x1=left, y1=y, x2=right, y2=y)
        yield label(6, y + 4, lane, _LEFT - 6, shape="t")
    yield element("line", class_="way", x1=left, y1=bottom, x2=right, y2=bottom)


def _marks(plan: _Plan) -> Iterator[Html]:
    placed = list(zip(plan.places(), plan.events, strict=True))
    accepted = [place for place, each in placed if each.what == "accepted" and each is not plan.now]
    if len(accepted) > 1:
        yield element("path", class_="done", d="M" + "L".join(f"{x} {y}" for x, y in accepted))
    day = ""
    for (x, y), event in placed:
        today = "this run" if event is plan.now else f"{event.time:%Y-%m-%d}"
        yield from _mark(event, x, y, plan)
        if today != day:
            day = today
            yield label(x, plan.height - 8, day, plan.slot, shape="t", anchor="middle")


def _mark(event: Happened, x: int, y: int, plan: _Plan) -> Iterator[Html]:
    mark = _MARKS.get(event.what, _OTHER)
    circle = f"{'ring' if event is plan.now else 'dot'} {mark.colour}"
    yield element(
        "g",
        element("title", text(_told(event))),
        element("circle", class_=circle, cx=x, cy=y, r=10),
        element("path", class_="in", d=mark.inside, transform=f"translate({x} {y})"),
    )
    said = marked(event.version) if event.version else event.what
    yield label(x, y - 18, said, plan.slot - 4, shape="h", anchor="middle")
    if mark.lane == "operator" or event.codes:
        why = event.codes[0] if event.codes else event.what
        yield label(x, y + 26, why, plan.slot - 2, shape="t", anchor="middle")


def _told(event: Happened) -> str:
    said = (
        event.what,
        marked(event.version) if event.version else "",
        format_rfc3339(event.time),
        *event.codes,
        event.comment,
    )
    return " · ".join(each for each in said if each)
