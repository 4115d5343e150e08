"""docs/schemas/policy-v1.json: the trust policy for editors that complete and check TOML by a JSON Schema.

* keys and words come from the program that reads policies, descriptions from docs/trust-policy.md
* whatever the program accepts, the schema accepts; what contradicts itself only the program can tell
* draft 7, which editors' plugins for TOML know
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tools.schemas.described import said_of
from verifier.core.limits import DEFAULT_LIMITS
from verifier.formats.audit.result import SEVERITIES
from verifier.trust.kinds import KINDS
from verifier.trust.sections import mode, sbom, version
from verifier.trust.tables import limits, signers
from verifier.trust.vocabulary import ALGORITHMS, DEPRECATED_ALGORITHMS, MAX_BUILD_LEVEL

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string", "minLength": 1}
_URI: Final[Schema] = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9+.-]*:."}
_DURATION: Final[Schema] = {"type": "string", "pattern": "^[0-9]+[smhdw]$"}
_FLAG: Final[Schema] = {"type": "boolean"}
_TEXTS: Final[Schema] = {"type": "array", "items": _TEXT}
_NAMED_TEXTS: Final[Schema] = {"type": "object", "additionalProperties": _TEXT}
_MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
_VERSION: Final[Schema] = {"anyOf": [_TEXT, {"type": "integer"}, _MOMENT]}
_LEVEL: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": MAX_BUILD_LEVEL}
_RULE: Final = '## `[artifacts."KIND:NAME"]`'
_PARTY: Final = "## `[builders.NAME]` and `[verifiers.NAME]`"


def policy() -> Schema:
    """The schema, as a JSON value."""
    top = said_of("## The whole policy")
    tables = {
        "version": {"const": 1},
        "id": _URI,
        "signers": _named(_signer()),
        "artifacts": _named(_rule(), pattern=rf"^({'|'.join(KINDS)}):."),
        "builders": _named(_party(level=_LEVEL)),
        "verifiers": _named(_party(policy_digests=_TEXTS)),
        "sigstore": _table(said_of("## `[sigstore]`"), {"trusted_root": _TEXT}),
        "limits": _limits(),
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "https://policy-verifier.dev/schemas/policy-v1.json",
        "title": "Trust policy",
        "description": "Whom you believe, and what you demand of an artifact before it may be used.",
        **_table(top, tables, required=("version", "id")),
    }


def _table(said: Mapping[str, str], keys: Mapping[str, Schema], *, required: tuple[str, ...] = ()) -> Schema:
    """A table of these keys and no others, each with what is said of it."""
    properties = {key: ({"description": said[key]} if key in said else {}) | shape for key, shape in keys.items()}
    return {"type": "object", "additionalProperties": False, "properties": properties} | (
        {"required": list(required)} if required else {}
    )


def _named(each: Schema, *, pattern: str = "") -> Schema:
    names: Schema = {"propertyNames": {"pattern": pattern}} if pattern else {}
    return {"type": "object", "additionalProperties": each} | names


def _words(*words: str) -> Schema:
    return {"enum": list(words)}


def _or_list(shape: Schema) -> Schema:
    return {"anyOf": [shape, {"type": "array", "items": shape}]}


def _signer() -> Schema:
    claims = _table({}, dict.fromkeys(signers.CLAIMS, _TEXT))
    keyless = dict.fromkeys(("issuer", "identity", "issuer_regexp", "identity_regexp"), _TEXT)
    known = _words(*ALGORITHMS, *DEPRECATED_ALGORITHMS)
    return _table(
        said_of("## `[signers.NAME]`"),
        {
            "key": _TEXT,
            "secret": _TEXT,
            "keyless": _table({}, keyless | {"claims": claims}),
            "kms": _TEXT,
            "kid": _TEXT,
            "algorithms": {"type": "array", "items": known, "minItems": 1},
            "not_before": _MOMENT,
            "not_after": _MOMENT,
            "revoked": _FLAG,
        },
    )


def _rule() -> Schema:
    rows: dict[str, Schema] = {
        "signatures": _signatures(),
        "stray_attestations": _words("deny", "ignore"),
        "pin_kid": _FLAG,
        "name": _table(said_of("### Names"), {"from": _TEXT, "equals": _TEXT}, required=("from",)),
        "name_binding": _words("none"),
        "version": {"anyOf": [_words("none"), _version()]},
        "first_use": _words(*version.FIRST_USES),
        "floor": _VERSION,
        "max_jump": {"anyOf": [_TEXT, {"type": "integer"}]},
        "channel": _TEXT,
        "scope": _TEXT,
        "tags": _words("mutable", "immutable"),
        "freshness": _DURATION,
        "freshness_warning": _DURATION,
        "offline_grace": _DURATION,
        "mode": _words(*mode.MODES),
        "capabilities": _table({}, {"deny": _TEXTS, "deny_custom": _TEXTS}),
        "image": _image(),
        "provenance": _provenance(),
        "organisation": {"anyOf": [_TEXTS, _organisation()]},
        "resource_uri": _URI,
        "sbom": _sbom(),
        "vulnerabilities": _vulnerabilities(),
    }
    return _table(said_of(_RULE), rows, required=("signatures", "version"))


def _signatures() -> Schema:
    keys = {
        "from": {"type": "array", "items": _TEXT, "minItems": 1},
        "threshold": {"type": "integer", "minimum": 1},
        "scope": _TEXT,
        "attestations": {"type": "array", "items": _URI},
        "formats": {"type": "array", "items": _words("bundle", "legacy"), "minItems": 1},
        "repository": _TEXT,
        "claims": _NAMED_TEXTS,
    }
    return _table(said_of("### Signatures beside an image"), keys, required=("from",))


def _version() -> Schema:
    keys = {"from": _TEXT, "scheme": _words(*version.SCHEMES), "prefix": _TEXT}
    return _table({"from": "The one place where the version stands."}, keys, required=("from",))


def _image() -> Schema:
    allowed = _words("allow", "deny")
    denied = ("shells", "package_managers", "setuid", "devices", "secrets")
    keys = {"user": _words("any", "non-root"), **dict.fromkeys(denied, allowed)}
    return _table(said_of("### `image`"), keys | {"labels": _NAMED_TEXTS, "base": _TEXTS})


def _provenance() -> Schema:
    keys = {
        "level": _LEVEL,
        "builders": {"type": "array", "items": _TEXT, "minItems": 1},
        "source": _URI,
        "ref": _TEXT,
        "build_type": _URI,
        "external_parameters": _NAMED_TEXTS,
        "ignore_parameters": _TEXTS,
        "require_certificate_match": _FLAG,
    }
    return _table(said_of("### `provenance`"), keys, required=("level", "builders"))


def _organisation() -> Schema:
    keys = {"rules": _TEXTS, "engine": _words("opa", "embedded"), "opa_version": _TEXT}
    return _table(said_of("### `organisation`"), keys, required=("rules",))


def _sbom() -> Schema:
    keys = {
        "required": _FLAG,
        "must_match_contents": _FLAG,
        "min_completeness": {"type": "number", "minimum": 0, "maximum": 1},
        "quality": _or_list(_words(*sbom.QUALITIES)),
        "licenses": _TEXT,
        "private": _NAMED_TEXTS,
        "from": _TEXTS,
    }
    return _table(said_of("### SBOMs"), keys)


def _vulnerabilities() -> Schema:
    keys = {
        "max_severity": _words("none", *(each for each in SEVERITIES if each not in {"none", "unknown"})),
        "exceptions": _TEXT,
        "max_exception_days": {"type": "integer", "minimum": 1, "maximum": 3650},
        "max_age": _DURATION,
        "cool_down": _DURATION,
        "allowed_indexes": _TEXTS,
        "require_hashes": _FLAG,
        "private": _TEXTS,
        "from": _TEXTS,
    }
    return _table(said_of("### Vulnerabilities"), keys, required=("max_severity",))


def _party(**own: Schema) -> Schema:
    """A builder or a verifier."""
    required = ("signer", "id", *(key for key in own if key == "level"))
    return _table(said_of(_PARTY), {"signer": _TEXT, "id": _TEXT, **own}, required=required)


def _limits() -> Schema:
    raised = "allow-raised-limits"
    keys = {key: {"type": "integer", "minimum": 1} for key in sorted(limits.KEYS - {raised})}
    said = {key: f"Default {getattr(DEFAULT_LIMITS, key.replace('-', '_')):,}." for key in keys}
    return _table(said, keys | {raised: _FLAG})
