"""The evidence document: what organisation rules read as `input`. docs/evidence-document.md describes it.

* it holds what was established before the rules ran: nothing in it is a claim that nobody proved, but for
  `bundle.revision` and `bundle.metadata`, which are as true as the bundle's signature
* the same facts make the same document: lists keep the order of what they list, times are UTC
* fields are only ever added within one `schema`; what is absent is null or an empty list, never left out
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from verifier.core.clock import format_rfc3339
from verifier.core.outcome import Reason
from verifier.core.rego import ModuleAnalysis
from verifier.core.value import Value, field
from verifier.core.verdict import PolicyReference, Subject
from verifier.formats.json.strict_json import JsonValue

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


class FileFacts(Value):
    """A file of the bundle; `sha256` in hex, None where it was not computed."""

    path: str
    size: int
    sha256: str | None = None


class BundleFacts(Value):
    """What the manifest and the archive say, and what a compiler found in the modules."""

    revision: str | None
    roots: tuple[str, ...]
    rego_version: int | None
    metadata: Mapping[str, JsonValue] = field(default_factory=dict)
    files: tuple[FileFacts, ...] = ()
    modules: tuple[ModuleAnalysis, ...] = ()


class Facts(Value):
    """Everything that one verification has established before the organisation's rules are asked."""

    subject: Subject
    size: int
    bundle: BundleFacts | None
    signers: Sequence[SignerFacts]
    reasons: Sequence[Reason]
    policy: PolicyReference
    now: datetime
    ledger_scope: str | None = None
    ledger_before: str | None = None


def evidence_document(facts: Facts) -> dict[str, JsonValue]:
    """The document of `facts`, as JSON values."""
    ledger: JsonValue = None
    if facts.ledger_scope is not None:
        ledger = {"scope": facts.ledger_scope, "before": facts.ledger_before}
    return {
        "schema": SCHEMA,
        "artifact": _artifact(facts),
        "bundle": _bundle(facts.bundle) if facts.bundle else None,
        "signers": [_signer(signer) for signer in facts.signers],
        "reasons": [
            {"code": reason.code, "severity": reason.severity.value, "subject": reason.subject}
            for reason in facts.reasons
        ],
        "policy": {"id": facts.policy.uri, "digest": {facts.policy.digest.algorithm: facts.policy.digest.value}},
        "time": format_rfc3339(facts.now),
        "ledger": ledger,
    }


def _artifact(facts: Facts) -> dict[str, JsonValue]:
    subject = facts.subject
    return {
        "kind": subject.kind,
        "name": subject.name,
        "resourceUri": subject.resource_uri,
        "digest": {subject.digest.algorithm: subject.digest.value} if subject.digest else None,
        "version": subject.version,
        "epoch": subject.epoch,
        "size": facts.size,
    }


def _bundle(bundle: BundleFacts) -> dict[str, JsonValue]:
    return {
        "revision": bundle.revision,
        "roots": list(bundle.roots),
        "regoVersion": bundle.rego_version,
        "metadata": dict(bundle.metadata),
        "files": [{"path": file.path, "size": file.size, "sha256": file.sha256} for file in bundle.files],
        "modules": [_module(module) for module in bundle.modules],
    }


def _module(module: ModuleAnalysis) -> JsonValue:
    return {
        "path": module.path,
        "package": [*module.package] if module.package is not None else None,
        "builtins": [*sorted(module.builtins)],
        "analysed": not module.problem,
    }


def _signer(signer: SignerFacts) -> JsonValue:
    return {
        "name": signer.name,
        "kind": str(signer.kind),
        "fingerprint": signer.fingerprint,
        "algorithm": signer.algorithm,
        "signedTime": format_rfc3339(signer.signed_time) if signer.signed_time else None,
    }
