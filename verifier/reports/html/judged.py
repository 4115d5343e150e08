"""What was judged, and by what: every digest whole."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.core.text.marks import marked
from verifier.core.text.shown import shown
from verifier.core.verdict import LedgerTrace, Verdict
from verifier.reports.html.elements import Html, code, copyable, digest, element, joined, text, words
from verifier.reports.html.parts import facts, listed, to_the_second
from verifier.reports.html.table import table
from verifier.reports.told import policy_text, version_of


def judged(place: str, verdict: Verdict) -> Html:
    """The facts of a verdict, and a table of what it was judged upon."""
    return joined((facts(_facts(verdict)), *_tables(place, verdict)))


def _facts(verdict: Verdict) -> Iterator[tuple[str, Html]]:
    subject = verdict.subject
    yield "Artifact", words(f"{subject.kind}:{subject.name}")
    if version := version_of(subject):
        yield "Version", words(version)
    yield "Digest", copyable(subject.digest) if subject.digest else text("none: it could not be read")
    if subject.index is not None:
        yield "Index", copyable(subject.index)
    yield "Resource", element("code", words(shown(subject.resource_uri))) if subject.resource_uri else text("not said")
    yield "Policy", listed((words(policy_text(verdict)), copyable(verdict.policy.digest)))
    yield "Effective rule", copyable(verdict.rule_digest) if verdict.rule_digest else text("none applied")
    yield "Ledger", _ledger(verdict.ledger) if verdict.ledger else text("none was asked")
    if verdict.passed and verdict.levels:
        yield "Levels", joined(map(code, verdict.levels), " ")
    if verdict.expires_at:
        yield "Expires", text(to_the_second(verdict.expires_at))
    yield "Verified", text(to_the_second(verdict.time_verified))


def _ledger(trace: LedgerTrace) -> Html:
    before, after = (None if each is None else marked(each) for each in (trace.before, trace.after))
    moved = "has accepted nothing yet" if after is None else f"stands at {after}"
    if before != after:
        moved = f"moved from {before or 'nothing'} to {after or 'nothing'}"
    where = words(f"scope {trace.scope} {moved}{'' if trace.recorded else ', not recorded'}")
    return listed((where, element("code", words(trace.url), class_="soft")))


def _tables(place: str, verdict: Verdict) -> Iterator[Html]:
    if verdict.parts:
        rows = [(words(each.name), words(each.read), digest(each.digest)) for each in verdict.parts]
        yield table(f"{place}-parts", "What it stands for", ("Name", "Read", "Digest"), rows, wide=2, said=True)
    if verdict.inputs:
        given = [(words(each.kind), digest(each.digest)) for each in verdict.inputs]
        made = table(f"{place}-inputs", "Documents that it was judged upon", ("Kind", "Digest"), given, wide=1)
        yield element("details", element("summary", text(f"Inputs ({len(given):,})")), made)
