"""One `[artifacts."kind:name"]` table, from text to `ArtifactRule`.

* `signatures` and `version` are required: what is not signed or not ordered is never a default
* a threshold that the named signers could never meet is an error
* a key that would have no effect (a floor without a version) is an error, not decoration
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import cast

from verifier.core.clock import format_duration, parse_duration
from verifier.core.reading import ReadingMode
from verifier.core.signers.signer import Signer
from verifier.core.value import Value
from verifier.formats.toml.table import Table, nearest
from verifier.trust import vocabulary
from verifier.trust.demands import CapabilityRule, ProvenanceRule, SbomRule, VulnerabilityRule
from verifier.trust.evaluate import distinct_keys
from verifier.trust.model import ArtifactRule, FirstUse, SignatureRule, VersionFrom, VersionRule, VersionUnchecked

CheckOrder = Callable[[str, str, str], object]
"""Given "floor" or "max_jump", a scheme and a text; raises `ValueError` where the scheme cannot use it."""

ARTIFACT_KEYS = frozenset(
    {
        *("signatures", "version", "freshness", "first_use", "floor", "max_jump", "mode", "provenance", "sbom"),
        *("vulnerabilities", "capabilities", "organisation", "resource_uri", "channel", "offline_grace"),
    }
)
PROVENANCE_KEYS = frozenset(
    {
        *("level", "builders", "source", "ref", "build_type"),
        *("external_parameters", "ignore_parameters", "require_certificate_match"),
    }
)
_BUNDLE_ONLY = ("mode", "capabilities")
_ORDERED_ONLY = ("first_use", "floor", "max_jump")


class Names(Value):
    """What the rules of one policy may refer to."""

    signers: Mapping[str, Signer]
    builders: frozenset[str]
    check_order: CheckOrder | None


def parse_artifact(pattern: str, section: Table, names: Names) -> ArtifactRule:
    """The rule that `section` writes down for `pattern`; raises `ConfigurationError`."""
    try:
        vocabulary.check_pattern(pattern)
    except ValueError as error:
        raise section.source.error(section.path, f"an artifact pattern {error}") from error
    if not pattern.startswith("bundle:"):
        _refuse_keys(section, _BUNDLE_ONLY, "is for policy bundles only")
    version = _version(section)
    return ArtifactRule(
        pattern=pattern,
        signatures=_signatures(section, names),
        version=version,
        freshness=_duration("freshness", section),
        first_use=cast("FirstUse", section.choice("first_use", vocabulary.FIRST_USES)),
        floor=_ordered("floor", section, version, names),
        max_jump=_ordered("max_jump", section, version, names),
        mode=ReadingMode(section.choice("mode", vocabulary.MODES)),
        provenance=_provenance(section, names.builders),
        sbom=_sbom(section),
        vulnerabilities=_vulnerabilities(section),
        capabilities=_capabilities(section),
        organisation=_organisation(section),
        resource_uri=section.checked_text("resource_uri", vocabulary.check_uri),
        channel=section.checked_text("channel", vocabulary.check_channel),
        offline_grace=_grace(section),
    )


def _signatures(section: Table, names: Names) -> SignatureRule:
    table = section.required_table("signatures", frozenset({"threshold", "from", "scope", "attestations"}))
    from_ = table.texts("from")
    for index, name in enumerate(from_):
        if name not in names.signers:
            message = f"names the signer {name!r}, which the policy does not have"
            raise table.error("from", message, nearest(name, names.signers), index=index)
    threshold = table.integer("threshold", low=1, high=vocabulary.MAX_THRESHOLD, default=1)
    keys = distinct_keys(names.signers[name] for name in from_)
    if threshold > keys:
        raise table.error("threshold", f"is {threshold} and can never be met: `from` names {keys} distinct keys")
    return SignatureRule(
        threshold=threshold,
        from_=from_,
        scope=table.optional_text("scope"),
        attestations=_predicate_types(table),
    )


def _predicate_types(table: Table) -> tuple[str, ...]:
    if "attestations" not in table.values:
        return ()
    types = table.texts("attestations")
    for index, each in enumerate(types):
        try:
            vocabulary.check_uri(each)
        except ValueError as error:
            raise table.error("attestations", f"{error}", index=index) from error
    return types


def _version(section: Table) -> VersionRule:
    value = section.required("version")
    if value == "none":
        _refuse_keys(section, _ORDERED_ONLY, 'has no effect with version = "none"')
        return VersionUnchecked()
    if isinstance(value, str):
        raise section.error("version", f'must be "none" or a table with `from` and `scheme`, not {value!r}')
    table = section.required_table("version", frozenset({"from", "scheme"}))
    try:
        return vocabulary.version_from(table.text("from"), table.optional_text("scheme"))
    except ValueError as error:
        raise section.error("version", f"is not usable: {error}") from error


def _duration(key: str, section: Table) -> timedelta | None:
    text = section.optional_text(key)
    if text is None:
        return None
    try:
        return parse_duration(text)
    except ValueError as error:
        raise section.error(key, f"is {error}") from error


def _grace(section: Table) -> timedelta | None:
    grace = _duration("offline_grace", section)
    if grace is not None and grace > vocabulary.MAX_OFFLINE_GRACE:
        longest = format_duration(vocabulary.MAX_OFFLINE_GRACE)
        raise section.error("offline_grace", f"is {format_duration(grace)}, expected at most {longest}")
    return grace


def _ordered(key: str, section: Table, version: VersionRule, names: Names) -> str | None:
    """A `floor` or `max_jump`, of which only the ledger knows what its scheme can use."""
    if key == "max_jump" and type(section.values.get(key)) is int:
        text = str(section.integer(key, low=0, high=vocabulary.MAX_JUMP))
    elif key in section.values:
        text = section.required_text(key, vocabulary.check_version_shape)
    else:
        return None
    if names.check_order is not None and isinstance(version, VersionFrom):
        try:
            names.check_order(key, version.scheme, text)
        except ValueError as error:
            raise section.error(key, f"does not fit the scheme {version.scheme}: {error}") from error
    return text


def _provenance(section: Table, builders: frozenset[str]) -> ProvenanceRule | None:
    table = section.table("provenance", PROVENANCE_KEYS)
    if table is None:
        return None
    names = table.texts("builders")
    for index, name in enumerate(names):
        if name not in builders:
            message = f"names the builder {name!r}, which the policy does not have"
            raise table.error("builders", message, nearest(name, builders), index=index)
    return ProvenanceRule(
        level=table.integer("level", low=1, high=vocabulary.MAX_BUILD_LEVEL),
        builders=names,
        source=table.checked_text("source", vocabulary.check_source),
        ref=table.checked_text("ref", vocabulary.check_glob),
        build_type=table.checked_text("build_type", vocabulary.check_uri),
        external_parameters=_parameters(table),
        ignore_parameters=_ignored(table),
        require_certificate_match=table.flag("require_certificate_match", default=True),
    )


def _parameters(table: Table) -> tuple[tuple[str, str], ...]:
    """The expected parameters, whose paths are the author's own."""
    values = table.values.get("external_parameters")
    if values is None:
        return ()
    expected = table.required_table("external_parameters", frozenset(values if isinstance(values, dict) else ()))
    for path in expected.values:
        expected.checked(path, partial(vocabulary.check_parameter, path))
    return tuple((path, expected.required_text(path, vocabulary.check_glob)) for path in expected.values)


