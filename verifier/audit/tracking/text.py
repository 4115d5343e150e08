"""The texts of a scheduled audit's issue: title, body, comment. Pure.

* a text of somebody else's (an id, a name, a summary, a path) is a code span that nothing in it can end, format, link,
  mention or number
* at most as long as GitHub takes: what does not fit is counted, and lies in the run's report
* every body says how the audit ended, of which records, by digest and date, and what nobody could say
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from verifier.audit.tracking.plan import Plan, package_of
from verifier.audit.tracking.state import Tracked, written
from verifier.core.clock import format_rfc3339
from verifier.core.outcome import Reason
from verifier.core.value import Value
from verifier.formats.audit.result import AuditedPackage, AuditResult, Finding
from verifier.reports.audit.escaping import cell
from verifier.reports.audit.tally import Tally, tally_of

LONGEST: Final = 65_536
"""Characters of an issue's or a comment's body that GitHub takes."""
_ROOM: Final = 64_000
"""Bytes that are used of them: a character may be several."""
_IN_COMMENT: Final = 50
_ROWS: Final = 500
"""Findings that are listed: more than ever fit."""
_SAID: Final = 40
"""Reasons, and packages that nobody could say anything about, that are listed."""
_PUBLISHED: Final = re.compile(r"(?:CVE-\d{4}-\d{4,12}|GHSA(?:-[a-z0-9]{4}){3}|PYSEC-\d{4}-\d{1,9})\Z")


class Texts(Value):
    """What an issue is to say; `comment` is "" where nothing is."""

    title: str
    body: str
    comment: str


def texts_of(result: AuditResult, plan: Plan, *, run_url: str = "") -> Texts:
    """The texts for `plan`. `run_url` is where the run lies that made the report, "" where nobody says."""
    tally = tally_of(result)
    return Texts(
        title=_title(result, plan, tally),
        body=_body(result, plan, tally, run_url),
        comment=_comment(plan) if plan.comment else "",
    )


def _title(result: AuditResult, plan: Plan, tally: Tally) -> str:
    found = len(tally.counting) + len(tally.undecided) + len(plan.kept)
    if result.outcome == "clean":
        return "Dependency audit: no known vulnerability"
    if result.outcome == "undecided":
        known = f"; {_counted(len(plan.kept), 'finding')} not looked at again" if plan.kept else ""
        return f"Dependency audit: nobody could say whether there is a vulnerability{known}"
    return f"Dependency audit: {_counted(found, 'finding')}" if found else "Dependency audit: faults of hygiene"


def _body(result: AuditResult, plan: Plan, tally: Tally, run_url: str) -> str:
    head = [written(plan.state), "", _verdict(result, plan, tally), ""]
    foot = ["", *_records(result), *_by_whom(run_url)]
    room = _ROOM - sum(len(each.encode()) + 1 for each in (*head, *foot))
    lines, dropped = [], 0
    for line in _parts(result, plan, tally):
        room -= len(line.encode()) + 1
        if room < 0:
            dropped += 1
        else:
            lines.append(line)
    if dropped:
        foot = ["", f"**{dropped} more lines do not fit into an issue**: the report of the run has them all.", *foot]
    return "\n".join([*head, *lines, *foot]) + "\n"


def _verdict(result: AuditResult, plan: Plan, tally: Tally) -> str:
    looked = f"{tally.audited} of {_counted(tally.packages, 'package')} looked up"
    moment = format_rfc3339(result.now)
    match result.outcome:
        case "clean":
            return f"**No known vulnerability** at {moment}; {looked}."
        case "vulnerable":
            return f"**{_counted(len(tally.counting), 'known vulnerability')}** at {moment}; {looked}."
        case "undecided":
            left = " This issue stays open, and what it knew is kept below." if plan.kept else " This issue stays open."
            return f"**Nobody could say** at {moment} whether there is a known vulnerability; {looked}.{left}"


def _parts(result: AuditResult, plan: Plan, tally: Tally) -> Iterator[str]:
    yield from _findings("Known vulnerabilities", tally.counting)
    yield from _findings("Undecided", tally.undecided)
    if plan.kept:
        yield from ("### Found before, not looked at this time", "")
        yield from (f"- {_id(each.id)} in {cell(each.package)}" for each in plan.kept)
        yield ""
    yield from _packages((*tally.unknown, *tally.unclear))
    yield from _reasons("What else denies", (*tally.errors, *tally.hygiene))
    if tally.suppressed:
        yield from ("### Under an exception", "")
        yield from (f"- {_id(each.ids[0])} in {cell(each.package.purl)}{_until(each)}" for each in tally.suppressed)
        yield ""
    if tally.below:
        yield f"{_counted(len(tally.below), 'finding')} below the threshold ({result.fail_on})."
        yield ""
    yield from _reasons("Warnings", tally.warnings)


def _findings(heading: str, found: Sequence[Finding]) -> Iterator[str]:
    if not found:
        return
    yield from (
        f"### {heading}",
        "",
        "| Severity | Id | Package | Fixed in | Where | Summary |",
        "|---|---|---|---|---|---|",
    )
    for each in found[:_ROWS]:
        severity = f"{each.rating.severity}, exploited" if each.kev else each.rating.severity
        fix = cell(each.minimal_fix) if each.minimal_fix else "no fixed version known"
        where = cell(_place(each))
        summary = cell(each.summary or each.why, longest=120)
        yield f"| {severity} | {_id(each.ids[0])} | {cell(each.package.purl)} | {fix} | {where} | {summary} |"
    yield from ("", *_and_more(found, _ROWS), "")


def _packages(packages: Sequence[AuditedPackage]) -> Iterator[str]:
    if not packages:
        return
    yield from ("### Nobody could say", "")
    yield from (f"- {cell(each.package.purl)}: {cell(each.why)}" for each in packages[:_SAID])
    yield from _and_more(packages, _SAID)
    yield ""


def _reasons(heading: str, reasons: Sequence[Reason]) -> Iterator[str]:
    if not reasons:
        return
    yield from (f"### {heading}", "")
    yield from (f"- {cell(each.code)}: {cell(each.subject)}: {cell(each.message)}" for each in reasons[:_SAID])
    yield from _and_more(reasons, _SAID)
    yield ""


def _records(result: AuditResult) -> Iterator[str]:
    info = result.database
    if info is not None:
        yield f"Records: {cell(info.digest)}, the newest of {format_rfc3339(info.data_date)}."
    if result.services:
        yield f"Asked: {', '.join(map(cell, result.services))}."
    if info is None and not result.services:
        yield "Records: none were there to be asked."


def _by_whom(run_url: str) -> Iterator[str]:
    if run_url:
        yield f"Run: <{run_url}>"
    yield ""
    yield "Kept up to date by `verify audit issue`, which closes it when everything was looked up and nothing is found."


def _comment(plan: Plan) -> str:
    gone = _listed("Fixed, or no longer there", plan.gone)
    if plan.action == "close":
        return f"{gone}Everything was looked up, and nothing is known: closed.\n"
    opened = ""
    if plan.action == "reopen":
        why = "Found again" if plan.state.outcome == "vulnerable" else "Nobody could say whether there is any"
        opened = f"{why}: opened again.\n\n"
    new = _listed("New", [Tracked(each.package.purl, each.ids[0]) for each in plan.new])
    return f"{opened}{new}{gone}" or "The findings changed; they are too many to tell which.\n"


def _listed(heading: str, tracked: Sequence[Tracked]) -> str:
    if not tracked:
        return ""
    lines = [f"- {_id(each.id)} in {cell(each.package)}" for each in tracked[:_IN_COMMENT]]
    return "\n".join([f"**{heading}**", "", *lines, *_and_more(tracked, _IN_COMMENT), "", ""])


def _and_more(each: Sequence[object], shown: int) -> Iterable[str]:
    return (f"- and {len(each) - shown} more",) if len(each) > shown else ()


def _id(identifier: str) -> str:
    """An id, with where it is published where its form says that."""
    shown = cell(identifier)
    return f"[{shown}](https://osv.dev/vulnerability/{identifier})" if _PUBLISHED.match(identifier) else shown


def _place(finding: Finding) -> str:
    if not finding.package.places:
        return package_of(finding.package)
    file, line = finding.package.places[0]
    return f"{file}:{line}" if line else file


def _until(finding: Finding) -> str:
    excuse = finding.excuse
    return f", until {format_rfc3339(excuse.expires)}" if excuse is not None and excuse.expires is not None else ""


def _counted(count: int, what: str) -> str:
    if count == 1:
        return f"1 {what}"
    return f"{count} {what.removesuffix('y')}ies" if what.endswith("y") else f"{count} {what}s"
