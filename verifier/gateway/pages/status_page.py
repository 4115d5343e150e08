"""The status for people: one page that needs nothing else, made of the parts that reports are made of.

* no script, no request to anywhere: the policy of the page forbids both
* every text is escaped for HTML, after what does not show has been made visible (T-403)
* the state is said in words and by a form, not in colours alone
* it stays as it is; `/?follow` asks again by itself, for a screen on a wall
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from verifier.core.clock import parse_rfc3339
from verifier.core.digest import Digest
from verifier.formats.verdict.dossier import Happened
from verifier.reports.html.drawing import sign
from verifier.reports.html.elements import Html, code, copyable, element, joined, prose, text, words
from verifier.reports.html.page import page, policy_of
from verifier.reports.html.parts import WORDS, badge, facts, told
from verifier.reports.html.timeline import timeline

CONTENT_SECURITY_POLICY: Final = f"{policy_of('')}; frame-ancestors 'none'"
FOLLOWS_S: Final = 15
"""After so many seconds a page that follows asks again."""
_STATES: Final = {
    "serving": ("good", "serving"),
    "withheld": ("bad", "withheld"),
    "empty": ("bad", "nothing accepted yet"),
}
_UNITS: Final = ((86_400, "days"), (3_600, "hours"), (60, "minutes"))
_SOON_S: Final = 7 * 86_400
"""What ends within so many seconds is shown as a warning."""


def render(document: dict[str, Any], *, follows: bool = False) -> str:
    """The page for a status document (`status.status`)."""
    serving = sum(bundle["state"] == "serving" for bundle in document["bundles"])
    total = len(document["bundles"])
    cards = [
        _answer(document, _counted(serving, total, document.get("images"))),
        *_reload(document.get("refusedReload"), document["time"]),
        *_ledger(document["ledger"]),
        *(_bundle(f"b{at}", each, document["time"]) for at, each in enumerate(document["bundles"], 1)),
        *([_images(document["images"])] if document.get("images") else []),
    ]
    main = element("main", *cards, class_="wide", id="main")
    return page(f"{serving}/{total} · bundle gateway", (_top(document, follows), main, _foot(document)), script="")


def _top(document: dict[str, Any], follows: bool) -> Html:
    way = element("a", text("Stop following" if follows else "Follow"), href="?" if follows else "?follow")
    said = element("span", text(f"as of {_moment(document['time'])} · "), way, class_="end")
    names = element("strong", text("verify")), element("span", text("Bundle gateway"))
    return element("header", *names, said, class_="wide top")


def _answer(document: dict[str, Any], counted: str) -> Html:
    colour, word = ("good", "READY") if document["ready"] else ("bad", "NOT READY")
    title = element("h1", element("span", text(word), class_="word"), Html(" "), text(counted), id="answer")
    bad = [each["name"] for each in document["bundles"] if each["state"] != "serving"]
    refusing = [each["name"] for each in document["bundles"] if each["refusing"]]
    said = []
    if bad:
        said.append(element("p", text("Not served: "), joined(map(words, bad), ", ")))
    if refusing:
        said.append(element("p", text("Upstream has what is refused: "), joined(map(words, refusing), ", ")))
    if document.get("refusedReload"):
        said.append(element("p", text("The newest configuration was refused: the one before serves on.")))
    inside = element("div", *said) if said else Html("")
    return element(
        "section", sign(colour), element("div", title), inside, class_=f"card answer {colour}", aria_labelledby="answer"
    )


def _counted(serving: int, total: int, images: dict[str, Any] | None) -> str:
    bundles = [f"{serving} of {total} bundles served"] if total else []
    return ", ".join([*bundles, *(["images answered for"] if images else [])])


def _reload(refused: dict[str, Any] | None, now: str) -> Iterator[Html]:
    if not refused:
        return
    times = "once" if refused["times"] == 1 else f"{refused['times']} times in a row"
    head = element("h2", text("Reload refused"), id="reload-title")
    heads = element(
        "div",
        head,
        badge("warn", times),
        element("span", text(_when(refused["time"], now)), class_="end soft"),
        class_="heads",
    )
    said = told("warning", "gateway.reload-refused", "configuration", refused["message"], refused["hint"])
    yield _section("reload", heads, element("ul", element("li", *said, class_="reason warn"), class_="reasons"))


def _ledger(ledger: dict[str, Any]) -> Iterator[Html]:
    if ledger["usable"]:
        return
    heads = element(
        "div", element("h2", text("Ledger"), id="ledger-title"), badge("bad", "cannot be used"), class_="heads"
    )
    told_so = element("p", text("Nothing is served without it; it is opened as soon as that is possible."))
    yield _section("ledger", heads, told_so, _note("", ledger["reasons"]))


def _images(images: dict[str, Any]) -> Html:
    head = element("h2", text("Images"), id="images-title")
    heads = element("div", head, element("span", code(images["path"]), class_="end soft"), class_="heads")
    rows = [(f"image:{each['name']}", code(each["pattern"])) for each in images["repositories"]]
    rows += [("being verified", text(images["underWay"])), ("remembered", text(images["remembered"]))]
    return _section("images", heads, facts(rows))


def _bundle(place: str, bundle: dict[str, Any], now: str) -> Html:
    state = badge(*_STATES[bundle["state"]])
    warned = []
    if bundle["refusing"]:
        warned.append(badge("warn", "refusing what upstream has"))
    elif bundle["failures"]:
        warned.append(badge("warn", "upstream out of reach"))
    if (left := bundle.get("secondsLeft")) is not None and left < _SOON_S:
        warned.append(badge("warn", f"expires in {_span(left)}"))
    head = element("h2", words(bundle["name"]), id=f"{place}-title")
    heads = element(
        "div", head, state, *warned, element("span", code(bundle["path"]), class_="end soft"), class_="heads"
    )
    history = _history(place, bundle.get("history") or [])
    return _section(place, heads, facts(_facts(bundle, now)), *_notes(bundle, now), history)


def _facts(bundle: dict[str, Any], now: str) -> Iterator[tuple[str, Html]]:
    if bundle["digest"]:
        yield "Version", words(bundle["version"] or "none")
        yield "Digest", copyable(f"sha256:{bundle['digest']['sha256']}")
    if bundle.get("expiresAt"):
        yield "Expires", text(f"{_moment(bundle['expiresAt'])}, in {_span(bundle['secondsLeft'])}")
    yield "Upstream", code(bundle["upstream"])
    if bundle["state"] != "empty":
        yield "Accepted", text(_when(bundle["acceptedAt"], now) or "before the gateway was started")
    yield "Upstream seen", text(_when(bundle["contactedAt"], now) or "not yet")
    yield "Waiting clients", text(bundle["heldPolls"])


def _notes(bundle: dict[str, Any], now: str) -> Iterator[Html]:
    empty = bundle["state"] == "empty"
    # What is empty is so for the very refusal or failure that is shown next.
    if bundle["reasons"] and not (empty and (bundle["refusing"] or bundle["failures"])):
        yield _note("", bundle["reasons"])
    refusal, failure = bundle["lastRefusal"], bundle["lastFailure"]
    if bundle["refusing"] and refusal:
        version = f" version {refusal['version']}" if refusal["version"] else ""
        yield _note(f"Refused{version} at {_when(refusal['time'], now)}", refusal["reasons"])
    if bundle["failures"] and failure:
        times = "once" if bundle["failures"] == 1 else f"{bundle['failures']} times in a row"
        yield _note(f"Failed {times}, last at {_when(failure['time'], now)}", failure["reasons"])


def _note(title: str, reasons: list[dict[str, str]]) -> Html:
    items = (
        element(
            "li",
            *told(each["severity"], each["code"], each["subject"], each["message"], each["hint"]),
            class_=f"reason {WORDS.get(each['severity'], 'note')}",
        )
        for each in reasons
    )
    head = element("h3", prose(title)) if title else Html("")
    return element("div", head, element("ul", *items, class_="reasons"), class_="notes")


def _history(place: str, events: Sequence[dict[str, Any]]) -> Html:
    if not events:
        return Html("")
    return element(
        "div", element("h3", text("Versions")), timeline(place, tuple(map(_happened, events))), class_="notes"
    )


def _happened(event: dict[str, Any]) -> Happened:
    digest = event["digest"] and Digest(algorithm="sha256", value=event["digest"]["sha256"])
    return Happened(
        time=parse_rfc3339(event["time"]),
        what=event["what"],
        version=event["version"],
        digest=digest,
        codes=tuple(event["codes"]),
        comment=event["comment"],
    )


def _section(place: str, heads: Html, *inside: Html) -> Html:
    return element("section", heads, *inside, class_="card", id=place, aria_labelledby=f"{place}-title")


def _foot(document: dict[str, Any]) -> Html:
    policy = document["policy"]
    said = joined((text("Policy "), words(policy["uri"]), Html(" "), copyable(f"sha256:{policy['digest']['sha256']}")))
    started = f"verify {document['verifier']['version']}, started {_when(document['startedAt'], document['time'])}. "
    same = prose("All of this was judged for this page. The same as JSON: `/status`; for Prometheus: `/metrics`.")
    return element("footer", element("p", said), element("p", text(started), same), class_="wide foot")


def _moment(time: str) -> str:
    try:
        return f"{parse_rfc3339(time):%Y-%m-%d %H:%M:%S} UTC"
    except ValueError:
        return time


def _when(time: str | None, now: str) -> str:
    """A moment as people read it, and how long ago it was."""
    if time is None:
        return ""
    try:
        seconds = int((parse_rfc3339(now) - parse_rfc3339(time)).total_seconds())
    except ValueError:
        return time
    return f"{_moment(time)}, {_span(seconds)} ago"


def _span(seconds: int) -> str:
    size, unit = next((each for each in _UNITS if seconds >= 2 * each[0]), (1, "s"))
    return f"{seconds // size:,} {unit}"
