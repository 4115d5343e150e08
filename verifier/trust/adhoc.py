"""A trust policy from command-line flags, for who has no file yet.

* it is as strict as a file would be: no key, no policy
* its digest is that of what the flags say, whatever the files are called and in whichever order they stand
* without a version source and scheme nothing is ordered, as `version = "none"` would have it
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError
from verifier.core.limits import DEFAULT_LIMITS
from verifier.core.reading import ReadingMode
from verifier.core.signers.signer import Signer, distinct_keys
from verifier.core.signers.sigstore import PRODUCTION, SigstoreInstance
from verifier.core.uris import AD_HOC_POLICY
from verifier.core.value import Value, field
from verifier.formats.json.write import canonical
from verifier.formats.keys.public_key import read_public_key
from verifier.trust import vocabulary
from verifier.trust.kinds import KINDS, kinds_with
from verifier.trust.model import ArtifactRule, RuleSection, TrustPolicy
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.version import (
    EACH_NAME,
    PROVENANCE_REF,
    VersionOrder,
    VersionRule,
    VersionUnchecked,
    version_from,
)

if TYPE_CHECKING:
    from verifier.core.signers.keyless import KeylessIdentity
    from verifier.trust.sections.provenance import ProvenanceRule
    from verifier.trust.tables.builders import BuilderRule
    from verifier.trust.tables.verifiers import VerifierRule


class AdHocFlags(Value):
    """What the flags say. `keys` are the names and bytes of files: public keys, or HMAC secrets where `algorithm` is
    an HMAC; `verifier_ids` are whose verdicts these signers may sign. With `builder_id` (a glob), provenance by that
    builder is demanded, and believed up to `build_level`. `attestations` are predicate types that count as a
    signature. `sbom` asks for a bill of materials that is true, `advisories` that nothing in it has a known
    vulnerability. `named` says that the artifact's name is given, and not its file's."""

    keys: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    keyless: KeylessIdentity | None = None
    algorithm: str | None = None
    threshold: int = 1
    scope: str | None = None
    version_from: str | None = None
    version_scheme: str | None = None
    version_prefix: str | None = None
    freshness: timedelta | None = None
    sbom: bool = False
    advisories: bool = False
    verifier_ids: tuple[str, ...] = ()
    sigstore: SigstoreInstance = PRODUCTION
    builder_id: str | None = None
    build_level: int = 1
    source_uri: str | None = None
    source_ref: str | None = None
    ignore_parameters: tuple[str, ...] = ()
    attestations: tuple[str, ...] = ()
    named: bool = False
    mode: ReadingMode = ReadingMode.STRICT


def policy_from_flags(flags: AdHocFlags) -> TrustPolicy:
    """The policy that the flags describe, for every artifact; raises `ConfigurationError` naming the flag."""
    _check_words(flags)
    signers = _signers(flags)
    keys = distinct_keys(signers.values())
    if not 1 <= flags.threshold <= keys:
        hint = "Give --key once for each of the signers that are needed."
        raise ConfigurationError(f"must be from 1 to {keys}, the distinct keys given", where="--threshold", hint=hint)
    order = _order(flags)
    signatures = SignatureRule(
        threshold=flags.threshold, from_=tuple(signers), scope=flags.scope, attestations=flags.attestations
    )
    sections = (
        signatures,
        VersionRule(order=order, scope=EACH_NAME if flags.named else None),
        *_demands(flags, signers),
    )
    digest = Digest.of(_canonical(flags, signers))
    return TrustPolicy(
        id=AD_HOC_POLICY,
        digest=digest,
        trust_digest=digest,
        signers=signers,
        artifacts=tuple(_rule(kind, sections) for kind in KINDS),
        builders=_builders(flags, signers),
        verifiers=_verifiers(flags, signers),
        organisation=(),
        limits=DEFAULT_LIMITS,
        base_dir="",
        sigstore=flags.sigstore,
    )


def _check_words(flags: AdHocFlags) -> None:
    """What a file may not say, flags may not either."""
    words: list[tuple[str, Callable[[str], str], str | None]] = [
        *_keyless_words(flags.keyless),
        ("--builder-id", vocabulary.check_uri_glob, flags.builder_id),
        ("--source-ref", vocabulary.check_glob, flags.source_ref),
        *(("--verifier-id", vocabulary.check_uri, each) for each in flags.verifier_ids),
        *(("--attestation-type", vocabulary.check_uri, each) for each in flags.attestations),
    ]
    if flags.source_uri is not None or flags.ignore_parameters:
        from verifier.trust.sections import provenance  # noqa: PLC0415 - few flags demand anything

        words.append(("--source-uri", provenance.check_source, flags.source_uri))
        words += [("--ignore-parameter", provenance.check_parameter, each) for each in flags.ignore_parameters]
    for where, check, text in words:
        if text is None:
            continue
        try:
            check(text)
        except ValueError as error:
            raise ConfigurationError(str(error), where=where) from error


def _keyless_words(keyless: KeylessIdentity | None) -> Iterator[tuple[str, Callable[[str], str], str]]:
    if keyless is None:
        return
    regexps = keyless.regexps or ()
    if "identity" in regexps:
        yield "--certificate-identity-regexp", vocabulary.check_identity_regexp, keyless.identity
    else:
        yield "--cert-identity", vocabulary.check_identity, keyless.identity
    if "issuer" in regexps:
        yield "--certificate-oidc-issuer-regexp", vocabulary.check_issuer_regexp, keyless.issuer
    else:
        yield "--cert-oidc-issuer", vocabulary.check_issuer, keyless.issuer


def _rule(kind: str, sections: tuple[RuleSection, ...]) -> ArtifactRule:
    """The rule for every artifact of `kind`, with what a rule for such may have of `sections`."""
    return ArtifactRule(pattern=f"{kind}:*", sections=tuple(each for each in sections if kind in kinds_with(each.name)))


def _demands(flags: AdHocFlags, signers: Mapping[str, Signer]) -> Iterator[RuleSection]:
    """What is asked for beyond signatures and a version."""
    if flags.freshness is not None:
        from verifier.trust.sections.freshness import FreshnessRule  # noqa: PLC0415 - few flags demand anything

        yield FreshnessRule(longest=flags.freshness)
    if flags.mode is not ReadingMode.STRICT:
        from verifier.trust.sections.mode import ModeRule  # noqa: PLC0415 - as above

        yield ModeRule(mode=flags.mode)
    if flags.sbom:
        from verifier.trust.sections.sbom import SbomRule  # noqa: PLC0415 - as above

        yield SbomRule(must_match_contents=True)
    if flags.advisories:
        from verifier.trust.sections.vulnerabilities import VulnerabilityRule  # noqa: PLC0415 - as above

        yield VulnerabilityRule(max_severity="none")
    provenance = _provenance(flags, signers)
    if provenance is not None:
        yield provenance


def _provenance(flags: AdHocFlags, signers: Mapping[str, Signer]) -> ProvenanceRule | None:
    if flags.builder_id is None:
        given = {
            "--source-uri": flags.source_uri,
            "--source-ref": flags.source_ref,
            "--ignore-parameter": flags.ignore_parameters,
            "--build-level": flags.build_level > 1,
        }
        if where := ", ".join(name for name, value in given.items() if value):
            hint = "What provenance says is worth what its builder's word is: name the builder."
            raise ConfigurationError("needs --builder-id beside it", where=where, hint=hint)
        return None
    from verifier.trust.sections.provenance import ProvenanceRule  # noqa: PLC0415 - as above

    # What started the build is shown by the certificate and the builder; flags have no place to list parameters.
    return ProvenanceRule(
        level=flags.build_level,
        builders=tuple(map(_builder_name, signers)),
        source=flags.source_uri,
        ref=flags.source_ref,
        ignore_parameters=flags.ignore_parameters,
    )


def _builders(flags: AdHocFlags, signers: Mapping[str, Signer]) -> tuple[BuilderRule, ...]:
    if flags.builder_id is None:
        return ()
    from verifier.trust.tables.builders import BuilderRule  # noqa: PLC0415 - as above

    believed, level = flags.builder_id, flags.build_level
    return tuple(BuilderRule(name=_builder_name(name), signer=name, id=believed, level=level) for name in signers)


def _verifiers(flags: AdHocFlags, signers: Mapping[str, Signer]) -> tuple[VerifierRule, ...]:
    if not flags.verifier_ids:
        return ()
    from verifier.trust.tables.verifiers import VerifierRule  # noqa: PLC0415 - as above

    pairs = ((name, verifier) for name in signers for verifier in flags.verifier_ids)
    return tuple(VerifierRule(name=f"{name} as {verifier}", signer=name, id=verifier) for name, verifier in pairs)


def _signers(flags: AdHocFlags) -> Mapping[str, Signer]:
    if not flags.keys and flags.keyless is None:
        hint = "Give --policy trust.toml (`verify trust init` writes one), or --key release.pub."
        raise ConfigurationError("nobody is trusted: no key, identity or policy is given", where="--key", hint=hint)
    signers = {}
    for name, content in flags.keys:
        if name in signers:
            raise ConfigurationError(f"{name!r} is given twice", where="--key")
        signers[name] = _key_signer(name, content, flags.algorithm)
    if flags.keyless is not None:
        identity = flags.keyless.identity
        signers[identity] = Signer(name=identity, kid=identity, keyless=flags.keyless)
    return MappingProxyType(signers)


def _key_signer(name: str, content: bytes, algorithm: str | None) -> Signer:
    algorithms: tuple[str, ...] = () if algorithm is None else (algorithm,)
    secret = algorithm is not None and algorithm.startswith("HS")
    try:
        vocabulary.check_algorithms(algorithms, secret=secret)
    except ValueError as error:
        raise ConfigurationError(str(error), where="--algorithm") from error
    try:
        if secret:
            vocabulary.check_no_key(vocabulary.check_secret_length(content, algorithms))
            return Signer(name=name, kid=name, secret=content, algorithms=algorithms, answers_any_kid=True)
        key = read_public_key(content)
    except ValueError as error:
        hint = getattr(error, "hint", "")
        raise ConfigurationError(f"{name!r} {error}", where="--key", hint=hint) from error
    try:
        algorithms = vocabulary.check_key_algorithms(key, algorithms)
    except ValueError as error:
        raise ConfigurationError(str(error), where="--algorithm") from error
    return Signer(
        name=name, kid=name, public_key=key.pem, algorithms=algorithms, answers_any_kid=True, ignored=key.ignored
    )


def _order(flags: AdHocFlags) -> VersionOrder:
    if flags.version_from is None:
        for where, given in (("--version-scheme", flags.version_scheme), ("--version-prefix", flags.version_prefix)):
            if given is not None:
                raise ConfigurationError("needs --version-from beside it", where=where)
        return VersionUnchecked()
    if flags.version_from == PROVENANCE_REF and flags.builder_id is None:
        message = f"{PROVENANCE_REF} needs provenance that could state it: name its builder (--builder-id)"
        raise ConfigurationError(message, where="--version-from")
    try:
        return version_from(flags.version_from, flags.version_scheme, flags.version_prefix)
    except ValueError as error:
        message, of_scheme = str(error), str(error).startswith("the scheme")
        if of_scheme and flags.version_scheme is None:
            message = f"is missing beside --version-from: {message.removesuffix(', not nothing')}"
        raise ConfigurationError(message, where="--version-scheme" if of_scheme else "--version-from") from error


def _canonical(flags: AdHocFlags, signers: Mapping[str, Signer]) -> bytes:
    """One text for one meaning: sorted keys, whatever form they are in, digests instead of contents, seconds instead of
    units."""
    keyless = flags.keyless
    meaning: dict[str, object] = {
        "format": "policy-verifier ad-hoc v1",
        "keys": sorted(map(_key_name, (each for each in signers.values() if each.keyless is None))),
        "keyless": None if keyless is None else [keyless.issuer, keyless.identity, keyless.claims],
        **({} if keyless is None or not keyless.regexps else {"regexps": keyless.regexps}),
        "algorithm": flags.algorithm,
        "threshold": flags.threshold,
        "scope": flags.scope,
        "versionFrom": flags.version_from,
        "versionScheme": flags.version_scheme,
        "freshnessSeconds": None if flags.freshness is None else int(flags.freshness.total_seconds()),
        "verifierIds": sorted(flags.verifier_ids),
        "mode": flags.mode.value,
        "sigstore": _sigstore_name(flags.sigstore),
        "builder": [flags.builder_id, flags.build_level, flags.source_uri, flags.source_ref],
        "ignoreParameters": sorted(flags.ignore_parameters),
        "attestations": sorted(flags.attestations),
    }
    if flags.version_prefix is not None:
        meaning["versionPrefix"] = flags.version_prefix
    if flags.sbom:
        meaning["sbom"] = True
    if flags.advisories:
        meaning["advisories"] = True
    return canonical(meaning).encode("ascii")


def _key_name(signer: Signer) -> str:
    """The digest of a key, and what its form says beyond the flags that it is for."""
    return str(Digest.of(signer.public_key or signer.secret or b""))


def _builder_name(signer: str) -> str:
    return f"builder of {signer}"


def _sigstore_name(instance: SigstoreInstance) -> str:
    return instance.name if instance.document is None else str(Digest.of(instance.document))
