"""Known vulnerabilities in one artifact: by records, by signed scans, or by both.

* by records where whoever verifies gives a database: what is in the artifact itself is looked at
* by a scan that a signer whom the rule takes scans of has signed for this artifact, recent enough
* where there are both, both have to be satisfied: what one has found, the other's silence does not undo
* without either, nobody knows, which denies; so does every package that nobody can say anything about
* what is asked of each package (where it is from, how long it has been out) a scan does not say: that needs records
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from verifier.audit.exceptions.applying import excused
from verifier.audit.exceptions.model import UNUSED, Exceptions
from verifier.audit.findings.threshold import judged
from verifier.audit.reasons import finding_said, unknown_said
from verifier.core.clock import INSTANT, format_rfc3339, shifted
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.outcome import Reason
from verifier.core.verdict import Input
from verifier.engine.vulnerabilities.exceptions import exceptions_of
from verifier.engine.vulnerabilities.packages import CODE, packages_of
from verifier.engine.vulnerabilities.question import Asked, wanted_of
from verifier.engine.vulnerabilities.records import audited, fail_on
from verifier.engine.vulnerabilities.scanned import findings_in, unknown_in
from verifier.engine.vulnerabilities.scans import Scans, SignedScan, ends, scans_of
from verifier.evidence.vulnerabilities import AUDITED_LEVEL, CLEAN_LEVEL, VulnerabilityJudgement
from verifier.formats.audit.result import AuditedPackage, AuditResult, Finding
from verifier.formats.json.strict_json import JsonValue
from verifier.trust.sections.vulnerabilities import VulnerabilityRule

ADVISORIES: Final = "advisories"
"""What a verdict calls a database of records among its inputs."""


class _Answer(NamedTuple):
    """What one way of asking came to."""

    reasons: tuple[Reason, ...]
    findings: tuple[Finding, ...]
    packages: tuple[AuditedPackage, ...]


def judge_vulnerabilities(asked: Asked) -> VulnerabilityJudgement:
    """Judge what is known of the artifact's vulnerabilities; never raises for what it reads."""
    section = VulnerabilityRule.of(asked.rule)
    try:
        exceptions = exceptions_of(section, asked.now)
        return _judged(_found(asked, section, exceptions))
    except ConfigurationError as error:
        # A file of exceptions that cannot be read, or a library that is not installed: nothing was decided.
        message = (
            f"[artifacts.{asked.rule.pattern!r}] asks about vulnerabilities, and that cannot be judged here: {error}"
        )
        reason = Reason(code="policy.unevaluated", subject=asked.artifact.reference, message=message, hint=error.hint)
        return VulnerabilityJudgement(reasons=(reason,))


class _Found(NamedTuple):
    """What there is: what came of the records, which scans count, and why there is no more of either."""

    asked: Asked
    section: VulnerabilityRule
    exceptions: Exceptions
    result: AuditResult | None
    scans: Scans
    lacking: tuple[Reason, ...]

    @property
    def counting(self) -> tuple[SignedScan, ...]:
        return self.scans.every


def _found(asked: Asked, section: VulnerabilityRule, exceptions: Exceptions) -> _Found:
    scans = scans_of(asked.evidence.scans, wanted_of(asked.artifact), asked.now, section.max_age)
    if asked.advisories is None:
        return _Found(asked, section, exceptions, None, scans, scans.lacking)
    try:
        if isinstance(asked.advisories, Refused):
            raise asked.advisories
        collected = packages_of(asked)
        result = audited(asked, asked.advisories, collected, section, exceptions)
    except Refused as refusal:
        if refusal.reasons[0].code != CODE:
            # Whoever gives records wants them asked: that a scan is there too is no reason to go on without.
            scans = scans._replace(wrong=(*refusal.reasons, *scans.wrong))
        return _Found(asked, section, exceptions, None, scans, (*refusal.reasons, *scans.lacking))
    return _Found(asked, section, exceptions, result, scans, scans.lacking)


def _judged(found: _Found) -> VulnerabilityJudgement:
    answers: list[_Answer] = []
    if found.result is not None:
        answers.append(_Answer(found.result.reasons, found.result.findings, found.result.packages))
    if found.counting:
        answers.append(_scanned(found))
    reasons = (*_insufficient(found), *found.scans.wrong, *_together(answers), *found.scans.told)
    return VulnerabilityJudgement(
        reasons=tuple(dict.fromkeys(reasons)),
        levels=tuple(_levels(reasons, answers)),
        inputs=tuple(dict.fromkeys(_inputs(found))),
        moments=tuple(_moments(found)),
        facts=_facts(found, answers),
    )


