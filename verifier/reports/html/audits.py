"""The audit of dependencies as one page of HTML, and as sections of another.

* the answer, the numbers and the database come first; then every finding, then whatever nobody knows
* no finding and no package is left out
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verifier.formats.audit.result import AuditedPackage, AuditResult, Finding
from verifier.reports.audit.tally import (
    WORDS,
    Tally,
    counted,
    database_lines,
    excuse_text,
    fix_text,
    headline,
    numbers,
    place_of,
    place_text,
    primary,
    severity_text,
    tally_of,
)
from verifier.reports.html.drawing import sign
from verifier.reports.html.elements import Html, code, copyable, digest, element, flowing, joined, text, words
from verifier.reports.html.page import page
from verifier.reports.html.parts import badge, card, facts, foot, listed, reasons, tiles, to_the_second, top
from verifier.reports.html.table import table
from verifier.reports.table import PLAIN, Screen

_COLOURS = {"clean": "good", "vulnerable": "bad", "undecided": "warn"}
_OF_SEVERITY = {"critical": "bad", "high": "bad", "medium": "warn", "low": "note", "none": "plain", "unknown": "warn"}
_DO = {
    "clean": "Nothing; ask again when the database is newer.",
    "vulnerable": "Take the versions that the table names, or say in an exception why a finding does not count.",
    "undecided": "Give what is missing (below), and audit again: nobody knows whether this is fine.",
}
_HEADS = ("Vulnerability", "Severity", "Package", "Fixed by", "What is known")


def render(result: AuditResult, _: Screen = PLAIN, /) -> str:
    """The whole page, ending in a newline."""
    tally = tally_of(result)
    said = headline(result, tally)
    colour = _COLOURS[result.outcome]
    word = element("span", text(WORDS[result.outcome]), class_="word")
    head = element("h1", word, Html(" "), text(said), id="audit-title")
    targets = element("p", text("Audited: "), _targets(result.targets), class_="names")
    do = element("p", element("b", text("What to do: ")), text(_DO[result.outcome]), class_="do")
    answer = element(
        "section",
        sign(colour),
        element("div", head),
        element("div", targets, do),
        class_=f"card answer {colour}",
        aria_labelledby="audit-title",
    )
    main = element("main", answer, *_cards(result, tally), class_="wide", id="main")
    identity, version = result.verifier
    by = joined((text("Audited by "), words(identity), words(f" ({version})")))
    asked = joined((text("Correlation id "), code(result.correlation_id), text(f", {result.duration_ms:,} ms")))
    title = f"{WORDS[result.outcome]} audit: {said}"
    return page(title, (top("Audit of dependencies", result.now), main, foot((by, asked))))


def _targets(targets: Sequence[str]) -> Html:
    shown = joined(map(code, targets[:10]), ", ") if targets else text("nothing")
    more = text(f" and {len(targets) - 10:,} more") if len(targets) > 10 else Html("")
    return joined((shown, more))


def audit_cards(result: AuditResult) -> Iterator[Html]:
    """The sections of an audit, for a page about an artifact."""
    tally = tally_of(result)
    said = joined((badge(_COLOURS[result.outcome], WORDS[result.outcome]), Html(" "), text(headline(result, tally))))
    yield card("audit", "Audit of its dependencies", element("p", said))
    yield from _cards(result, tally)


def _cards(result: AuditResult, tally: Tally) -> Iterator[Html]:
    yield card("numbers", "What was asked", tiles(_tiles(result, tally)), facts(_facts(result, tally)))
    said = (*tally.faults, *tally.errors)
    if said:
        yield card("errors", "Why", reasons(said))
    groups = (
        ("known", "Known vulnerabilities", tally.counting),
        ("undecided", "Undecided: nobody can say whether these apply", tally.undecided),
        ("below", "Below the threshold", tally.below),
        ("accepted", "Accepted, and still there", tally.suppressed),
    )
    for place, title, found in groups:
        if found:
            yield card(
                place, title, _findings(f"{place}-table", title, found), beside=text(counted(len(found), "finding"))
            )
    unsure = (*tally.unknown, *tally.unclear, *tally.accepted)
    if unsure:
        title = "Packages that nobody can say anything of"
        yield card(
            "unknown", title, _packages("unknown-table", title, unsure), beside=text(counted(len(unsure), "package"))
        )
    if result.gone:
        rows = [(words(name), element("code", words(purl))) for name, purl in sorted(result.gone)]
        title = "Gone since the previous report"
        yield card("gone", title, table("gone-table", title, ("Vulnerability", "Package"), rows))
    if tally.warnings:
        yield card("warnings", "Warnings", reasons(tally.warnings))
    if result.packages:
        made = _packages("packages-table", "Every package that was asked about", result.packages)
        yield card("packages", "Packages", made, beside=text(counted(len(result.packages), "package")))


def _tiles(result: AuditResult, tally: Tally) -> Iterator[tuple[str, str]]:
    yield "packages", f"{tally.packages:,}"
    yield "known vulnerabilities", f"{len(tally.counting):,}"
    for word, found in (
        ("undecided", tally.undecided),
        ("below the threshold", tally.below),
        ("accepted", tally.suppressed),
    ):
        if found:
            yield word, f"{len(found):,}"
    if result.compared:
        yield "new since the previous report", f"{sum(each.novelty == 'new' for each in result.findings):,}"
        yield "gone since then", f"{len(result.gone):,}"


def _facts(result: AuditResult, tally: Tally) -> Iterator[tuple[str, Html]]:
    yield "Packages", text(numbers(tally))
    first, *others = database_lines(result)
    shown = copyable(first) if result.database is not None else words(first)
    yield "Database", listed((shown, *map(words, others)))
    threshold = (
        "every severity counts" if result.fail_on == "none" else f"{result.fail_on} and above, and unknown ones, count"
    )
    yield "Threshold", text(threshold)
    yield "Settings", copyable(result.settings)
    if result.inputs:
        yield "Inputs", listed(joined((words(each.kind), Html(" "), digest(each.digest))) for each in result.inputs)
    yield "Judged at", text(to_the_second(result.now))


def _findings(place: str, caption: str, found: Sequence[Finding]) -> Html:
    return table(place, caption, _HEADS, map(_finding, found), narrow=(0, 1), wide=4)


def _finding(finding: Finding) -> tuple[Html, ...]:
    package, rating = finding.package, finding.rating
    new = joined((Html(" "), badge("note", "new"))) if finding.novelty == "new" else Html("")
    return (
        joined((words(primary(finding)), new, *map(_below, finding.ids[1:]))),
        joined((badge(_OF_SEVERITY[rating.severity], severity_text(finding)), _below(rating.score))),
        joined((words(f"{package.shown_name} {package.version or ''}"), _below(place_text(place_of(package))))),
        words(fix_text(finding)),
        joined((element("div", flowing(finding.summary)), *map(_below, _known(finding)))),
    )


def _below(said: str) -> Html:
    return element("div", flowing(said), class_="soft small") if said else Html("")


def _known(finding: Finding) -> Iterator[str]:
    """What is known besides the summary, in sentences."""
    if finding.why:
        yield f"Undecided: {finding.why}."
    if finding.kev:
        yield f"Known to be exploited (KEV, added {finding.kev.added}, due {finding.kev.due})."
    if excuse := excuse_text(finding):
        yield f"Exception: {excuse}."
    if finding.epss:
        yield f"EPSS {finding.epss.probability}, percentile {finding.epss.percentile}."
    if finding.rating.vector:
        yield finding.rating.vector


def _packages(place: str, caption: str, packages: Sequence[AuditedPackage]) -> Html:
    heads = ("Package", "Version", "State", "Where", "Why")
    return table(place, caption, heads, map(_package, packages), narrow=(1, 2, 3), wide=4)


def _package(each: AuditedPackage) -> tuple[Html, ...]:
    package = each.package
    why = f"{each.why}, accepted by {each.accepted}" if each.accepted else each.why
    return (
        words(package.shown_name),
        words(package.version or ""),
        badge("plain" if each.status == "audited" else "warn", each.status),
        words(place_text(place_of(package))),
        words(why),
    )
