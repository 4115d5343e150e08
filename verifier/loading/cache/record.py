"""What a cache remembers, as text: findings, and the last good one under each name. Format v2.

* a record's first line is the SHA-256 of the rest, which is one JSON object in canonical form, strictly read
* a record says which question, or which name, it belongs to: under another's name it is corrupt
* an unknown, missing or mistyped member, or a code that this release does not know, is `cache.corrupt`
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

from verifier.core.clock import format_rfc3339
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.severity import Severity
from verifier.core.value import Value, replace
from verifier.core.verdict import EvidenceItem, PolicyReference, Subject
from verifier.engine.finding import Finding
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.loading.find import Kept
from verifier.loading.question import Fallback, Question
from verifier.versions.candidate import Candidate
from verifier.versions.schemes import Scheme

T = TypeVar("T")

MAX_RECORD_BYTES: Final = 4 * 1024 * 1024
"""Bytes of one record: a finding has at most a few thousand reasons."""

_SCHEMA: Final = "verifier/cache/v2"
_MOST: Final = 65_536
"""Members of one list."""
_FALLBACKS: Final[Mapping[str, Fallback]] = {"deny": "deny", "full": "full"}


class Good(Value):
    """What was last accepted under a name, with the whole question, so that it can be asked again.

    `key` is the question's (`question_key`), `confirmed` when the ledger last said yes to it, None where it has said no
    since. `ledger` is that ledger's URL, `revision` that of the scope then: it is never lower again.
    """

    key: str
    question: Question
    digest: Digest
    confirmed: datetime | None
    ledger: str = ""
    revision: int = 0


def finding_record(key: str, kept: Kept) -> bytes:
    """The record of a finding."""
    found = kept.finding
    return _record(
        {
            "schema": _SCHEMA,
            "type": "finding",
            "key": key,
            "since": format_rfc3339(kept.since),
            "until": format_rfc3339(kept.until),
            "way": "in-full" if found.in_full else "by-verdict",
            "document": found.document and str(found.document),
            "saw": found.saw,
            "candidate": _candidate(found.candidate),
            "finding": _finding(found),
        }
    )


def read_finding(content: bytes, key: str, *, subject: str) -> Kept:
    """The finding that a record of this key holds; refuses with `cache.corrupt`."""
    return _guarded(lambda: _read_kept(_opened(content, "finding", subject), key), subject)


def good_record(good: Good) -> bytes:
    """The record of a last good one; its documents are named by their digests."""
    question = good.question
    return _record(
        {
            "schema": _SCHEMA,
            "type": "good",
            "key": good.key,
            "digest": str(good.digest),
            "confirmed": good.confirmed and format_rfc3339(good.confirmed),
            "ledger": good.ledger,
            "revision": good.revision,
            "kind": question.kind,
            "name": question.name,
            "resourceUri": question.resource_uri,
            "location": question.location,
            "levels": list(question.levels),
            "fallback": question.fallback,
            "verdict": question.verdict and _evidence(question.verdict),
            "attestations": [_evidence(each) for each in question.attestations],
        }
    )


def read_good(content: bytes, reference: str, blob: Callable[[Digest], bytes], *, subject: str) -> Good:
    """The last good one that a record of this name holds; refuses with `cache.corrupt`."""
    return _guarded(lambda: _read_good(_opened(content, "good", subject), reference, blob), subject)


def evidence_of(question: Question) -> tuple[bytes, ...]:
    """The contents of a question's documents, which a record only names."""
    given = (question.verdict, *question.attestations)
    return tuple(each.content for each in given if isinstance(each, Document))


def key_and_blobs(content: bytes, *, subject: str) -> tuple[str, frozenset[str]]:
    """The key of a last good one's record, and the SHA-256 digests, in hex, of the bytes that it names."""
    named: list[Digest] = []

    def note(digest: Digest) -> bytes:
        named.append(digest)
        return b""

    good = _guarded(lambda: _read_good(_opened(content, "good", subject), None, note), subject)
    return good.key, frozenset(digest.value for digest in (good.digest, *named))


