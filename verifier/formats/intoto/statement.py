"""in-toto statements, v1 and v0.1 (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md).

* at least one subject and at most `MAX_SUBJECTS`, each with one to `MAX_DIGESTS` digests, none listed twice
* an artifact matches a subject that has its digest, and none of its digests with another value
* unknown fields are ignored, as the specification demands; duplicate and case-variant keys are refused
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from verifier.core.digest import Digest
from verifier.core.limits import MAX_DIGESTS, MAX_JSON_DEPTH, MAX_SUBJECTS
from verifier.core.uris import STATEMENT_V0_1, STATEMENT_V1
from verifier.core.value import Value, field
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.json.strict_json import JsonValue

if TYPE_CHECKING:
    from verifier.core.budget import Budget


class ResourceDescriptor(Value):
    """What a statement is about, or what went into it: a name ("" where there is none) and its digests."""

    name: str = ""
    digests: tuple[Digest, ...] = ()


class Statement(Value):
    """A claim of type `predicate_type` about `subjects`."""

    subjects: tuple[ResourceDescriptor, ...]
    predicate_type: str
    predicate: Mapping[str, JsonValue] = field(repr=False)


def parse_statement(payload: bytes, *, subject: str, budget: Budget | None = None) -> Statement:
    """Read a statement; `subject` is the name that refusals give the document."""
    value = strict_json.loads(payload, subject=subject, max_depth=MAX_JSON_DEPTH, budget=budget)
    fields = Fields.of(value, code="attestation.invalid", subject=subject)
    fields.known("_type", "subject", "predicateType", "predicate")
    kind = fields.text("_type")
    if kind not in (STATEMENT_V1, STATEMENT_V0_1):
        raise fields.refusal("_type", f"is {kind!r}, expected {STATEMENT_V1!r} or {STATEMENT_V0_1!r}")
    subjects = tuple(parse_descriptor(item, "name") for item in fields.objects("subject", most=MAX_SUBJECTS))
    if not subjects:
        raise fields.refusal("subject", "is empty, expected at least one subject")
    if any(not each.digests for each in subjects):
        raise fields.refusal("subject", "has a member without a digest")
    if len({(each.name, frozenset(each.digests)) for each in subjects}) != len(subjects):
        raise fields.refusal("subject", "lists one subject twice")
    predicate = fields.optional_object("predicate")
    return Statement(
        subjects=subjects,
        predicate_type=fields.text("predicateType"),
        predicate=predicate.value if predicate else {},
    )


def parse_descriptor(fields: Fields, name: str) -> ResourceDescriptor:
    """Read a resource descriptor that goes by its field `name` ("name", "uri")."""
    fields.known("name", "uri", "digest", "content", "downloadLocation", "mediaType", "annotations")
    digest_set = fields.optional_object("digest")
    digests = parse_digest_set(digest_set) if digest_set else ()
    return ResourceDescriptor(name=fields.optional_text(name) or "", digests=digests)


def parse_digest_set(fields: Fields) -> tuple[Digest, ...]:
    """Read a DigestSet."""
    try:
        return tuple(Digest(algorithm=key, value=value) for key, value in fields.text_map(most=MAX_DIGESTS))
    except ValueError as error:
        raise fields.refusal("", f"is not a set of digests: {error}") from error


def matching_subject(statement: Statement, *digests: Digest) -> ResourceDescriptor | None:
    """The first subject that an artifact with these digests is, or None.

    in-toto: at least one digest in common, and no algorithm in both with different values.
    """
    own = {digest.algorithm: digest.value for digest in digests}
    for each in statement.subjects:
        common = [digest for digest in each.digests if digest.algorithm in own]
        if common and all(own[digest.algorithm] == digest.value for digest in common):
            return each
    return None
