"""The trust policy's text form, read strictly: TOML in, `TrustPolicy` out.

* every error is a `ConfigurationError` at FILE:LINE
* an unknown key, a dangling reference, a value of the wrong type or shape is an error
* limits are lowered freely and raised only beside `allow-raised-limits = true`
* every file that the policy names is read here, once, and covered by `trust_digest`

Pure: files are read by the callable that the caller passes. The reference is docs/trust-policy.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from verifier.core.digest import Digest
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.rego import RegoModule
from verifier.core.signers.signer import Signer
from verifier.core.signers.sigstore import PRODUCTION, STAGING, SigstoreInstance
from verifier.core.value import field_names
from verifier.formats.toml.document import open_document
from verifier.formats.toml.table import Table, nearest
from verifier.trust import vocabulary
from verifier.trust.demands import BuilderRule, VerifierRule
from verifier.trust.model import ArtifactRule, TrustPolicy
from verifier.trust.named_files import NamedFiles, ReadFile
from verifier.trust.parse_artifact import ARTIFACT_KEYS, CheckOrder, Names, parse_artifact
from verifier.trust.parse_signer import SIGNER_KEYS, parse_signer

MAX_POLICY_BYTES = 256 * 1024
"""Bytes of one policy; a thousand rules are a tenth of it."""

_TOP_KEYS = frozenset({"version", "id", "signers", "artifacts", "builders", "verifiers", "limits", "sigstore"})
_RAISE = "allow-raised-limits"
_LIMITS = {name.replace("_", "-"): name for name in field_names(Limits)}
_MAX_LIMIT = 2**50
"""Far above any machine, far below where arithmetic or a database would notice."""


def parse_policy(
    source: bytes, *, where: str, read_file: ReadFile, base_dir: str = "", check_order: CheckOrder | None = None
) -> TrustPolicy:
    """The policy in `source`, which errors call `where`; raises `ConfigurationError`.

    `read_file` is asked for every file that the policy names. `check_order` is told "floor" or "max_jump",
    the scheme and the text, and raises `ValueError` where the scheme cannot use it; without it, only the text's
    shape is looked at.
    """
    top = open_document(source, where=where, known=_TOP_KEYS, max_bytes=MAX_POLICY_BYTES)
    files = NamedFiles(read_file)
    signers = _signers(top, files)
    builders = tuple(_builders(top, signers))
    names = Names(signers=signers, builders=frozenset(rule.name for rule in builders), check_order=check_order)
    artifacts: list[ArtifactRule] = []
    modules: dict[str, RegoModule] = {}
    for pattern, section in top.named_tables("artifacts", ARTIFACT_KEYS):
        artifacts.append(parse_artifact(pattern, section, names))
        modules.update((module.path, module) for module in _modules(section, artifacts[-1], files))
    sigstore = _sigstore(top, files)
    return TrustPolicy(
        id=top.required_text("id", vocabulary.check_uri),
        digest=Digest.of(source),
        trust_digest=files.digest_with(source),
        signers=MappingProxyType(signers),
        artifacts=tuple(artifacts),
        builders=builders,
        verifiers=tuple(_verifiers(top, signers)),
        organisation=tuple(modules.values()),
        limits=_limits(top),
        base_dir=base_dir,
        sigstore=sigstore,
    )


def _signers(top: Table, files: NamedFiles) -> dict[str, Signer]:
    signers: dict[str, Signer] = {}
    owners: dict[str, str] = {}
    for name, section in top.named_tables("signers", SIGNER_KEYS):
        signer = parse_signer(name, section, files)
        owner = owners.setdefault(signer.kid, name)
        if owner != name:
            message = f"is {signer.kid!r}, to which the signer {owner!r} answers already"
            raise section.error("kid", message, "a kid selects one signer")
        signers[name] = signer
    return signers


def _builders(top: Table, signers: Mapping[str, Signer]) -> Iterator[BuilderRule]:
    for name, section in top.named_tables("builders", frozenset({"signer", "id", "level"})):
        yield BuilderRule(
            name=name,
            signer=_signer_name(section, signers),
            id=section.required_text("id", vocabulary.check_uri_glob),
            level=section.integer("level", low=1, high=vocabulary.MAX_BUILD_LEVEL),
        )


def _verifiers(top: Table, signers: Mapping[str, Signer]) -> Iterator[VerifierRule]:
    for name, section in top.named_tables("verifiers", frozenset({"signer", "id"})):
        signer = _signer_name(section, signers)
        yield VerifierRule(name=name, signer=signer, id=section.required_text("id", vocabulary.check_uri))


def _signer_name(section: Table, signers: Mapping[str, Signer]) -> str:
    name = section.text("signer")
    if name not in signers:
        raise section.error("signer", f"names {name!r}, which the policy does not have", nearest(name, signers))
    return name


def _modules(section: Table, rule: ArtifactRule, files: NamedFiles) -> Iterator[RegoModule]:
    for index, path in enumerate(rule.organisation):
        content = files.read(section, "organisation", path, index=index)
        try:
            yield RegoModule(path=path, source=content.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise section.error("organisation", f"names {path!r}, which is not UTF-8", index=index) from error


def _sigstore(top: Table, files: NamedFiles) -> SigstoreInstance:
    section = top.table("sigstore", frozenset({"trusted_root"}))
    if section is None:
        return PRODUCTION
    name = section.required_text("trusted_root", vocabulary.check_path)
    for instance in (PRODUCTION, STAGING):
        if name == instance.name:
            return instance
    return SigstoreInstance(name=name, document=files.read(section, "trusted_root", name))


def _limits(top: Table) -> Limits:
    section = top.table("limits", frozenset({*_LIMITS, _RAISE}))
    if section is None:
        return DEFAULT_LIMITS
    bounds = {
        name: section.integer(key, low=1, high=_MAX_LIMIT, default=getattr(DEFAULT_LIMITS, name))
        for key, name in _LIMITS.items()
    }
    may_raise = section.flag(_RAISE, default=False)
    for key, name in _LIMITS.items():
        default = getattr(DEFAULT_LIMITS, name)
        if bounds[name] <= default:
            continue
        if name == "json_depth":  # bounded by the parsers' stacks
            raise section.error(key, f"is {bounds[name]} and can only be lowered from {default}")
        if not may_raise:
            hint = f"lower it, or write {_RAISE} = true in this table"
            raise section.error(key, f"is {bounds[name]}, above its default of {default}", hint)
    return Limits(**bounds)