def _record(members: dict[str, Any]) -> bytes:
    text = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    body = text.encode()  # raises UnicodeEncodeError for names that are no text
    return f"{Digest.of(body)}\n".encode() + body


def _opened(content: bytes, kind: str, subject: str) -> Fields:
    seal, _, body = content.partition(b"\n")
    if seal != str(Digest.of(body)).encode():
        raise refuse("cache.corrupt", subject, "the record is not what was written: its digest is another")
    fields = Fields.of(strict_json.loads(body, subject=subject), code="cache.corrupt", subject=subject)
    if fields.text("schema") != _SCHEMA or fields.text("type") != kind:
        raise fields.refusal("type", f"is not {kind!r} of {_SCHEMA}")
    return fields


def _guarded(read: Callable[[], T], subject: str) -> T:
    """What `read` returns; whatever is wrong with a record is corruption."""
    try:
        return read()
    except Refused as refusal:
        if refusal.reasons[0].code == "cache.corrupt":
            raise
        raise refuse("cache.corrupt", subject, refusal.reasons[0].message) from refusal
    except (ValueError, KeyError) as error:
        raise refuse("cache.corrupt", subject, f"the record cannot be read: {error}") from error


def _candidate(candidate: Candidate | None) -> dict[str, Any] | None:
    if candidate is None:
        return None
    return {
        "version": candidate.version,
        "scheme": candidate.scheme.value,
        "epoch": candidate.epoch,
        "signedTime": candidate.signed_time and format_rfc3339(candidate.signed_time),
    }


def _finding(found: Finding) -> dict[str, Any]:
    subject = found.subject
    return {
        "kind": subject.kind,
        "name": subject.name,
        "resourceUri": subject.resource_uri,
        "digest": subject.digest and str(subject.digest),
        "version": subject.version,
        "epoch": subject.epoch,
        "reasons": [_reason(each) for each in found.reasons],
        "policyUri": found.policy.uri,
        "policyDigest": str(found.policy.digest),
        "evidence": [
            {
                "kind": each.kind,
                "digest": str(each.digest),
                "signer": each.signer,
                "verified": "yes" if each.verified else "no",
                "time": each.time and format_rfc3339(each.time),
            }
            for each in found.evidence
        ],
        "levels": list(found.levels),
        "dependencyLevels": None if found.dependency_levels is None else dict(found.dependency_levels),
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "severity": reason.severity.value,
        "subject": reason.subject,
        "message": reason.message,
        "hint": reason.hint,
    }


def _evidence(piece: Document | Refused) -> dict[str, Any]:
    if isinstance(piece, Document):
        return {"name": piece.name, "digest": str(Digest.of(piece.content)), "refused": None}
    return {"name": None, "digest": None, "refused": [_reason(each) for each in piece.reasons]}


def _read_kept(fields: Fields, key: str) -> Kept:
    names = ("candidate", "document", "finding", "key", "saw", "schema", "since", "type", "until", "way")
    fields.known(*names, closed=True)
    if fields.text("key") != key:
        raise fields.refusal("key", "is another question's")
    found, document = _read_found(fields.object("finding")), fields.optional_text("document")
    found = replace(
        found,
        candidate=_read_candidate(fields.optional_object("candidate"), found.subject.digest),
        document=Digest.parse(document) if document else None,
        in_full={"in-full": True, "by-verdict": False}[fields.text("way")],
        saw=fields.optional_count("saw"),
    )
    return Kept(finding=found, since=fields.moment("since"), until=fields.moment("until"))


