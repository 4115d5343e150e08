"""The evidence document: what organisation rules read as `input`. docs/evidence-document.md describes it.

* it holds what was established before the rules ran: nothing in it is a claim that nobody proved, but for
  `bundle.revision` and `bundle.metadata`, which are as true as the bundle's signature
* what a verdict says too is said in the same shape (`formats.verdict.parts`)
* the same facts make the same document: lists keep the order of what they list, times are UTC
* fields are only ever added within one `schema`; what is absent is null or an empty list, never left out
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from verifier.core.clock import format_rfc3339
from verifier.core.outcome import Reason
from verifier.core.value import Value
from verifier.core.verdict import PolicyReference, Subject
from verifier.formats.json.strict_json import JsonValue
from verifier.formats.verdict.parts import write_policy, write_reason, write_subject

SCHEMA = "verifier/evidence/v1"


class SignerFacts(Protocol):
    """What the document says of a proven signer; `signatures.interface.ProvenSigner` is one."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def algorithm(self) -> str: ...
    @property
    def signed_time(self) -> datetime | None: ...


class Facts(Value):
    """Everything that one verification has established before the organisation's rules are asked.

    `of_kind` is what the artifact's kind says of it, by the kind's name; empty where that is nothing.
    """

    subject: Subject
    size: int
    of_kind: Mapping[str, JsonValue]
    signers: Sequence[SignerFacts]
    reasons: Sequence[Reason]
    policy: PolicyReference
    now: datetime
    ledger_scope: str | None = None
    ledger_before: str | None = None
    sboms: Sequence[Mapping[str, JsonValue]] = ()
    vulnerabilities: Mapping[str, JsonValue] | None = None


def evidence_document(facts: Facts) -> dict[str, JsonValue]:
    """The document of `facts`, as JSON values."""
    policy = write_policy(facts.policy)
    ledger: JsonValue = None
    if facts.ledger_scope is not None:
        ledger = {"scope": facts.ledger_scope, "before": facts.ledger_before}
    return {
        # Of another kind it has no bundle; what other kinds say of themselves stands under their names.
        "bundle": None,
        **facts.of_kind,
        "schema": SCHEMA,
        "artifact": {"index": None, **write_subject(facts.subject), "size": facts.size},
        "signers": [_signer(signer) for signer in facts.signers],
        "reasons": [_reason(reason) for reason in facts.reasons],
        "policy": {"id": policy["uri"], "digest": policy["digest"]},
        "time": format_rfc3339(facts.now),
        "ledger": ledger,
        "sboms": [{**each} for each in facts.sboms],
        "vulnerabilities": None if facts.vulnerabilities is None else {**facts.vulnerabilities},
    }


def _reason(reason: Reason) -> JsonValue:
    """Messages are for people, and change from release to release: no rule is to depend on them."""
    written = write_reason(reason)
    return {name: written[name] for name in ("code", "severity", "subject")}


def _signer(signer: SignerFacts) -> JsonValue:
    return {
        "name": signer.name,
        "kind": str(signer.kind),
        "fingerprint": signer.fingerprint,
        "algorithm": signer.algorithm,
        "signedTime": format_rfc3339(signer.signed_time) if signer.signed_time else None,
    }
