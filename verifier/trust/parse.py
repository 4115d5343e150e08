"""The trust policy's text form, read strictly: TOML in, `TrustPolicy` out.

* every error is a `ConfigurationError` at FILE:LINE
* an unknown key, a dangling reference, a value of the wrong type or shape is an error
* a section of a rule that its kind does not know is an error
* every file that the policy names is read here, once, and covered by `trust_digest`

Pure: files are read by the callable that the caller passes. The reference is docs/trust-policy.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from verifier.core.digest import Digest
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.signers.signer import Signer
from verifier.core.signers.sigstore import PRODUCTION, SigstoreInstance
from verifier.formats.toml.document import open_document
from verifier.formats.toml.table import Table
from verifier.trust import vocabulary
from verifier.trust.kinds import KINDS, kind_in, kinds_with
from verifier.trust.model import ArtifactRule, TrustPolicy
from verifier.trust.names import CheckOrder, NamedFiles, Names, ReadFile
from verifier.trust.sections.table import KEYS, SECTIONS
from verifier.trust.tables import signers as signer_tables

if TYPE_CHECKING:
    from verifier.core.rego import RegoModule
    from verifier.trust.tables.builders import BuilderRule
    from verifier.trust.tables.verifiers import VerifierRule

MAX_POLICY_BYTES = 256 * 1024
"""Bytes of one policy; a thousand rules are a tenth of it."""

TOP_KEYS = frozenset({"version", "id", "signers", "artifacts", "builders", "verifiers", "limits", "sigstore"})


def parse_policy(
    source: bytes, *, where: str, read_file: ReadFile, base_dir: str = "", check_order: CheckOrder | None = None
) -> TrustPolicy:
    """The policy in `source`, which errors call `where`; raises `ConfigurationError`.

    `read_file` is asked for every file that the policy names. `check_order` is told "floor" or "max_jump",
    the scheme and the text, and raises `ValueError` where the scheme cannot use it; without it, only the text's
    shape is looked at.
    """
    top = open_document(source, where=where, known=TOP_KEYS, max_bytes=MAX_POLICY_BYTES)
    files = NamedFiles(read_file)
    signers = signer_tables.parse(top, files)
    builders = _builders(top, signers)
    known = frozenset(rule.name for rule in builders)
    artifacts, modules = _artifacts(top, Names(signers=signers, builders=known, files=files, check_order=check_order))
    sigstore = _sigstore(top, files)
    return TrustPolicy(
        id=top.required_text("id", vocabulary.check_uri),
        digest=Digest.of(source),
        trust_digest=files.digest_with(source),
        signers=MappingProxyType(signers),
        artifacts=artifacts,
        builders=builders,
        verifiers=_verifiers(top, signers),
        organisation=modules,
        limits=_limits(top),
        base_dir=base_dir,
        sigstore=sigstore,
    )


def _artifacts(top: Table, names: Names) -> tuple[tuple[ArtifactRule, ...], tuple[RegoModule, ...]]:
    """The rules, and each module that one of them names, once."""
    artifacts: list[ArtifactRule] = []
    modules: dict[str, RegoModule] = {}
    for pattern, table in top.named_tables("artifacts", KEYS):
        artifacts.append(_rule(pattern, table, names))
        modules.update((module.path, module) for module in _modules(artifacts[-1], table, names.files))
    return tuple(artifacts), tuple(modules.values())


def _rule(pattern: str, table: Table, names: Names) -> ArtifactRule:
    try:
        vocabulary.check_pattern(pattern)
    except ValueError as error:
        hint = 'Write it with its kind: [artifacts."bundle:authz"], [artifacts."image:app"].'
        raise table.source.error(table.path, f"an artifact pattern {error}", hint) from error
    given = [(row, key) for row in SECTIONS for key in row.keys if key in table.values]
    for row, key in given:
        kinds = kinds_with(row.name)
        if kind_in(pattern) not in kinds:
            raise table.error(key, f"is for {' and '.join(KINDS[kind].plural for kind in kinds)} only")
    present = {row.name for row, _ in given}
    rows = (row for row in SECTIONS if row.required or row.name in present)
    return ArtifactRule(pattern=pattern, sections=tuple(row.load().parse(table, names) for row in rows))


def _modules(rule: ArtifactRule, table: Table, files: NamedFiles) -> tuple[RegoModule, ...]:
    if rule.section("organisation") is None:
        return ()
    from verifier.trust.sections.organisation import OrganisationRule  # noqa: PLC0415 - few rules have any

    return tuple(OrganisationRule.of(rule).modules(table, files))


def _builders(top: Table, signers: Mapping[str, Signer]) -> tuple[BuilderRule, ...]:
    if "builders" not in top.values:
        return ()
    from verifier.trust.tables import builders  # noqa: PLC0415 - few policies have any

    return builders.parse(top, signers)


def _verifiers(top: Table, signers: Mapping[str, Signer]) -> tuple[VerifierRule, ...]:
    if "verifiers" not in top.values:
        return ()
    from verifier.trust.tables import verifiers  # noqa: PLC0415 - as above

    return verifiers.parse(top, signers)


def _sigstore(top: Table, files: NamedFiles) -> SigstoreInstance:
    if "sigstore" not in top.values:
        return PRODUCTION
    from verifier.trust.tables import sigstore  # noqa: PLC0415 - as above

    return sigstore.parse(top, files)


def _limits(top: Table) -> Limits:
    if "limits" not in top.values:
        return DEFAULT_LIMITS
    from verifier.trust.tables import limits  # noqa: PLC0415 - as above

    return limits.parse(top)
