"""The audit, in five steps. Nothing here reads a file or opens a socket: sources do.

* only where every package was asked about and every record evaluated, it is clean
* whatever is found keeps its place in the result: suppressed, below the threshold, unknown or accepted

Source: formats/audit.md section 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from verifier.audit.answers import Exploited
from verifier.audit.askable import unaskable
from verifier.audit.asking import Told, merged, reasons_of
from verifier.audit.exceptions.applying import excused
from verifier.audit.findings.merging import findings_of
from verifier.audit.findings.threshold import judged, with_exploits
from verifier.audit.hygiene.table import judge_hygiene
from verifier.audit.matching import Affected, Matcher, NotAffected, Undecided, is_live
from verifier.audit.question import Question
from verifier.audit.reasons import said_of
from verifier.core.errors import Refused
from verifier.core.outcome import Reason
from verifier.core.value import replace
from verifier.formats.audit.package import Package
from verifier.formats.audit.result import WITHOUT_PROJECT, AuditedPackage, AuditResult, Finding, Outcome
from verifier.formats.osv.record import Record

MAX_FOUND: Final = 20_000
"""Findings after which no more packages are judged: nobody reads them, and they cost memory."""


def audit(question: Question) -> AuditResult:
    """What comes of it. `Refused` (`input.too-costly`) for VEX documents that mean more comparisons than anyone
    makes."""
    packages = question.collected.packages
    # 1. Everybody is asked about everything that anybody could know.
    unasked = [unaskable(each, private=question.hygiene.private) for each in packages]
    asked = [each for each, why in zip(packages, unasked, strict=True) if not why]
    answers = tuple(source.ask(asked, question.now) for source in question.sources) if asked else ()
    # 2. Every record is evaluated.
    looked = list(_all_looked(merged(packages, answers, unasked)))
    found, about_lists = _with_exploits([each for _, findings in looked for each in findings], question.exploited)
    # 3. What somebody has decided about it.
    settled = excused(found, [package for package, _ in looked], question.exceptions, question.vex, now=question.now)
    audited = tuple(map(_of_project, settled.packages)) if question.without_project else settled.packages
    # 4. What counts, and what was found before.
    findings = judged(settled.findings, question.fail_on)
    gone: tuple[tuple[str, str], ...] = ()
    if question.previous is not None:
        from verifier.audit.findings.previous import compared  # noqa: PLC0415 - few audits are compared

        findings, gone = compared(findings, question.previous, audited)
    # 5. Everything that is to be said, and what it comes to.
    reasons = (
        *question.about_sources,
        *question.unread,
        *question.collected.reasons,
        *reasons_of(answers),
        *about_lists,
        *said_of(question, audited, findings),
        *settled.reasons,
        *judge_hygiene(packages, question.hygiene, question.now),
    )
    return _result(question, audited, findings, reasons, gone)


def _result(
    question: Question,
    packages: tuple[AuditedPackage, ...],
    findings: tuple[Finding, ...],
    reasons: tuple[Reason, ...],
    gone: tuple[tuple[str, str], ...],
) -> AuditResult:
    return AuditResult(
        targets=question.targets,
        packages=packages,
        findings=findings,
        reasons=tuple(dict.fromkeys(reasons)),
        outcome=_outcome(reasons, (*question.unread, *question.collected.reasons)),
        now=question.now,
        started=question.started,
        database=question.database,
        services=tuple(each.name for each in question.sources if "://" in each.name),
        fail_on=question.fail_on,
        gone=gone,
        compared=question.previous is not None,
        inputs=question.inputs,
        settings=question.settings,
        verifier=question.verifier,
        correlation_id=question.correlation_id,
    )


def _of_project(each: AuditedPackage) -> AuditedPackage:
    """The project itself is what is audited: that there are no records of it is accepted, and said. Not so of other
    folders within it: a copy of somebody's package may lie there."""
    own = each.package.own and each.status == "unknown" and not each.accepted
    return replace(each, accepted=WITHOUT_PROJECT) if own else each


def _all_looked(told: Iterable[Told]) -> Iterator[tuple[AuditedPackage, tuple[Finding, ...]]]:
    """What becomes of each package; those after too many findings are unknown."""
    found = 0
    for each in told:
        if found >= MAX_FOUND:
            why = f"it was not judged: there were {found:,} findings before it"
            package, findings = _looked(Told(package=each.package, unknown=each.unknown or why))
        else:
            package, findings = _looked(each)
        found += len(findings)
        yield package, findings


def _looked(told: Told) -> tuple[AuditedPackage, tuple[Finding, ...]]:
    """What becomes of one package."""
    package = told.package
    live = [record for record in told.records if is_live(record)]
    withdrawn = sorted({record.id for record in told.records if not is_live(record)})
    asked = {id(record): Matcher(record, package) for record in live} if package.version is not None else {}
    judging = _judged(package, live, asked)
    found = findings_of(package, judging, live, told.refused, asked=asked)
    undecided = [each.why for each in found if each.status == "undecided"]
    status = partial(AuditedPackage, package=package, withdrawn=tuple(withdrawn), records=len(live))
    if told.unknown:
        return status(status="unknown", why=told.unknown), found
    if undecided:
        return status(status="undecided", why="; ".join(dict.fromkeys(undecided))), found
    return status(status="audited"), found


def _judged(
    package: Package, live: Sequence[Record], asked: Mapping[int, Matcher]
) -> list[tuple[Record, Affected | Undecided]]:
    """What is not clean, with its record; a package without a version cannot be judged, and is unknown."""
    if package.version is None:
        return []
    judging = ((record, asked[id(record)].judge(package.version)) for record in live)
    return [(record, judgement) for record, judgement in judging if not isinstance(judgement, NotAffected)]


def _with_exploits(
    findings: Sequence[Finding], exploited: Exploited | None
) -> tuple[Sequence[Finding], tuple[Reason, ...]]:
    """The findings with what is known about their CVEs beside the records."""
    if exploited is None:
        return findings, ()
    try:
        return with_exploits(findings, exploited), ()
    except Refused as refusal:
        return findings, refusal.reasons


def _outcome(reasons: Iterable[Reason], unread: Sequence[Reason]) -> Outcome:
    """A vulnerability or a fault outweighs what nobody knows. What could not be read was not judged, whatever its
    code."""
    errors = [reason for reason in reasons if reason.is_error]
    if any(not reason.is_undecided and reason not in unread for reason in errors):
        return "vulnerable"
    return "undecided" if errors else "clean"
