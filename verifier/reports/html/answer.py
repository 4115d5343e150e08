"""The answer, first of all: the word, the artifact, the one line that decides, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.core.outcome import Reason
from verifier.core.text.marks import marked
from verifier.core.verdict import Verdict
from verifier.formats.verdict.dossier import Dossier
from verifier.reports.html.drawing import sign
from verifier.reports.html.elements import Html, code, element, joined, link, prose, text, words
from verifier.reports.html.parts import badge
from verifier.reports.html.table import table
from verifier.reports.told import named, next_text


def colour_of(verdict: Verdict) -> str:
    """The colour of a decision."""
    return "good" if verdict.passed else "warn" if verdict.undecided else "bad"


def answer(place: str, verdict: Verdict, *, heading: str) -> Html:
    """What is to be known first."""
    title = f"{place}-title"
    word = element("span", text(verdict.decision.value), class_="word")
    head = element(heading, word, Html(" "), words(named(verdict.subject)), id=title)
    colour = colour_of(verdict)
    said = [element("p", each) for each in _decides(verdict)]
    do = element("p", element("b", text("What to do: ")), prose(to_do(verdict)), class_="do")
    return element(
        "section",
        sign(colour),
        element("div", head),
        element("div", *said, do),
        class_=f"card answer {colour}",
        id=place,
        aria_labelledby=title,
    )


def first_error(verdict: Verdict) -> Reason | None:
    """The reason that denies, first of those that follow from no other."""
    errors = [each for each in verdict.reasons if each.is_error]
    return next((each for each in errors if not each.follows), errors[0] if errors else None)


def _decides(verdict: Verdict) -> Iterator[Html]:
    error = first_error(verdict)
    if error is not None:
        others = sum(each.is_error for each in verdict.reasons) - 1
        more = f" And {others} more {'reason denies' if others == 1 else 'reasons deny'} it." if others else ""
        must = "It could not be decided, and so must not be used: " if verdict.undecided else "It must not be used: "
        yield joined((text(must), prose(error.message), text("." + more if not error.message.endswith(".") else more)))
        return
    signers = dict.fromkeys(each.signer for each in verdict.evidence if each.verified and each.signer)
    by = joined((text(" Proven by "), joined(map(words, signers), ", "), text("."))) if signers else Html("")
    yield joined((text("It may be used."), by, _moved(verdict)))


def _moved(verdict: Verdict) -> Html:
    trace = verdict.ledger
    if trace is None:
        return text(" It was compared with no ledger.")
    before, after = (None if each is None else marked(each) for each in (trace.before, trace.after))
    if not trace.recorded:
        return words(f" The ledger stands at {before or 'nothing'}.")
    if before == after:
        return words(f" The ledger stood at {after or 'nothing'} already.")
    return words(f" The ledger moved from {before or 'nothing'} to {after or 'nothing'}.")


def to_do(verdict: Verdict) -> str:
    """The one thing to do."""
    error = first_error(verdict)
    return next_text(verdict) if error is None else error.hint


def outline(dossier: Dossier) -> Html:
    """The verdicts of several artifacts, a row each."""
    rows = [
        (
            link(f"v{at}", words(f"{each.subject.kind}:{each.subject.name}")),
            badge(colour_of(each), "UNDECIDED" if each.undecided else each.decision.value),
            words(each.subject.version or ""),
            _why(each),
        )
        for at, each in enumerate(dossier.verdicts, 1)
    ]
    denied = sum(not each.passed for each in dossier.verdicts)
    passed = len(rows) - denied
    head = element("h1", text(f"{passed} of {len(rows)} artifacts may be used"))
    listed = table(
        "artifacts",
        "Artifacts, in the order that was asked",
        ("Artifact", "Verdict", "Version", "Why"),
        rows,
        narrow=(1,),
    )
    return element("section", element("div", head, class_="heads"), listed, class_="card", aria_label="Artifacts")


def _why(verdict: Verdict) -> Html:
    error = first_error(verdict)
    if error is None:
        return Html("")
    return joined((code(error.code), Html(" "), words(error.message)))
