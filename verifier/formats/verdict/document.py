"""The document of a verdict: report v1, described by docs/schemas/report-v1.json. What shows verdicts renders it.

* `read(write(verdict)) == verdict`, hostile text included, but for the levels of dependencies, which v1 does not say
* reading is strict, and `Verdict.of` decides again upon the reasons that are read: a document that says PASSED beside
  an error, or anything else that these reasons do not lead to, is `verdict.malformed`
* nobody has signed it: what is read is as true as where it comes from, and no artifact is used because of it
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from verifier.core.clock import format_rfc3339
from verifier.core.errors import Refused, refuse
from verifier.core.outcome import outcome_of
from verifier.core.value import replace
from verifier.core.verdict import Decision, Verdict
from verifier.formats.json.fields import Fields
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.verdict.parts import (
    MAX_ITEMS,
    read_evidence,
    read_inputs,
    read_ledger,
    read_part,
    read_policy,
    read_reason,
    read_rule_digest,
    read_subject,
    write_digest,
    write_evidence,
    write_input,
    write_ledger,
    write_part,
    write_policy,
    write_reason,
    write_subject,
)

SCHEMA: Final = "verifier/report/v1"

_CODE: Final = "verdict.malformed"
_HINT: Final = "Take the report as it was written (`--format json`), by this release or an older one."
_MEMBERS: Final = (
    *("schema", "verdict", "artifact", "reasons", "evidence", "inputs", "levels", "policy"),
    *("ruleDigest", "ledger", "timeVerified", "verifier"),
    *("correlationId", "durationMs"),
)

_MAY_STAND_BESIDE: Final = ("parts", "expiresAt")


def write(verdict: Verdict) -> dict[str, Any]:
    """The document of `verdict`, as a JSON value."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "verdict": verdict.decision.value,
        "artifact": write_subject(verdict.subject),
        "reasons": [write_reason(reason) for reason in verdict.reasons],
        "evidence": [write_evidence(item) for item in verdict.evidence],
        "inputs": [write_input(each) for each in verdict.inputs],
        "levels": list(verdict.levels),
        "policy": write_policy(verdict.policy),
        "ruleDigest": verdict.rule_digest and write_digest(verdict.rule_digest),
        "ledger": verdict.ledger and write_ledger(verdict.ledger),
        "timeVerified": format_rfc3339(verdict.time_verified),
        "verifier": {"id": verdict.verifier_id, "version": dict(verdict.verifier_version)},
        "correlationId": verdict.correlation_id,
        "durationMs": verdict.duration_ms,
    }
    if verdict.parts:
        document["parts"] = [write_part(each) for each in verdict.parts]
    return {**document, "expiresAt": format_rfc3339(verdict.expires_at)} if verdict.expires_at else document


def read(document: JsonValue, *, subject: str = "report") -> Verdict:
    """The verdict that `document` says; refuses with `verdict.malformed`, or `json.case-variant-key`."""
    with told_as_malformed(subject):
        verdict = _read(fields := fields_of(document, subject))
        if verdict.passed and verdict.subject.digest is None:
            raise fields.refusal("verdict", "is PASSED, and of nothing that could be read")
        return verdict


def read_beside(fields: Fields, member: str) -> Verdict:
    """The verdict of a document that has one more member, and that may be about what has no bytes of its own."""
    return _read(fields, member)


def fields_of(document: JsonValue, subject: str) -> Fields:
    """The document's members, to be read with the code of a malformed verdict."""
    return Fields.of(document, code=_CODE, subject=subject)


@contextmanager
def told_as_malformed(subject: str) -> Iterator[None]:
    """Refuse whatever is refused within with the one code, and say what to do."""
    try:
        yield
    except Refused as refusal:
        if refusal.reasons[0].code != _CODE:
            raise
        raise refuse(_CODE, subject, refusal.reasons[0].message, _HINT) from refusal


def _read(fields: Fields, *beside: str) -> Verdict:
    # First of all: a document of another kind, or version, has members of its own.
    if (schema := fields.string("schema")) != SCHEMA:
        raise fields.refusal("schema", f"is {schema!r}, expected {SCHEMA!r}")
    fields.exactly(*_MEMBERS, *beside, *(each for each in _MAY_STAND_BESIDE if each in fields.value))
    decision, levels = fields.choice("verdict", Decision), fields.texts("levels", most=MAX_ITEMS)
    verdict = _decided(fields, levels)
    if (verdict.decision, verdict.levels) != (decision, levels):
        raise fields.refusal("verdict", f"is {decision.value} at {', '.join(levels)}, which its reasons do not lead to")
    return verdict


def _decided(fields: Fields, levels: tuple[str, ...]) -> Verdict:
    reasons = tuple(map(read_reason, fields.objects("reasons", most=MAX_ITEMS)))
    ledger = fields.optional_object("ledger")
    verifier = fields.object("verifier").exactly("id", "version")
    try:
        verdict = Verdict.of(
            (outcome_of(reasons),),
            levels=levels,
            subject=read_subject(fields.object("artifact")),
            policy=read_policy(fields.object("policy")),
            rule_digest=read_rule_digest(fields),
            time_verified=fields.moment("timeVerified"),
            correlation_id=fields.text("correlationId"),
            evidence=tuple(map(read_evidence, fields.objects("evidence", most=MAX_ITEMS))),
            inputs=read_inputs(fields),
            parts=tuple(map(read_part, fields.objects("parts", most=MAX_ITEMS, required=False))),
            ledger=None if ledger is None else read_ledger(ledger),
            verifier_id=verifier.string("id"),
            verifier_version=dict(verifier.object("version").text_map(most=MAX_ITEMS)),
            duration_ms=fields.count("durationMs"),
            expires_at=fields.optional_moment("expiresAt"),
        )
    except ValueError as error:
        raise fields.refusal("verdict", f"contradicts itself: {error}") from error
    if [replace(each, follows="") for each in verdict.reasons] != [replace(each, follows="") for each in reasons]:
        raise fields.refusal("reasons", "are out of order, or say one thing twice")
    # What does not say it is of an older release; what says something else is told so.
    if any(each.follows not in {"", decided.follows} for each, decided in zip(reasons, verdict.reasons, strict=True)):
        raise fields.refusal("reasons", "follow from what does not explain them")
    return verdict
