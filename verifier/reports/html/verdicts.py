"""The verdicts of a run as one page of HTML: the answer, why, what it rests on, and what came before.

* one file that needs nothing else: it fetches nothing, and no script is needed to read it
* what the dossier does not know, the page does not say; that it was not at hand, it does
* digests are whole, and there to be copied
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.core.verdict import Verdict
from verifier.formats.verdict.dossier import Dossier, Happened
from verifier.reports.html.answer import answer, outline
from verifier.reports.html.audits import audit_cards
from verifier.reports.html.chain import chain
from verifier.reports.html.components import changed, listing
from verifier.reports.html.elements import Html, element, joined, text, words
from verifier.reports.html.judged import judged
from verifier.reports.html.page import page
from verifier.reports.html.parts import card, foot, reasons, top
from verifier.reports.html.timeline import timeline
from verifier.reports.table import PLAIN, Screen
from verifier.reports.told import summed


def render(dossier: Dossier, _: Screen = PLAIN, /) -> str:
    """The whole page, ending in a newline."""
    first, several = dossier.verdicts[0], len(dossier.verdicts) > 1
    title = summed(dossier)
    what = "Verification of several artifacts" if several else f"Verification of a {first.subject.kind}"
    inside = [_RETOLD] if dossier.retold else []
    inside += [outline(dossier)] if several else []
    for at, verdict in enumerate(dossier.verdicts, 1):
        inside += _verdict(f"v{at}", verdict, several=several)
        if at == 1:
            inside += _beside(dossier)
    main = element("main", *inside, class_="wide", id="main")
    return page(title, (top(what, first.time_verified), main, _foot(first)))


_RETOLD = element(
    "p",
    text("Shown again from a report that was made before: nothing was verified for this page. "),
    text("Nobody has signed that report, and it is as true as where it comes from."),
    class_="notice",
)


def _verdict(place: str, verdict: Verdict, *, several: bool) -> Iterator[Html]:
    yield answer(place, verdict, heading="h2" if several else "h1")
    if verdict.reasons:
        title = "Why" if not verdict.passed else "What to know"
        yield card(f"{place}-why", title, reasons(verdict.reasons))
    yield card(f"{place}-chain", "What it rests on", chain(place, verdict))
    yield card(f"{place}-judged", "What was judged, and by what", judged(place, verdict))


def _beside(dossier: Dossier) -> Iterator[Html]:
    """What is known beside the first verdict, and what is not."""
    missing = []
    if dossier.history:
        scope = dossier.verdicts[0].ledger
        beside = joined((text("scope "), words(scope.scope))) if scope else Html("")
        yield card(
            "history", "Versions", timeline("history", dossier.history, _now(dossier.verdicts[0])), beside=beside
        )
    else:
        missing.append("No history was at hand: what was accepted before is not known here.")
    if dossier.components is None:
        missing.append("No components were at hand: no SBOM was judged.")
    else:
        if dossier.components_before is None:
            missing.append("No components of the version accepted last were at hand: what changed is not known here.")
        else:
            yield card(
                "changes",
                "What changed since the version accepted last",
                changed("changes-table", dossier.components_before, dossier.components),
            )
        yield card("components", "Components", listing("components-table", dossier.components))
    if dossier.audit is not None:
        yield from audit_cards(dossier.audit)
    if missing:
        lines = (element("p", text(each)) for each in missing)
        yield element("section", *lines, class_="card soft small", aria_label="What was not at hand")


def _now(verdict: Verdict) -> Happened | None:
    """What this run decided, where no ledger has it."""
    if verdict.ledger is None or verdict.ledger.recorded:
        return None
    what, subject = "accepted" if verdict.passed else "denied", verdict.subject
    version = subject.version and f"{subject.epoch or 0}:{subject.version}"
    codes = tuple(dict.fromkeys(each.code for each in verdict.reasons if each.is_error))
    return Happened(time=verdict.time_verified, what=what, version=version, digest=subject.digest, codes=codes)


def _foot(verdict: Verdict) -> Html:
    version = ", ".join(f"{name} {number}" for name, number in verdict.verifier_version.items())
    said = [
        joined((text("Judged by "), words(verdict.verifier_id or "a verifier without a name"), words(f" ({version})"))),
        joined(
            (
                text("Correlation id "),
                element("code", words(verdict.correlation_id)),
                text(f", {verdict.duration_ms:,} ms"),
            )
        ),
    ]
    return foot(said)
