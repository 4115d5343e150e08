"""The verdict as JSON: report v1, described by docs/schemas/report-v1.json."""

from __future__ import annotations

import json
from typing import Any

from verifier.core.clock import format_rfc3339
from verifier.core.outcome import Reason
from verifier.core.verdict import EvidenceItem, LedgerTrace, Verdict
from verifier.reports.table import PLAIN, Screen

SCHEMA = "verifier/report/v1"


def render(verdict: Verdict, _: Screen = PLAIN, /) -> str:
    """One JSON document, printable ASCII only (so hostile text cannot reach a terminal), ending in a newline."""
    # DEL is the one control character that JSON leaves as it is.
    return json.dumps(document(verdict), indent=2, ensure_ascii=True).replace("\x7f", "\\u007f") + "\n"


def document(verdict: Verdict) -> dict[str, Any]:
    """The report as a JSON value."""
    subject = verdict.subject
    return {
        "schema": SCHEMA,
        "verdict": verdict.decision.value,
        "artifact": {
            "kind": subject.kind,
            "name": subject.name,
            "resourceUri": subject.resource_uri,
            "digest": {subject.digest.algorithm: subject.digest.value} if subject.digest else None,
            "version": subject.version,
            "epoch": subject.epoch,
        },
        "reasons": [_reason(reason) for reason in verdict.reasons],
        "evidence": [_evidence(item) for item in verdict.evidence],
        "levels": list(verdict.levels),
        "policy": {
            "uri": verdict.policy.uri,
            "digest": {verdict.policy.digest.algorithm: verdict.policy.digest.value},
        },
        "ledger": _ledger(verdict.ledger),
        "timeVerified": format_rfc3339(verdict.time_verified),
        "verifier": {"id": verdict.verifier_id, "version": dict(verdict.verifier_version)},
        "correlationId": verdict.correlation_id,
        "durationMs": verdict.duration_ms,
    }


def _reason(reason: Reason) -> dict[str, str]:
    return {
        "code": reason.code,
        "severity": reason.severity.value,
        "subject": reason.subject,
        "message": reason.message,
        "hint": reason.hint,
        "threat": reason.threat,
    }


def _evidence(item: EvidenceItem) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "digest": {item.digest.algorithm: item.digest.value},
        "signer": item.signer,
        "verified": item.verified,
        "time": format_rfc3339(item.time) if item.time else None,
    }


def _ledger(trace: LedgerTrace | None) -> dict[str, Any] | None:
    if trace is None:
        return None
    return {
        "url": trace.url,
        "scope": trace.scope,
        "before": trace.before,
        "after": trace.after,
        "recorded": trace.recorded,
    }
