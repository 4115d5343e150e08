"""What a cache remembers, as text: findings, and the last good one under each name. Format v5.

* a record's first line is the SHA-256 of the rest, which is one JSON object in canonical form, strictly read
* a record says which question, or which name, it belongs to: under another's name it is corrupt
* an unknown, missing or mistyped member, or a code that this release does not know, is `cache.corrupt`
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from verifier.core.clock import format_rfc3339, parse_rfc3339
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused, refuse
from verifier.core.value import Value, replace
from verifier.engine.finding import Finding
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.json.write import canonical
from verifier.formats.verdict.parts import (
    MAX_ITEMS,
    read_evidence,
    read_inputs,
    read_policy,
    read_reason,
    read_rule_digest,
    read_subject,
    write_digest,
    write_evidence,
    write_input,
    write_policy,
    write_reason,
    write_subject,
)
from verifier.loading.find import Kept
from verifier.loading.question import Fallback, Question
from verifier.versions.candidate import Candidate
from verifier.versions.schemes import Scheme

if TYPE_CHECKING:
    from verifier.sources.chain import Whereabouts

T = TypeVar("T")

MAX_RECORD_BYTES: Final = 4 * 1024 * 1024
"""Bytes of one record: a finding has at most a few thousand reasons."""

_SCHEMA: Final = "verifier/cache/v5"
_MAX_LINKS: Final = 2
"""Documents between a reference and a bundle: an index and a manifest."""
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
            "inFull": found.in_full,
            "document": found.document and str(found.document),
            "saw": found.saw,
            "moments": [format_rfc3339(each) for each in found.moments],
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
            "verdict": question.verdict and _document(question.verdict),
            "attestations": [_document(each) for each in question.attestations],
            "whereabouts": question.whereabouts and _whereabouts(question.whereabouts),
        }
    )


def read_good(content: bytes, reference: str, blob: Callable[[Digest], bytes], *, subject: str) -> Good:
    """The last good one that a record of this name holds; refuses with `cache.corrupt`."""
    return _guarded(lambda: _read_good(_opened(content, "good", subject), reference, blob), subject)


def evidence_of(question: Question) -> tuple[bytes, ...]:
    """The contents of a question's documents, which a record only names."""
    there = question.whereabouts
    given = (question.verdict, *question.attestations, *(there.beside if there is not None else ()))
    documents = there.chain.documents if there is not None else ()
    return (*(each.content for each in given if isinstance(each, Document)), *(each.content for each in documents))


def key_and_blobs(content: bytes, *, subject: str) -> tuple[str, frozenset[str]]:
    """The key of a last good one's record, and the SHA-256 digests, in hex, of the bytes that it names."""
    named: list[Digest] = []

    def note(digest: Digest) -> bytes:
        named.append(digest)
        return b""

    good = _guarded(lambda: _read_good(_opened(content, "good", subject), None, note), subject)
    return good.key, frozenset(digest.value for digest in (good.digest, *named))


def _record(members: dict[str, Any]) -> bytes:
    body = canonical(members, ascii_only=False).encode()  # raises UnicodeEncodeError for names that are no text
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
    return {
        "artifact": write_subject(found.subject),
        "reasons": [write_reason(each) for each in found.reasons],
        "evidence": [write_evidence(each) for each in found.evidence],
        "levels": list(found.levels),
        "dependencyLevels": None if found.dependency_levels is None else dict(found.dependency_levels),
        "policy": write_policy(found.policy),
        "ruleDigest": found.rule_digest and write_digest(found.rule_digest),
        "inputs": [write_input(each) for each in found.inputs],
    }


def _document(piece: Document | Refused) -> dict[str, Any]:
    if isinstance(piece, Document):
        return {"name": piece.name, "digest": str(Digest.of(piece.content)), "refused": None}
    return {"name": None, "digest": None, "refused": [write_reason(each) for each in piece.reasons]}


def _whereabouts(there: Whereabouts) -> dict[str, Any]:
    return {
        "repository": there.chain.repository,
        # Named by the SHA-256 of the bytes; by which digest they were asked for may be another.
        "documents": [
            {"mediaType": each.media_type, "digest": str(each.digest), "bytes": str(Digest.of(each.content))}
            for each in there.chain.documents
        ],
        "beside": [_document(each) for each in there.beside],
    }


