"""The trust policy's text form, read strictly: TOML in, `TrustPolicy` out.

* every error is a `ConfigurationError` at FILE:LINE
* an unknown key, a dangling reference, a value of the wrong type or shape is an error
* limits are lowered freely and raised only beside `allow-raised-limits = true`
* every file that the policy names is read here, once, and covered by `trust_digest`

Pure: files are read by the callable that the caller passes. The reference is docs/trust-policy.md.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from types import MappingProxyType

from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.rego import RegoModule
from verifier.core.signer import Signer
from verifier.core.sigstore import PRODUCTION, STAGING, SigstoreInstance
from verifier.trust import vocabulary
from verifier.trust.demands import BuilderRule, VerifierRule
from verifier.trust.lines import line_index
from verifier.trust.model import ArtifactRule, TrustPolicy
from verifier.trust.named_files import NamedFiles, ReadFile
from verifier.trust.parse_artifact import ARTIFACT_KEYS, CheckOrder, Names, parse_artifact
from verifier.trust.parse_signer import SIGNER_KEYS, parse_signer
from verifier.trust.source import PolicySource, Section, nearest

MAX_POLICY_BYTES = 256 * 1024
"""Bytes of one policy; a thousand rules are a tenth of it."""
MAX_LINE = 2_048
"""Characters of one line: what a dotted key costs grows with the square of its parts."""

_FORMAT_VERSION = 1
_TOP_KEYS = frozenset({"version", "id", "signers", "artifacts", "builders", "verifiers", "limits", "sigstore"})
_RAISE = "allow-raised-limits"
_LIMITS = {field.name.replace("_", "-"): field.name for field in fields(Limits)}
_MAX_LIMIT = 2**50
"""Far above any machine, far below where arithmetic or a database would notice."""
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)\Z")


def parse_policy(
    source: bytes, *, where: str, read_file: ReadFile, base_dir: str = "", check_order: CheckOrder | None = None
) -> TrustPolicy:
    """The policy in `source`, which errors call `where`; raises `ConfigurationError`.

    `read_file` is asked for every file that the policy names. `check_order` is told "floor" or "max_jump",
    the scheme and the text, and raises `ValueError` where the scheme cannot use it; without it, only the text's
    shape is looked at.
    """
    top = _load(_decode(source, where), where)
    _require_format_version(top)
    files = NamedFiles(read_file)
    signers = _signers(top, files)
    builders = tuple(_builders(top, signers))
    names = Names(signers=signers, builders=frozenset(rule.name for rule in builders), check_order=check_order)
    artifacts: list[ArtifactRule] = []
    modules: dict[str, RegoModule] = {}
    for pattern, section in top.named_sections("artifacts", ARTIFACT_KEYS):
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


def _decode(source: bytes, where: str) -> str:
    if len(source) > MAX_POLICY_BYTES:
        raise ConfigurationError(f"a policy has at most {MAX_POLICY_BYTES} bytes, not {len(source)}", where=where)
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"not UTF-8: {error.reason}", where=f"{where}:{line}") from error
    for number, line_text in enumerate(text.split("\n"), start=1):
        if len(line_text) > MAX_LINE:
            message = f"a line has at most {MAX_LINE} characters, not {len(line_text)}"
            raise ConfigurationError(message, where=f"{where}:{number}")
    return text


def _load(text: str, where: str) -> Section:
    try:
        document = tomllib.loads(text)
        lines = line_index(text)  # only of text that has just been accepted
    except RecursionError as error:
        raise ConfigurationError("arrays and tables are nested too deeply", where=f"{where}:1") from error
    except ValueError as error:  # also what `int` raises for thousands of digits
        message = str(error)
        found = _AT_LINE.search(message)
        line = int(found[1]) if found else text.rstrip().count("\n") + 1
        hint = _hint(message, *text.split("\n")[line - 1 : line])
        raise ConfigurationError(
            f"not TOML: {_AT_LINE.sub('', message)}", where=f"{where}:{line}", hint=hint
        ) from error
    return Section.open(PolicySource(where=where, lines=lines), (), document, _TOP_KEYS)


def _hint(message: str, line: str = "") -> str:
    if line.lstrip().startswith("["):
        return 'names with a colon are written in quotes: [artifacts."bundle:authz"]'
    return 'texts are written in quotes: key = "keys/release.pub"' if message.startswith("Invalid value") else ""


def _require_format_version(top: Section) -> None:
    version = top.required("version")
    if type(version) is not int or version != _FORMAT_VERSION:
        raise top.error("version", f"must be {_FORMAT_VERSION}, the only format that this release reads")


def _signers(top: Section, files: NamedFiles) -> dict[str, Signer]:
    signers: dict[str, Signer] = {}
    owners: dict[str, str] = {}
    for name, section in top.named_sections("signers", SIGNER_KEYS):
        signer = parse_signer(name, section, files)
        owner = owners.setdefault(signer.kid, name)
        if owner != name:
            message = f"is {signer.kid!r}, to which the signer {owner!r} answers already"
            raise section.error("kid", message, "a kid selects one signer")
        signers[name] = signer
    return signers


def _builders(top: Section, signers: Mapping[str, Signer]) -> Iterator[BuilderRule]:
    for name, section in top.named_sections("builders", frozenset({"signer", "id", "level"})):
        yield BuilderRule(
            name=name,
            signer=_signer_name(section, signers),
            id=section.required_text("id", vocabulary.check_uri_glob),
            level=section.integer("level", low=1, high=vocabulary.MAX_BUILD_LEVEL),
        )


def _verifiers(top: Section, signers: Mapping[str, Signer]) -> Iterator[VerifierRule]:
    for name, section in top.named_sections("verifiers", frozenset({"signer", "id"})):
        signer = _signer_name(section, signers)
        yield VerifierRule(name=name, signer=signer, id=section.required_text("id", vocabulary.check_uri))


def _signer_name(section: Section, signers: Mapping[str, Signer]) -> str:
    name = section.text("signer")
    if name not in signers:
        raise section.error("signer", f"names {name!r}, which the policy does not have", nearest(name, signers))
    return name


def _modules(section: Section, rule: ArtifactRule, files: NamedFiles) -> Iterator[RegoModule]:
    for index, path in enumerate(rule.organisation):
        content = files.read(section, "organisation", path, index=index)
        try:
            yield RegoModule(path=path, source=content.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise section.error("organisation", f"names {path!r}, which is not UTF-8", index=index) from error


def _sigstore(top: Section, files: NamedFiles) -> SigstoreInstance:
    section = top.section("sigstore", frozenset({"trusted_root"}))
    if section is None:
        return PRODUCTION
    name = section.required_text("trusted_root", vocabulary.check_path)
    for instance in (PRODUCTION, STAGING):
        if name == instance.name:
            return instance
    return SigstoreInstance(name=name, document=files.read(section, "trusted_root", name))


def _limits(top: Section) -> Limits:
    section = top.section("limits", frozenset({*_LIMITS, _RAISE}))
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
