"""The parts of a verdict as JSON values, and back: each has one shape, wherever it stands.

* a report, a cache's record, a status, a problem and the input of an organisation's rules are made of these; whoever
  shows less takes members out, whoever shows more adds some
* what is written is read as the same value, hostile text included; whoever prints a text escapes it for the medium
* reading refuses, with the caller's code, an unknown, missing or mistyped member, and a reason code that this release
  does not know

This lies among the formats, on the lowest floor from which a document can be read: SLSA's summaries use it beside them.
"""

from __future__ import annotations

from typing import Any, Final

from verifier.core.clock import format_rfc3339
from verifier.core.digest import Digest
from verifier.core.limits import MAX_INPUTS
from verifier.core.outcome import MAX_REASON_TEXT, Reason
from verifier.core.severity import Severity
from verifier.core.verdict import EvidenceItem, Input, LedgerTrace, Part, PolicyReference, Subject
from verifier.formats.json.fields import Fields

MAX_ITEMS: Final = 65_536
"""Members of one list of a verdict: a finding has at most a few thousand reasons."""

_REASON: Final = ("code", "severity", "subject", "message", "hint", "threat")


def write_digest(digest: Digest) -> dict[str, str]:
    """An in-toto DigestSet with one member."""
    return {digest.algorithm: digest.value}


def read_digest(fields: Fields) -> Digest:
    """The one member of a DigestSet."""
    try:
        ((algorithm, value),) = fields.text_map(most=1)
        return Digest(algorithm=algorithm, value=value)
    except ValueError as error:
        raise fields.refusal("", f"is not one digest: {error}") from error


def write_subject(subject: Subject) -> dict[str, Any]:
    """What it is about; `index` is left out where there is none."""
    index = {} if subject.index is None else {"index": write_digest(subject.index)}
    return {
        "kind": subject.kind,
        "name": subject.name,
        "resourceUri": subject.resource_uri,
        "digest": subject.digest and write_digest(subject.digest),
        "version": subject.version,
        "epoch": subject.epoch,
        **index,
    }


def read_subject(fields: Fields) -> Subject:
    """What it is about."""
    index = fields.optional_object("index")
    fields.exactly("kind", "name", "resourceUri", "digest", "version", "epoch", *(() if index is None else ("index",)))
    digest = fields.optional_object("digest")
    return Subject(
        kind=fields.text("kind"),
        name=fields.string("name"),
        resource_uri=fields.string("resourceUri"),
        digest=None if digest is None else read_digest(digest),
        version=fields.optional_string("version"),
        epoch=fields.optional_count("epoch"),
        index=None if index is None else read_digest(index),
    )


def write_reason(reason: Reason) -> dict[str, str]:
    """One finding."""
    form = {
        "code": reason.code,
        "severity": reason.severity.value,
        "subject": reason.subject,
        "message": reason.message,
        "hint": reason.hint,
        "threat": reason.threat,
    }
    return {**form, "follows": reason.follows} if reason.follows else form


def read_reason(fields: Fields) -> Reason:
    """One finding. Its threat is the catalogue's, whatever stands there: a later release may know more of it."""
    fields.exactly(*_REASON, *(("follows",) if "follows" in fields.value else ()))
    for name in ("subject", "message"):
        # A reason would cut it, and so be another than was written.
        if len(fields.string(name)) > MAX_REASON_TEXT:
            raise fields.refusal(name, f"has more than {MAX_REASON_TEXT} characters")
    fields.string("threat")
    code, severity = fields.text("code"), fields.choice("severity", Severity)
    subject, message, hint = fields.string("subject"), fields.string("message"), fields.text("hint")
    try:
        return Reason(
            code=code,
            severity=severity,
            subject=subject,
            message=message,
            hint=hint,
            follows=fields.optional_string("follows") or "",
        )
    except KeyError:
        raise fields.refusal("code", f"is {code!r}, which this release does not know") from None


def write_evidence(item: EvidenceItem) -> dict[str, Any]:
    """One piece of evidence that was looked at."""
    return {
        "kind": item.kind,
        "digest": write_digest(item.digest),
        "signer": item.signer,
        "verified": item.verified,
        "time": item.time and format_rfc3339(item.time),
    }


def read_evidence(fields: Fields) -> EvidenceItem:
    """One piece of evidence that was looked at."""
    fields.exactly("kind", "digest", "signer", "verified", "time")
    return EvidenceItem(
        kind=fields.text("kind"),
        digest=read_digest(fields.object("digest")),
        signer=fields.optional_string("signer"),
        verified=fields.flag("verified"),
        time=fields.optional_moment("time"),
    )


def write_input(item: Input) -> dict[str, Any]:
    """One thing that was judged."""
    return {"kind": item.kind, "digest": write_digest(item.digest)}


def read_input(fields: Fields) -> Input:
    """One thing that was judged."""
    fields.exactly("kind", "digest")
    return Input(kind=fields.text("kind"), digest=read_digest(fields.object("digest")))


def read_inputs(fields: Fields) -> tuple[Input, ...]:
    """What was judged, under `inputs`: each once."""
    inputs = tuple(map(read_input, fields.objects("inputs", most=MAX_INPUTS)))
    if len(set(inputs)) != len(inputs):
        raise fields.refusal("inputs", "says one thing twice")
    return inputs


def write_part(part: Part) -> dict[str, Any]:
    """One of the things that the artifact stands for."""
    return {"name": part.name, "digest": write_digest(part.digest), "read": part.read}


def read_part(fields: Fields) -> Part:
    """One of the things that the artifact stands for."""
    fields.exactly("name", "digest", "read")
    return Part(name=fields.text("name"), digest=read_digest(fields.object("digest")), read=fields.text("read"))


def read_rule_digest(fields: Fields) -> Digest | None:
    """The digest of the effective rule, under `ruleDigest`: a SHA-256, or null where no rule applied."""
    given = fields.optional_object("ruleDigest")
    digest = None if given is None else read_digest(given)
    if digest is not None and digest.algorithm != "sha256":
        raise fields.refusal("ruleDigest", f"is a {digest.algorithm}, expected a sha256")
    return digest


def write_policy(policy: PolicyReference) -> dict[str, Any]:
    """The trust policy in force."""
    return {"uri": policy.uri, "digest": write_digest(policy.digest)}


def read_policy(fields: Fields) -> PolicyReference:
    """The trust policy in force."""
    fields.exactly("uri", "digest")
    return PolicyReference(uri=fields.string("uri"), digest=read_digest(fields.object("digest")))


def write_ledger(trace: LedgerTrace) -> dict[str, Any]:
    """Where the ledger stood."""
    return {
        "url": trace.url,
        "scope": trace.scope,
        "before": trace.before,
        "after": trace.after,
        "recorded": trace.recorded,
    }


def read_ledger(fields: Fields) -> LedgerTrace:
    """Where the ledger stood."""
    fields.exactly("url", "scope", "before", "after", "recorded")
    return LedgerTrace(
        url=fields.string("url"),
        scope=fields.string("scope"),
        before=fields.optional_string("before"),
        after=fields.optional_string("after"),
        recorded=fields.flag("recorded"),
    )