def _read_candidate(fields: Fields | None, digest: Digest | None) -> Candidate | None:
    if fields is None:
        return None
    fields.known("version", "scheme", "epoch", "signedTime", closed=True)
    if digest is None:
        raise fields.refusal("", "is of an artifact without a digest")
    return Candidate(
        version=fields.text("version"),
        scheme=Scheme(fields.text("scheme")),
        digest=digest,
        epoch=fields.optional_count("epoch"),
        signed_time=fields.optional_moment("signedTime"),
    )


def _read_found(fields: Fields) -> Finding:
    subject = ("kind", "name", "resourceUri", "digest", "version", "epoch")
    rest = ("reasons", "evidence", "levels", "dependencyLevels", "policyUri", "policyDigest")
    fields.known(*subject, *rest, closed=True)
    digest, levels = fields.optional_text("digest"), fields.optional_object("dependencyLevels")
    return Finding(
        subject=Subject(
            kind=fields.text("kind"),
            name=fields.text("name"),
            resource_uri=fields.go_text("resourceUri") or "",
            digest=Digest.parse(digest) if digest else None,
            version=fields.optional_text("version"),
            epoch=fields.optional_count("epoch"),
        ),
        reasons=tuple(_read_reason(each) for each in fields.objects("reasons", most=_MOST)),
        policy=PolicyReference(uri=fields.text("policyUri"), digest=Digest.parse(fields.text("policyDigest"))),
        evidence=tuple(_read_item(each) for each in fields.objects("evidence", most=_MOST)),
        levels=fields.texts("levels", most=_MOST),
        dependency_levels=None if levels is None else {name: levels.optional_count(name) or 0 for name in levels.value},
    )


def _read_reason(fields: Fields) -> Reason:
    fields.known("code", "severity", "subject", "message", "hint", closed=True)
    return Reason(
        code=fields.text("code"),
        severity=Severity(fields.text("severity")),
        subject=fields.go_text("subject") or "",
        message=fields.go_text("message") or "",
        hint=fields.go_text("hint") or "",
    )


def _read_item(fields: Fields) -> EvidenceItem:
    fields.known("kind", "digest", "signer", "verified", "time", closed=True)
    return EvidenceItem(
        kind=fields.text("kind"),
        digest=Digest.parse(fields.text("digest")),
        signer=fields.optional_text("signer"),
        verified={"yes": True, "no": False}[fields.text("verified")],
        time=fields.optional_moment("time"),
    )


def _read_good(fields: Fields, reference: str | None, blob: Callable[[Digest], bytes]) -> Good:
    asked = ("kind", "name", "resourceUri", "location", "levels", "fallback", "verdict", "attestations")
    fields.known("schema", "type", "key", "digest", "confirmed", "ledger", "revision", *asked, closed=True)
    verdict = fields.optional_object("verdict")
    question = Question(
        kind=fields.text("kind"),
        name=fields.text("name"),
        resource_uri=fields.go_text("resourceUri") or "",
        location=fields.go_text("location") or "",
        verdict=None if verdict is None else _read_evidence(verdict, blob),
        levels=fields.texts("levels", most=_MOST),
        fallback=_FALLBACKS[fields.text("fallback")],
        attestations=tuple(_read_evidence(each, blob) for each in fields.objects("attestations", most=_MOST)),
    )
    if reference is not None and question.reference != reference:
        raise fields.refusal("name", f"is that of {question.reference}, expected {reference}")
    return Good(
        key=fields.text("key"),
        question=question,
        digest=Digest.parse(fields.text("digest")),
        confirmed=fields.optional_moment("confirmed"),
        ledger=fields.go_text("ledger") or "",
        revision=fields.optional_count("revision") or 0,
    )


def _read_evidence(fields: Fields, blob: Callable[[Digest], bytes]) -> Document | Refused:
    fields.known("name", "digest", "refused", closed=True)
    digest = fields.optional_text("digest")
    if digest is None:
        return Refused(*(_read_reason(each) for each in fields.objects("refused", most=_MOST)))
    return Document(name=fields.text("name"), content=blob(Digest.parse(digest)))