def _insufficient(found: _Found) -> Iterator[Reason]:
    """Why nobody has answered for the whole artifact, if nobody has."""
    if found.result is not None:
        return
    keys, reference = found.section.asks_of_packages, found.asked.artifact.reference
    if found.scans.whole and keys:
        message = f"the rule asks for {', '.join(keys)}, of which no scan says anything (--advisories FILE)"
        yield Reason(code="policy.unevaluated", subject=reference, message=message)
    elif found.scans.whole:
        # Records were given, and had no say.
        yield from (each.as_warning() for each in found.lacking if each not in found.scans.wrong)
    else:
        yield from found.lacking
        if not found.lacking and not found.scans.wrong:
            message = (
                "no database of records was given, and no scan of it is signed by those whom the rule takes scans of"
            )
            yield Reason(code=CODE, subject=reference, message=message)


def _scanned(found: _Found) -> _Answer:
    """What the scans have found, under the rule's threshold and exceptions."""
    scans = [each.scan for each in found.counting]
    least = fail_on(found.section.max_severity)
    settled = excused(findings_in(scans), unknown_in(scans), found.exceptions, now=found.asked.now)
    counted = judged(settled.findings, least)
    reasons = (*map(finding_said, counted), *map(unknown_said, settled.packages), *settled.reasons)
    return _Answer(reasons, counted, settled.packages)


def _together(answers: Sequence[_Answer]) -> Iterator[Reason]:
    """What all of them say; an exception is of no use where it was of none to any of them."""
    unused = [{each for each in answer.reasons if each.code == UNUSED} for answer in answers]
    for answer in answers:
        for each in answer.reasons:
            if each.code != UNUSED or all(each in one for one in unused):
                yield each


def _levels(reasons: Sequence[Reason], answers: Sequence[_Answer]) -> Iterator[str]:
    """What is reached: nothing where anything denies."""
    if any(each.is_error for each in reasons):
        return
    yield AUDITED_LEVEL
    unknown = any(each.status != "audited" for answer in answers for each in answer.packages)
    if not unknown and not any(answer.findings for answer in answers):
        yield CLEAN_LEVEL


def _inputs(found: _Found) -> Iterator[Input]:
    """The databases: the one that was asked here, with its lists, and those that the scanners say they have asked."""
    if found.result is not None and found.result.database is not None:
        info = found.result.database
        for kind, digest in ((ADVISORIES, info.digest), ("kev", info.kev_digest), ("epss", info.epss_digest)):
            if digest:
                yield Input(kind=kind, digest=Digest.parse(digest))
    for each in found.counting:
        try:
            yield Input(kind=ADVISORIES, digest=Digest.parse(each.scan.database))
        except ValueError:
            continue  # another scanner's version of a database is no digest


def _moments(found: _Found) -> Iterator[datetime]:
    """When records and scans come to be too old, and exceptions end."""
    max_age = found.section.max_age
    if found.result is not None and found.result.database is not None:
        info = found.result.database
        yield from (shifted(date, max_age + INSTANT) for date in (info.data_date, *(each for _, each in info.dates)))
    for moment in ends((each.scan for each in found.counting), max_age):
        yield shifted(moment, INSTANT)
    yield from (each.expires for each in found.exceptions.exemptions)
    yield from (each.expires for each in found.exceptions.unknowns)


def _facts(found: _Found, answers: Sequence[_Answer]) -> dict[str, JsonValue]:
    info = None if found.result is None else found.result.database
    packages = [] if found.result is None else [each.status for each in found.result.packages]
    digest = None if info is None else Digest.parse(info.digest)
    return {
        "database": None
        if info is None or digest is None
        else {"digest": {digest.algorithm: digest.value}, "dataDate": format_rfc3339(info.data_date)},
        "packages": {status: packages.count(status) for status in ("audited", "undecided", "unknown")}
        if found.result is not None
        else None,
        "scans": [
            {
                "digest": {each.proven.digest.algorithm: each.proven.digest.value},
                "signers": [signer.name for signer in each.proven.signers],
                "scanner": each.scan.scanner,
                "finished": format_rfc3339(each.scan.finished),
                "lastUpdate": format_rfc3339(each.scan.last_update),
            }
            for each in found.counting
        ],
        "findings": [_finding(each) for answer in answers for each in answer.findings],
    }


def _finding(finding: Finding) -> JsonValue:
    excuse = finding.excuse if finding.suppressed else None
    return {
        "package": finding.package.purl,
        "status": finding.status,
        "ids": [*finding.ids],
        "severity": finding.rating.severity,
        "exploited": finding.kev is not None,
        "counts": finding.counts,
        "exception": None if excuse is None else excuse.where,
    }
