"""in-toto statements, v1 and v0.1 (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md).

* at least one subject and at most `MAX_SUBJECTS`, each with one to `MAX_DIGESTS` digests, none listed twice
* an artifact matches a subject that has its digest, and no digest that the artifact can be seen not to have; one that
  has both contradicts itself
* unknown fields are ignored, as the specification demands; duplicate and case-variant keys are refused
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from verifier.core.digest import Digest, Digests
from verifier.core.limits import MAX_DIGESTS, MAX_JSON_DEPTH, MAX_SUBJECTS
from verifier.core.uris import STATEMENT_V0_1, STATEMENT_V1
from verifier.core.value import Value, field, replace
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.json.strict_json import JsonValue

if TYPE_CHECKING:
    from verifier.core.costs.budget import Budget

_READ_HERE: Final = (
    *("slsa.dev/verification_summary", "slsa.dev/provenance", "in_toto.io/provenance", "in_toto.io/attestation/vsa"),
    *("policy_verifier.dev/attestations", "policy_verifier.dev/verdict", "sigstore.dev/cosign/sign"),
)
"""Families of predicate types that mean something here, folded as `resembles_what_is_read` does."""


MAX_ANNOTATIONS: Final = 256
"""Of one subject: cosign's claims are a few."""


class ResourceDescriptor(Value):
    """What a statement is about, or what went into it: a name ("" where there is none) and its digests.

    `annotations` are texts that a statement says of a subject; what is no text is left out.
    """

    name: str = ""
    digests: tuple[Digest, ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()


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
    subjects = tuple(_subject(item) for item in fields.objects("subject", most=MAX_SUBJECTS))
    if not subjects:
        raise fields.refusal("subject", "is empty, expected at least one subject")
    if any(not each.digests for each in subjects):
        raise fields.refusal("subject", "has a member without a digest")
    if len({(each.name, frozenset(each.digests)) for each in subjects}) != len(subjects):
        raise fields.refusal("subject", "lists one subject twice")
    predicate_type = fields.text("predicateType")
    return Statement(subjects=subjects, predicate_type=predicate_type, predicate=_predicate(fields, predicate_type))


def _predicate(fields: Fields, predicate_type: str) -> Mapping[str, JsonValue]:
    """The predicate. Some tools write a text where the specification has an object (cosign's SBOMs in SPDX's own
    format): of a type that means nothing here, it means nothing either."""
    value = fields.value.get("predicate")
    if value is None or (isinstance(value, str) and not resembles_what_is_read(predicate_type)):
        return {}
    return fields.object("predicate").value


def _subject(fields: Fields) -> ResourceDescriptor:
    described = parse_descriptor(fields, "name")
    noted = fields.optional_object("annotations")
    if noted is None or not noted.value:
        return described
    if len(noted.value) > MAX_ANNOTATIONS:
        raise noted.refusal("", f"has {len(noted.value)} members, expected at most {MAX_ANNOTATIONS}")
    texts = sorted((name, said) for name, said in noted.value.items() if isinstance(said, str))
    return replace(described, annotations=tuple(texts))


def resembles_what_is_read(predicate_type: str) -> bool:
    """Whether a type that is not read here is another version or spelling of one that is: it may say the same."""
    from urllib.parse import unquote  # noqa: PLC0415 - few statements are of a type that is not known

    folded = unquote(predicate_type).strip().lower().replace("-", "_")
    _, scheme, rest = folded.partition("://")
    place = (rest if scheme else folded).removeprefix("www.").lstrip("/")
    return place.startswith(_READ_HERE)


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


def matching_subject(statement: Statement, called: Digests) -> ResourceDescriptor | None:
    """The first subject that an artifact which is `called` so is, or None.

    in-toto: at least one digest in common, and no algorithm in both with different values.
    """
    found = (each for each in statement.subjects if called.match(each.digests))
    return next((each for each in found if called.contradicted(each.digests) is None), None)


def contradicting_digest(statement: Statement, called: Digests) -> Digest | None:
    """A digest that an artifact does not have, of a subject that has one that it has; None where there is none.

    Whether such a statement is about the artifact nobody can say.
    """
    found = (called.contradicted(each.digests) for each in statement.subjects if called.match(each.digests))
    return next((each for each in found if each is not None), None)
