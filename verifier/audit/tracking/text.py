"""The texts of a scheduled audit's issue: title, body, comment. Pure.

* the body is the audit's report in Markdown, as the job's summary has it, between what the issue says of itself and
  what was found before and not looked at again
* a text of somebody else's (an id, a name, a summary, a path) is a code span that nothing in it can end, format, link,
  mention or number (`reports.media.escaping`)
* at most as long as GitHub takes: what does not fit is counted
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from verifier.audit.tracking.plan import Plan
from verifier.audit.tracking.state import Tracked, written
from verifier.core.value import Value
from verifier.formats.audit.result import AuditResult
from verifier.reports.audit.markdown import bounded
from verifier.reports.audit.tally import counted, headline, tally_of
from verifier.reports.media.escaping import cell

LONGEST: Final = 65_536
"""Characters of an issue's or a comment's body that GitHub takes."""
_ROOM: Final = 64_000
"""Bytes that are used of them: a character is at least one."""
_LISTED: Final = 50
"""Findings that a list names; the rest are counted."""
_LONGEST_NAME: Final = 60
"""Characters of a name in a list, each of which may be written with five."""


class Texts(Value):
    """What an issue is to say; `comment` is "" where nothing is."""

    title: str
    body: str
    comment: str


def texts_of(result: AuditResult, plan: Plan, *, run_url: str = "") -> Texts:
    """The texts for `plan`. `run_url` is where the run lies that made the report, "" where nobody says."""
    return Texts(
        title=f"Dependency audit: {headline(result, tally_of(result))}"[:200],
        body=_cut(_body(result, plan, run_url)),
        comment=_cut(_comment(plan)) if plan.comment else "",
    )


def _body(result: AuditResult, plan: Plan, run_url: str) -> str:
    head = "\n".join((written(plan.state), "", *_kept(result, plan)))
    foot = "\n".join(_foot(run_url))
    room = _ROOM - len(head.encode()) - len(foot.encode())
    return f"{head}\n{bounded(result, room)}\n{foot}"


def _kept(result: AuditResult, plan: Plan) -> Iterator[str]:
    """What is not to be taken for mended."""
    if result.outcome == "undecided":
        yield "**Nobody could say whether there is a known vulnerability: this issue stays open.**"
        yield ""
    if plan.kept:
        yield f"**{counted(len(plan.kept), 'finding')} of earlier audits, not looked up again this time:**"
        yield ""
        yield from _lines(plan.kept)
        yield ""
    if plan.state.digest and result.outcome == "undecided":
        yield "**What earlier audits found was not looked up again this time; it is too much to be listed.**"
        yield ""


def _foot(run_url: str) -> Iterator[str]:
    yield ""
    if run_url:
        yield f"Run: <{run_url}>"
        yield ""
    yield "`verify audit issue` keeps this up to date, and closes it once all was looked up and nothing is found."
    yield ""


def _comment(plan: Plan) -> str:
    gone = _listed("Fixed, accepted, or no longer there", plan.gone)
    if plan.action == "close":
        return f"{gone}Everything was looked up, and nothing is found that counts: closed.\n"
    opened = ""
    if plan.action == "reopen":
        why = "Found again" if plan.state.outcome == "vulnerable" else "Nobody could say whether there is any"
        opened = f"{why}: opened again.\n\n"
    new = _listed("New", [Tracked(each.package.purl, each.ids[0]) for each in plan.new])
    return f"{opened}{new}{gone}" or "The findings changed; they are too many to tell which.\n"


def _listed(heading: str, tracked: Sequence[Tracked]) -> str:
    return "\n".join([f"**{heading}**", "", *_lines(tracked), "", ""]) if tracked else ""


def _lines(tracked: Sequence[Tracked]) -> Iterator[str]:
    for each in tracked[:_LISTED]:
        yield f"- {cell(each.id, longest=_LONGEST_NAME)} in {cell(each.package, longest=_LONGEST_NAME)}"
    if len(tracked) > _LISTED:
        yield f"- and {len(tracked) - _LISTED:,} more"


def _cut(text: str) -> str:
    """At most what GitHub takes, whole lines of it: only names that are as long as lines get so far."""
    if len(text.encode()) <= LONGEST:
        return text
    kept, room = list[str](), _ROOM
    for line in text.split("\n"):
        room -= len(line.encode()) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join([*kept, "", "**The rest is left out**: more does not fit into an issue.", ""])
