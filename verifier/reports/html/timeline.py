"""What a scope has been through, as a drawing and as a table: accepted, denied, floors, quarantines.

* it says what the ledger has written down, in the ledger's order; how versions order is not for a page to say
* the drawing has the newest events, the table has all that are given
* where no history was at hand it says so
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from verifier.core.clock import format_rfc3339
from verifier.formats.verdict.dossier import Happened
from verifier.reports.html.drawing import label, svg
from verifier.reports.html.elements import Html, code, digest, element, joined, text, words
from verifier.reports.html.table import table
from verifier.reports.told import marked

_DRAWN: Final = 40
"""Events in the drawing: more are no picture."""
_SLOT: Final = 106
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


def _drawing(recorded: Sequence[Happened], of: int, now: Happened | None) -> Html:
    events = [*recorded, *([now] if now else [])]
    lanes = [lane for lane in _LANES if any(_lane(each) == lane for each in events)]
    width, height = _LEFT + _SLOT * len(events) + 8, _TOP + _LANE * len(lanes) + 14
    shown = "" if len(recorded) == of else f", the newest of {of:,}"
    named = f"Timeline of {len(recorded)} events{shown}: " + ", ".join(_counts(recorded))
    return svg(width, height, named, [*_ground(lanes, width, height), *_marks(events, lanes, height, now)])


def _lane(event: Happened) -> str:
    return _MARKS.get(event.what, _OTHER).lane


def _counts(events: Sequence[Happened]) -> Iterator[str]:
    for what in dict.fromkeys(each.what for each in events):
        yield f"{sum(each.what == what for each in events)} {what}"


def _ground(lanes: Sequence[str], width: int, height: int) -> Iterator[Html]:
    for at, lane in enumerate(lanes):
        y = _TOP + _LANE * at
        yield element("line", class_="way", x1=_LEFT - 14, y1=y, x2=width - 4, y2=y)
        yield label(0, y + 4, lane, _LEFT, shape="t")
    yield element("line", class_="way", x1=_LEFT - 14, y1=height - 26, x2=width - 4, y2=height - 26)


def _marks(events: Sequence[Happened], lanes: Sequence[str], height: int, now: Happened | None) -> Iterator[Html]:
    places = [
        (_LEFT + _SLOT * at + _SLOT // 2, _TOP + _LANE * lanes.index(_lane(each))) for at, each in enumerate(events)
    ]
    accepted = [
        place for place, each in zip(places, events, strict=True) if each.what == "accepted" and each is not now
    ]
    if len(accepted) > 1:
        yield element("path", class_="done", d="M" + "L".join(f"{x} {y}" for x, y in accepted))
    day = ""
    for (x, y), event in zip(places, events, strict=True):
        mark = _MARKS.get(event.what, _OTHER)
        yield element(
            "g",
            element("title", text(_told(event))),
            element(
                "circle", class_=f"dot {mark.colour}" if event is not now else f"ring {mark.colour}", cx=x, cy=y, r=10
            ),
            element("path", class_="in", d=mark.inside, transform=f"translate({x} {y})"),
        )
        said = marked(event.version) if event.version else event.what
        yield label(x, y - 18, said, _SLOT - 4, shape="h", anchor="middle")
        if mark.lane == "operator" or event.codes:
            yield label(x, y + 26, event.codes[0] if event.codes else event.what, _SLOT - 2, shape="t", anchor="middle")
        if event is now:
            yield label(x, height - 8, "this run", _SLOT, shape="h", anchor="middle")
        elif (today := f"{event.time:%Y-%m-%d}") != day:
            day = today
            yield label(x, height - 8, day, _SLOT, shape="t", anchor="middle")


def _told(event: Happened) -> str:
    said = (
        event.what,
        marked(event.version) if event.version else "",
        format_rfc3339(event.time),
        *event.codes,
        event.comment,
    )
    return " · ".join(each for each in said if each)