def _read_kept(fields: Fields, key: str) -> Kept:
    found_how = ("inFull", "document", "saw", "moments", "candidate", "finding")
    fields.exactly("schema", "type", "key", "since", "until", *found_how)
    if fields.text("key") != key:
        raise fields.refusal("key", "is another question's")
    found = _read_found(fields.object("finding"))
    found = replace(
        found,
        candidate=_read_candidate(fields.optional_object("candidate"), found.subject.digest),
        document=fields.optional_digest("document"),
        in_full=fields.flag("inFull"),
        saw=fields.optional_count("saw"),
        moments=tuple(map(parse_rfc3339, fields.texts("moments", most=MAX_ITEMS))),
    )
    return Kept(finding=found, since=fields.moment("since"), until=fields.moment("until"))


def _read_candidate(fields: Fields | None, digest: Digest | None) -> Candidate | None:
    if fields is None:
        return None
    fields.exactly("version", "scheme", "epoch", "signedTime")
    if digest is None:
        raise fields.refusal("", "is of an artifact without a digest")
    return Candidate(
        version=fields.text("version"),
        scheme=fields.choice("scheme", Scheme),
        digest=digest,
        epoch=fields.optional_count("epoch"),
        signed_time=fields.optional_moment("signedTime"),
    )


def _read_found(fields: Fields) -> Finding:
    fields.exactly("artifact", "reasons", "evidence", "levels", "dependencyLevels", "policy", "ruleDigest", "inputs")
    levels = fields.optional_object("dependencyLevels")
    return Finding(
        subject=read_subject(fields.object("artifact")),
        reasons=tuple(map(read_reason, fields.objects("reasons", most=MAX_ITEMS))),
        policy=read_policy(fields.object("policy")),
        rule_digest=read_rule_digest(fields),
        inputs=read_inputs(fields),
        evidence=tuple(map(read_evidence, fields.objects("evidence", most=MAX_ITEMS))),
        levels=fields.texts("levels", most=MAX_ITEMS),
        dependency_levels=None if levels is None else {name: levels.count(name) for name in levels.value},
    )


def _read_good(fields: Fields, reference: str | None, blob: Callable[[Digest], bytes]) -> Good:
    asked = ("kind", "name", "resourceUri", "location", "levels", "fallback", "verdict", "attestations", "whereabouts")
    fields.exactly("schema", "type", "key", "digest", "confirmed", "ledger", "revision", *asked)
    verdict, there = fields.optional_object("verdict"), fields.optional_object("whereabouts")
    question = Question(
        kind=fields.text("kind"),
        name=fields.text("name"),
        resource_uri=fields.string("resourceUri"),
        location=fields.string("location"),
        verdict=None if verdict is None else _read_document(verdict, blob),
        levels=fields.texts("levels", most=MAX_ITEMS),
        fallback=_FALLBACKS[fields.text("fallback")],
        attestations=tuple(_read_document(each, blob) for each in fields.objects("attestations", most=MAX_ITEMS)),
        whereabouts=None if there is None else _read_whereabouts(there, blob),
    )
    if reference is not None and question.reference != reference:
        raise fields.refusal("name", f"is that of {question.reference}, expected {reference}")
    return Good(
        key=fields.text("key"),
        question=question,
        digest=fields.digest("digest"),
        confirmed=fields.optional_moment("confirmed"),
        ledger=fields.string("ledger"),
        revision=fields.count("revision"),
    )


def _read_whereabouts(fields: Fields, blob: Callable[[Digest], bytes]) -> Whereabouts:
    from verifier.sources.chain import Chain, Whereabouts  # noqa: PLC0415 - few are from a registry
    from verifier.sources.place import Resolved  # noqa: PLC0415 - as above

    fields.exactly("repository", "documents", "beside")
    documents = []
    for each in fields.objects("documents", most=_MAX_LINKS):
        each.exactly("mediaType", "digest", "bytes")
        media_type, digest = each.text("mediaType"), each.digest("digest")
        documents.append(Resolved(content=blob(each.digest("bytes")), media_type=media_type, digest=digest))
    return Whereabouts(
        chain=Chain(documents=tuple(documents), repository=fields.optional_text("repository")),
        beside=tuple(_read_document(each, blob) for each in fields.objects("beside", most=MAX_ITEMS)),
    )


def _read_document(fields: Fields, blob: Callable[[Digest], bytes]) -> Document | Refused:
    fields.exactly("name", "digest", "refused")
    digest = fields.optional_digest("digest")
    if digest is None:
        return Refused(*map(read_reason, fields.objects("refused", most=MAX_ITEMS)))
    return Document(name=fields.text("name"), content=blob(digest))