def _ignored(table: Table) -> tuple[str, ...]:
    if "ignore_parameters" not in table.values:
        return ()
    ignored = table.checked_texts("ignore_parameters", vocabulary.check_parameter)
    expected = table.values.get("external_parameters", {})
    for index, path in enumerate(ignored):
        if isinstance(expected, dict) and path in expected:
            raise table.error("ignore_parameters", f"lists {path!r}, which `external_parameters` expects", index=index)
    return ignored


def _sbom(section: Table) -> SbomRule | None:
    table = section.table("sbom", frozenset({"required", "must_match_contents", "quality"}))
    if table is None:
        return None
    return SbomRule(
        required=table.flag("required", default=True),
        must_match_contents=table.flag("must_match_contents", default=False),
        quality=table.choice("quality", vocabulary.QUALITIES) if "quality" in table.values else None,
    )


def _vulnerabilities(section: Table) -> VulnerabilityRule | None:
    table = section.table("vulnerabilities", frozenset({"max_severity", "exceptions"}))
    if table is None:
        return None
    table.required("max_severity")
    return VulnerabilityRule(
        max_severity=table.choice("max_severity", vocabulary.SEVERITIES),
        exceptions=table.checked_text("exceptions", vocabulary.check_path),
    )


def _capabilities(section: Table) -> CapabilityRule | None:
    table = section.table("capabilities", frozenset({"deny"}))
    if table is None:
        return None
    return CapabilityRule(deny=table.checked_texts("deny", vocabulary.check_builtin, may_be_empty=True))


def _organisation(section: Table) -> tuple[str, ...]:
    if "organisation" not in section.values:
        return ()
    return section.checked_texts("organisation", vocabulary.check_rego_path)


def _refuse_keys(section: Table, keys: tuple[str, ...], why: str) -> None:
    for key in keys:
        if key in section.values:
            raise section.error(key, why)
