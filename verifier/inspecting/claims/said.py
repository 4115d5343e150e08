"""What a statement (in-toto) says, in the few words that people look for: a row for each type of predicate.

* a predicate that its own reader refuses is a fault of the document, beside its type and subjects
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from verifier.core.clock import format_rfc3339
from verifier.core.errors import Refused
from verifier.core.outcome import Reason
from verifier.core.uris import RELEASE, VERIFICATION_SUMMARY
from verifier.formats.intoto.provenance import PROVENANCE_TYPES, parse_provenance
from verifier.formats.intoto.release import parse_release
from verifier.formats.intoto.sbom import is_sbom
from verifier.formats.intoto.statement import Statement
from verifier.formats.intoto.vsa import parse_vsa
from verifier.inspecting.inspected import Fact, Stated, facts


def stated_with_faults(statement: Statement, *, subject: str) -> tuple[Stated, tuple[Reason, ...]]:
    """The statement, and why its predicate could not be read where that is so."""
    try:
        return _with(statement, _facts(statement, subject)), ()
    except Refused as refusal:
        return _with(statement, ()), refusal.reasons


def _with(statement: Statement, said: tuple[Fact, ...]) -> Stated:
    subjects = tuple((each.name, each.digests) for each in statement.subjects)
    return Stated(predicate_type=statement.predicate_type, subjects=subjects, facts=said)


def _facts(statement: Statement, subject: str) -> tuple[Fact, ...]:
    if is_sbom(statement.predicate_type):
        return _bom(statement)
    row = _ROWS.get(statement.predicate_type)
    return () if row is None else row(statement, subject)


def _provenance(statement: Statement, subject: str) -> tuple[Fact, ...]:
    said = parse_provenance(statement, subject=subject)
    source = said.source
    return facts(
        builder=said.builder_id,
        build_type=said.build_type,
        source=None if source is None else source.uri,
        ref=None if source is None else source.ref,
        commits=[] if source is None else [str(each) for each in source.digests],
        invocation=said.invocation_id,
        started=None if said.started_on is None else format_rfc3339(said.started_on),
        finished=None if said.finished_on is None else format_rfc3339(said.finished_on),
        dependencies=len(said.resolved_dependencies),
    )


def _summary(statement: Statement, subject: str) -> tuple[Fact, ...]:
    said = parse_vsa(statement, subject=subject)
    ours = said.extension
    return facts(
        verifier=said.verifier_id,
        result=said.verification_result,
        resource=said.resource_uri,
        policy=said.policy_uri,
        policy_digest=None if said.policy_digest is None else str(said.policy_digest),
        levels=list(said.verified_levels),
        time=None if said.time_verified is None else format_rfc3339(said.time_verified),
        artifact=None if ours is None else f"{ours.kind}:{ours.name}",
        version=None if ours is None else ours.version,
        expires=None if ours is None or ours.expires is None else format_rfc3339(ours.expires),
        reasons=None if ours is None else list(ours.reasons),
        ledger=None if ours is None or ours.ledger is None else f"{ours.ledger.scope} at {ours.ledger.position}",
    )


def _release(statement: Statement, subject: str) -> tuple[Fact, ...]:
    said = parse_release(statement, subject=subject)
    if said is None:
        return ()
    return facts(
        artifact=f"{said.kind}:{said.name}",
        version=said.version,
        issued=format_rfc3339(said.issued_at),
        expires=None if said.expires_at is None else format_rfc3339(said.expires_at),
    )


def _bom(statement: Statement) -> tuple[Fact, ...]:
    said = statement.predicate
    components = said.get("components") or said.get("packages")
    version = said.get("specVersion") or said.get("spdxVersion")
    return facts(
        format="SPDX" if "spdxVersion" in said else "CycloneDX",
        version=version if isinstance(version, str) else None,
        components=len(components) if isinstance(components, list) else None,
    )


_ROWS: Final[Mapping[str, Callable[[Statement, str], tuple[Fact, ...]]]] = MappingProxyType(
    {
        **dict.fromkeys(PROVENANCE_TYPES, _provenance),
        VERIFICATION_SUMMARY: _summary,
        RELEASE: _release,
    }
)
"""By predicate type."""
