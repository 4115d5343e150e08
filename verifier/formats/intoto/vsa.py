"""SLSA verification summaries (https://slsa.dev/spec/v1.2/verification_summary), our verdicts among them.

* what SLSA requires is required, what it makes optional may be absent: a `timeVerified` that is absent is None
* at most one level per SLSA track, and of the specification's tracks only the levels that it has (`LEVELS`); verified
  properties and levels of others' own are kept as they are, and are met by nothing but themselves
* unrecognised fields are ignored, as SLSA demands; duplicate and case-variant keys are refused
* ours adds one field, named by `VERDICT_EXTENSION`; inside it an unknown field is refused
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from verifier.core.clock import format_rfc3339
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError
from verifier.core.limits import MAX_INPUTS
from verifier.core.uris import STATEMENT_V1, VERDICT_EXTENSION, VERIFICATION_SUMMARY, VERIFIER_ID
from verifier.core.value import Value, field
from verifier.core.verdict import Verdict
from verifier.formats.intoto.statement import ResourceDescriptor, Statement, parse_descriptor, parse_digest_set
from verifier.formats.json.fields import Fields
from verifier.formats.verdict.parts import read_digest, read_rule_digest, write_digest, write_policy, write_subject

MAX_LEVELS: Final = 256
MAX_REASONS: Final = 4_096
_KNOWN: Final = (
    "verifier",
    "timeVerified",
    "resourceUri",
    "policy",
    "inputAttestations",
    "verificationResult",
    "verifiedLevels",
    "dependencyLevels",
    "slsaVersion",
    VERDICT_EXTENSION,
)
LEVELS: Final = {
    **{f"SLSA_BUILD_LEVEL_{number}": ("BUILD", number) for number in range(4)},
    **{f"SLSA_SOURCE_LEVEL_{number}": ("SOURCE", number) for number in range(5)},
    "SLSA_BUILD_LEVEL_UNEVALUATED": ("BUILD", None),
    "SLSA_SOURCE_LEVEL_UNEVALUATED": ("SOURCE", None),
}
"""The levels of SLSA 1.2's tracks (https://slsa.dev/spec/v1.2/build-track-basics, source-requirements)."""
_TRACK: Final = r"(?i)SLSA[_-](.+?)[_-]LEVEL"
_TRACKS: Final = frozenset(track for track, _ in LEVELS.values())
_COUNT: Final = r"[0-9]{1,19}\Z"


class LedgerPosition(Value):
    """Where the verifier's ledger stood: `position` is `epoch:version`, None for a scope never seen."""

    scope: str
    position: str | None = None


class VerdictExtension(Value):
    """What our verdicts say beyond SLSA. `index` is what an image was chosen from, by which ledgers know it."""

    kind: str
    name: str
    version: str | None = None
    epoch: int | None = None
    expires: datetime | None = None
    reasons: tuple[str, ...] = ()
    ledger: LedgerPosition | None = None
    correlation_id: str | None = None
    rule_digest: Digest | None = None
    index: Digest | None = None


class VerificationSummary(Value):
    """What a verifier concluded. `dependency_levels` is None where nothing is claimed, empty for no dependencies."""

    verifier_id: str
    verifier_version: Mapping[str, str] = field(default_factory=dict)
    time_verified: datetime | None = None
    resource_uri: str
    policy_uri: str
    policy_digest: Digest | None = None
    input_attestations: tuple[ResourceDescriptor, ...] = ()
    verification_result: Literal["PASSED", "FAILED"]
    verified_levels: tuple[str, ...]
    dependency_levels: Mapping[str, int] | None = None
    slsa_version: str | None = None
    extension: VerdictExtension | None = None


def track_level(level: str) -> tuple[str, int | None] | None:
    """The SLSA track and level that `level` names, the level None where unevaluated; None for anything else."""
    return LEVELS.get(level)


def parse_vsa(statement: Statement, *, subject: str = "verdict") -> VerificationSummary:
    """Read the statement's predicate as a verification summary; refuses with `verdict.malformed`."""
    fields = Fields(value=statement.predicate, code="verdict.malformed", subject=subject, path="predicate")
    if statement.predicate_type != VERIFICATION_SUMMARY:
        raise fields.refusal("", f"has type {statement.predicate_type!r}, expected {VERIFICATION_SUMMARY!r}")
    fields.known(*_KNOWN)
    verifier = fields.object("verifier").known("id", "version")
    version = verifier.optional_object("version")
    policy = fields.object("policy").known("uri", "digest")
    return VerificationSummary(
        verifier_id=verifier.text("id"),
        verifier_version=dict(version.text_map(most=MAX_LEVELS)) if version else {},
        time_verified=fields.optional_moment("timeVerified"),
        resource_uri=fields.text("resourceUri"),
        policy_uri=policy.text("uri"),
        policy_digest=_policy_digest(policy),
        input_attestations=_inputs(fields),
        verification_result=_result(fields),
        verified_levels=_levels(fields),
        dependency_levels=_dependency_levels(fields),
        slsa_version=fields.optional_text("slsaVersion"),
        extension=_extension(fields),
    )


def _result(fields: Fields) -> Literal["PASSED", "FAILED"]:
    match fields.text("verificationResult"):
        case "PASSED":
            return "PASSED"
        case "FAILED":
            return "FAILED"
        case other:
            raise fields.refusal("verificationResult", f"is {other!r}, expected 'PASSED' or 'FAILED'")


def _policy_digest(policy: Fields) -> Digest | None:
    """The policy's SHA-256 where it has one, else whatever digest it has."""
    digest_set = policy.optional_object("digest")
    digests = parse_digest_set(digest_set) if digest_set else ()
    return min(digests, key=lambda digest: digest.algorithm != "sha256", default=None)


