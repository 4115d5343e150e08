"""Parts that pages share: cards, facts, badges, reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from verifier.core.clock import format_rfc3339
from verifier.core.outcome import Reason
from verifier.core.severity import Severity
from verifier.reports.html.elements import Html, code, element, joined, prose, text, words
from verifier.reports.html.page import GENERATOR

COLOURS: Final = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.NOTE: "note"}
"""The colour of each severity."""
WORDS: Final = {severity.value: colour for severity, colour in COLOURS.items()}
"""The same by its word."""
_GROUP: Final = 50
"""Reasons in one list: of those that follow, a browser lays out those alone that are seen."""
_NOTHING: Final = Html("")


def card(place: str, title: str, *inside: Html, beside: Html = _NOTHING) -> Html:
    """A section with a heading; `place` is its id."""
    named = f"{place}-title"
    head = element("h2", text(title), id=named)
    heads = element("div", head, element("span", beside, class_="end soft small"), class_="heads") if beside else head
    return element("section", heads, *inside, class_="card", id=place, aria_labelledby=named)


def badge(colour: str, word: str) -> Html:
    """A state in a word; `colour` is "good", "bad", "warn", "note" or "plain"."""
    return element("span", text(word), class_=f"badge {colour}")


def facts(rows: Iterable[tuple[str, Html]]) -> Html:
    """What is what."""
    inside = [each for name, value in rows for each in (element("dt", text(name)), element("dd", value))]
    return element("dl", *inside, class_="facts")


def tiles(rows: Iterable[tuple[str, str]]) -> Html:
    """Numbers, large."""
    inside = (element("div", element("dt", text(name)), element("dd", text(value))) for name, value in rows)
    return element("dl", *inside, class_="tiles")


def top(what: str, when: datetime) -> Html:
    """What stands above every report."""
    moment = element("time", text(to_the_second(when)), datetime=format_rfc3339(when))
    named = element("strong", text("verify"))
    return element(
        "header", named, element("span", text(what)), element("span", moment, class_="end"), class_="wide top"
    )


def foot(lines: Iterable[Html]) -> Html:
    """What stands below every report."""
    made = element("p", text(f"Written by {GENERATOR}. This page asks nobody for anything and can be kept as it is."))
    return element("footer", *(element("p", each) for each in lines), made, class_="wide foot")


def to_the_second(when: datetime) -> str:
    """A moment for people."""
    return f"{when:%Y-%m-%d %H:%M:%S} UTC"


def reasons(said: Sequence[Reason]) -> Html:
    """Every reason with its code and what to do; what follows from another stands within the first of its code."""
    heads = {each.code for each in said if not each.follows}
    followers: dict[str, list[Reason]] = {}
    for each in said:
        if each.follows in heads:
            followers.setdefault(each.follows, []).append(each)
    # Nothing is left out: what follows from something that is not there stands for itself.
    alone = (each for each in said if each.follows not in heads)
    items = [_reason(each, followers.pop(each.code, ()) if not each.follows else ()) for each in alone]
    groups = (items[at : at + _GROUP] for at in range(0, len(items), _GROUP))
    return joined(element("ul", *each, class_="reasons later" if at else "reasons") for at, each in enumerate(groups))


def _reason(reason: Reason, followers: Sequence[Reason]) -> Html:
    return element("li", *_said(reason, followers), class_=f"reason {COLOURS[reason.severity]}")


def _said(reason: Reason, followers: Sequence[Reason]) -> Iterator[Html]:
    yield from told(reason.severity.value, reason.code, reason.subject, reason.message, reason.hint)
    if followers:
        count = "what follows from it" if len(followers) == 1 else f"{len(followers)} that follow from it"
        inner = element("ul", *(_reason(each, ()) for each in followers), class_="reasons")
        yield element("details", element("summary", text(f"And {count}")), inner)


def told(severity: str, code_: str, subject: str, message: str, hint: str) -> Iterator[Html]:
    """What was found, of whom, and what to do."""
    about = element("span", words(subject), class_="soft")
    yield element("p", badge(WORDS.get(severity, "plain"), severity), code(code_), about, class_="heads")
    yield element("p", prose(message), class_="said")
    if hint:
        yield element("p", element("b", text("What to do:")), Html(" "), prose(hint), class_="hint")


def listed(values: Iterable[Html]) -> Html:
    """Several values below each other."""
    return joined(element("div", each) for each in values)
