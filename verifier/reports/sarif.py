"""Verdicts as SARIF 2.1.0, as GitHub's code scanning takes it.

* a result is one reason, at the artifact, known by what stays the same over runs and versions (`reports.found`)
* what could not be decided denies and is a result, too; the run has then not been successful
* what GitHub does not take is left out, the least severe first, and a notification says how many
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from verifier.core.clock import format_rfc3339
from verifier.core.reasons.words import describe
from verifier.core.severity import Severity
from verifier.core.verdict import Verdict
from verifier.formats.verdict.dossier import Dossier
from verifier.reports.found import Found, found
from verifier.reports.media.sarif import (
    LEFT_OUT,
    LEVELS,
    Json,
    bounded,
    driver,
    fingerprints,
    invocation,
    location,
    log,
    message,
    notification,
    rule,
)
from verifier.reports.table import PLAIN, Screen
from verifier.reports.told import facts, named, policy_text, summed, what_next

FINGERPRINT: Final = "verifierVerdict/v1"
_SCORES: Final[Mapping[Severity, str]] = {Severity.ERROR: "8.0", Severity.WARNING: "4.0", Severity.NOTE: "1.0"}


def render(dossier: Dossier, _: Screen = PLAIN, /) -> str:
    """One document, printable ASCII only, ending in a newline."""
    listed, worst = found(dossier), dossier.worst
    results = [_result(each) for each in listed]
    program = worst.verifier_version.get("policy-verifier", "")

    def document(kept: int) -> Json:
        invoked = invocation(
            summed(dossier),
            status=0 if worst.passed else 3 if worst.undecided else 1,
            successful=not any(each.undecided for each in dossier.verdicts),
            started=worst.time_verified,
            said=_notifications(dossier, len(results) - kept),
        )
        tool = driver("policy-verifier", worst.verifier_id, program, _rules(listed[:kept]))
        properties = {"verdict": message(summed(dossier)), "artifacts": [_artifact(each) for each in dossier.verdicts]}
        return log(tool, "verifier-verdict", invoked, results[:kept], properties)

    return bounded(document, len(results))


def _notifications(dossier: Dossier, left_out: int) -> Iterator[Json]:
    if left_out:
        yield notification("verifier.left-out", LEFT_OUT.format(left_out), "error")
    for verdict in dossier.verdicts:
        said = "; ".join(f"{label} {text}" for label, text in facts(verdict))
        word = verdict.decision.value
        after = what_next(dossier, verdict)
        yield notification("verifier.decided", f"{word} {named(verdict.subject)}: {said}. {after}", "note")


def _rules(listed: Sequence[Found]) -> list[Json]:
    codes: dict[str, list[Found]] = {}
    for each in listed:
        codes.setdefault(each.reason.code, []).append(each)
    return [_rule(code, group) for code, group in codes.items()]


def _rule(code: str, group: Sequence[Found]) -> Json:
    row, worst = describe(code), group[0].reason.severity
    text = f"{code}: {row.title}. {row.cause}"
    tags = ("security", "supply-chain", code.partition(".")[0], *((row.threat,) if row.threat else ()))
    return rule(code, text, row.remedy, score=_SCORES[worst], level=LEVELS[worst], tags=tags)


def _result(each: Found) -> Json:
    verdict, reason, subject = each.verdict, each.reason, each.verdict.subject
    text = f"{named(subject)}: {reason.subject}: {reason.message}. {reason.hint}"
    place = location(each.file)
    place["logicalLocations"] = [{"fullyQualifiedName": message(f"{subject.kind}:{subject.name}"), "kind": "resource"}]
    follows = {"follows": reason.follows} if reason.follows else {}
    return {
        "ruleId": message(reason.code),
        "level": LEVELS[reason.severity],
        "message": {"text": message(text)},
        "locations": [place],
        "partialFingerprints": fingerprints(FINGERPRINT, *each.identity),
        "properties": {"verdict": verdict.decision.value, "digest": _digest(verdict), **follows},
    }


def _artifact(verdict: Verdict) -> Json:
    subject, expires = verdict.subject, verdict.expires_at
    return {
        "name": message(named(subject)),
        "verdict": verdict.decision.value,
        "undecided": verdict.undecided,
        "digest": _digest(verdict),
        "policy": message(policy_text(verdict)),
        "policyDigest": message(str(verdict.policy.digest)),
        "correlationId": message(verdict.correlation_id),
        "expiresAt": expires and format_rfc3339(expires),
    }


def _digest(verdict: Verdict) -> str | None:
    digest = verdict.subject.digest
    return None if digest is None else message(str(digest))