def _inputs(fields: Fields) -> tuple[ResourceDescriptor, ...]:
    items = fields.objects("inputAttestations", most=MAX_INPUTS, required=False)
    return tuple(parse_descriptor(item, "uri") for item in items)


def _levels(fields: Fields) -> tuple[str, ...]:
    levels = fields.texts("verifiedLevels", most=MAX_LEVELS)
    tracks = [track for track in (_track(level, fields, "verifiedLevels") for level in levels) if track is not None]
    if len(set(tracks)) != len(tracks):
        raise fields.refusal("verifiedLevels", f"has several levels of one track: {', '.join(levels)}")
    return levels


def _track(level: str, fields: Fields, name: str) -> str | None:
    """The SLSA track of a level, None for a property; refuses a level that a track of the specification has not."""
    match = re.match(_TRACK, level.strip())
    track = match[1].upper() if match is not None else None
    if track in _TRACKS and level not in LEVELS:
        raise fields.refusal(name, f"has {level!r:.100}, which is no level of SLSA's track {track}")
    return track


def _dependency_levels(fields: Fields) -> dict[str, int] | None:
    counts = fields.optional_object("dependencyLevels")
    if counts is None:
        return None
    if len(counts.value) > MAX_LEVELS:
        raise fields.refusal("dependencyLevels", f"has {len(counts.value)} members, expected at most {MAX_LEVELS}")
    for level in counts.value:
        _track(level, fields, "dependencyLevels")
    return {level: _count(counts, level) for level in counts.value}


def _count(counts: Fields, level: str) -> int:
    # Protocol Buffers' JSON mapping writes a uint64 as a string.
    value = counts.value[level]
    if isinstance(value, str) and re.match(_COUNT, value):
        return int(value)
    count = counts.optional_count(level)
    if count is None:
        raise counts.refusal(level, "is missing, expected a count")
    return count


def _extension(fields: Fields) -> VerdictExtension | None:
    extension = fields.optional_object(VERDICT_EXTENSION)
    if extension is None:
        return None
    extension.known("artifact", "expires", "reasons", "ledger", "correlationId", "ruleDigest", closed=True)
    artifact = extension.object("artifact").known("kind", "name", "version", "epoch", "index", closed=True)
    index = artifact.optional_object("index")
    ledger = extension.optional_object("ledger")
    return VerdictExtension(
        kind=artifact.text("kind"),
        name=artifact.text("name"),
        version=artifact.optional_text("version"),
        epoch=artifact.optional_count("epoch"),
        expires=extension.optional_moment("expires"),
        reasons=extension.texts("reasons", most=MAX_REASONS, required=False),
        ledger=_position(ledger) if ledger else None,
        correlation_id=extension.optional_text("correlationId"),
        rule_digest=read_rule_digest(extension),
        index=None if index is None else read_digest(index),
    )


def _position(ledger: Fields) -> LedgerPosition:
    ledger.known("scope", "position", closed=True)
    return LedgerPosition(scope=ledger.text("scope"), position=ledger.optional_text("position"))


def build_vsa(
    verdict: Verdict,
    *,
    expires: datetime | None = None,
    input_attestations: Sequence[ResourceDescriptor] | None = None,
) -> dict[str, Any]:
    """The statement that says `verdict`, ready to be serialised.

    `input_attestations` defaults to the verdict's inputs: SLSA wants all or none.
    """
    subject = verdict.subject
    if subject.digest is None:
        raise ConfigurationError("the artifact could not be read, so there is nothing that a verdict could be about")
    inputs = _inputs_of(verdict) if input_attestations is None else input_attestations
    return {
        "_type": STATEMENT_V1,
        "subject": [{"name": subject.name, "digest": write_digest(subject.digest)}],
        "predicateType": VERIFICATION_SUMMARY,
        "predicate": {
            "verifier": {"id": verdict.verifier_id or VERIFIER_ID, "version": dict(verdict.verifier_version)},
            "timeVerified": format_rfc3339(verdict.time_verified),
            "resourceUri": subject.resource_uri,
            "policy": write_policy(verdict.policy),
            "inputAttestations": [_descriptor(each) for each in inputs],
            "verificationResult": verdict.decision.value,
            "verifiedLevels": list(verdict.levels) if verdict.passed else ["FAILED"],
            **({} if verdict.dependency_levels is None else {"dependencyLevels": dict(verdict.dependency_levels)}),
            "slsaVersion": "1.2",
            VERDICT_EXTENSION: _build_extension(verdict, expires),
        },
    }


def _build_extension(verdict: Verdict, expires: datetime | None) -> dict[str, Any]:
    artifact = write_subject(verdict.subject)
    extension = {
        # SLSA's own fields say the rest of it.
        "artifact": _present({name: artifact.get(name) for name in ("kind", "name", "version", "epoch", "index")}),
        "expires": format_rfc3339(expires) if expires is not None else None,
        "reasons": list(dict.fromkeys(reason.code for reason in verdict.reasons)),
        "ledger": _present({"scope": verdict.ledger.scope, "position": verdict.ledger.after})
        if verdict.ledger is not None
        else None,
        "correlationId": verdict.correlation_id,
        "ruleDigest": verdict.rule_digest and write_digest(verdict.rule_digest),
    }
    return _present(extension)


def _inputs_of(verdict: Verdict) -> list[ResourceDescriptor]:
    return [ResourceDescriptor(digests=(digest,)) for digest in dict.fromkeys(each.digest for each in verdict.inputs)]


def _descriptor(each: ResourceDescriptor) -> dict[str, Any]:
    digests = {digest.algorithm: digest.value for digest in each.digests}
    return _present({"uri": each.name or None, "digest": digests or None})


def _present(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if item is not None}
