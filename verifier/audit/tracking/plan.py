"""What becomes of the issue of a scheduled audit, decided from the report and from what the issue says. Pure.

* closed only where the audit is clean: everything was asked about, and nothing was found
* where nobody could say, an open issue stays open and says so, and a finding stays listed until somebody has looked
  again at its package
* a comment is written where the findings changed, and where an issue is closed or opened again, and never otherwise: an
  upgrade that mends nothing, and an id that another record joined, change nothing
* a report that is older than what the issue says changes nothing (`issue.report-outdated`)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal

from verifier.audit.tracking.state import State, Tracked, digest_of, read_state, state_of
from verifier.core.clock import format_rfc3339
from verifier.core.errors import refuse
from verifier.core.value import Value
from verifier.formats.audit.package import Package
from verifier.formats.audit.result import OF_PACKAGES, AuditResult, Finding

Action = Literal["nothing", "create", "update", "reopen", "close"]


class Known(Value):
    """The issue as it is: `body` is None where it has none."""

    number: int
    open: bool
    body: str | None
    url: str = ""


class Plan(Value):
    """What to do, and what the issue says of itself afterwards.

    `new` are findings that it did not have, `gone` what it had and has no more, `kept` what it had and nobody has
    looked at again. `comment` is whether to say so in a comment.
    """

    action: Action
    state: State
    comment: bool = False
    new: tuple[Finding, ...] = ()
    gone: tuple[Tracked, ...] = ()
    kept: tuple[Tracked, ...] = ()


def decide(result: AuditResult, known: Known | None) -> Plan:
    """What to do about `known`, None where there is no issue yet; `Refused` for a report that is too old."""
    before = None if known is None else read_state(known.body or "")
    if before is not None and before.moment > result.now:
        message = (
            f"the report is of {format_rfc3339(result.now)}, and the issue of an audit at "
            f"{format_rfc3339(before.moment)}"
        )
        hint = "Pass the report of a new audit. Where the issue's time is wrong, remove its second hidden comment."
        raise refuse("issue.report-outdated", ", ".join(result.targets) or "the report", message, hint)
    open_ones = [each for each in result.findings if each.counts and not each.suppressed]
    if before is not None and before.digest:
        return _by_digest(result, known, before, open_ones)
    had = frozenset() if before is None else before.open
    here = {each for finding in open_ones for each in _under_any_id(finding)}
    missing = had - here
    kept = frozenset() if result.outcome == "clean" else frozenset(_not_looked_at(missing, result))
    new = tuple(each for each in open_ones if had.isdisjoint(_under_any_id(each)))
    gone = tuple(sorted(missing - kept))
    action = _action(result, known)
    tracked = {tracked_of(each) for each in open_ones} | kept
    return Plan(
        action=action,
        state=state_of(result.outcome, result.now, tracked),
        comment=action in {"close", "reopen"} or (action == "update" and bool(new or gone)),
        new=new,
        gone=gone,
        kept=tuple(sorted(kept)),
    )


def tracked_of(finding: Finding) -> Tracked:
    """A finding as the issue keeps it."""
    return Tracked(package_of(finding.package), finding.ids[0])


def package_of(package: Package) -> str:
    """A package without its version: its canonical purl up to there."""
    return package.purl.partition("?")[0].rpartition("@")[0] if package.version is not None else package.purl


def _by_digest(result: AuditResult, known: Known | None, before: State, found: Collection[Finding]) -> Plan:
    """The plan where it is only known that something was there: whoever could not look keeps it as it was."""
    action = _action(result, known)
    tracked = {tracked_of(each) for each in found}
    state = state_of(result.outcome, result.now, tracked)
    if result.outcome == "undecided":
        state = State(outcome="undecided", moment=result.now, digest=before.digest)
    changed = state.digest != before.digest and digest_of(tracked) != before.digest
    return Plan(action=action, state=state, comment=action in {"close", "reopen"} or (action == "update" and changed))


def _action(result: AuditResult, known: Known | None) -> Action:
    if result.outcome == "clean":
        return "close" if known is not None and known.open else "nothing"
    if known is None:
        return "create"
    return "update" if known.open else "reopen"


def _under_any_id(finding: Finding) -> frozenset[Tracked]:
    """A finding as an issue may have it, under whichever of its ids came first at that time."""
    package = package_of(finding.package)
    return frozenset(Tracked(package, each) for each in finding.ids)


def _not_looked_at(missing: Collection[Tracked], result: AuditResult) -> Iterator[Tracked]:
    """Those whose package nobody could be asked about this time, or that may be missing because a target is."""
    whole = bool(result.packages) and all(
        each.code in OF_PACKAGES or (each.code.startswith("dependency.") and each.code != "dependency.lock-invalid")
        for each in result.reasons
        if each.is_error
    )
    unsure = {package_of(each.package) for each in result.packages if each.status != "audited"}
    looked_at = {package_of(each.package) for each in result.packages} - unsure
    for each in missing:
        if each.package in unsure or (each.package not in looked_at and not whole):
            yield each
