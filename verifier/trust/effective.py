"""The effective rule: all that a policy says of one artifact, in one canonical form, and the digest of that. Pure.

* two rules have one digest only where they ask for the same: every field of every section stands in the form, as it was
  resolved (what is not given is its default), with the signers whom the rule listens to, their keys, the builders, the
  verifiers, the limits, the trusted root, and the digests of the files that the rule names
* what has no say is not in it: comments, the order of keys and of lists that are sets, paths of key files, the policy's
  id, the rules of other artifacts and who signs only those
* a field that is added to a section, a signer or the policy is in it by itself: nothing is listed here but what is left
  out, or written otherwise than it stands
* a revocation anywhere in the policy counts for every rule, since a key that is revoked under one name is revoked under
  every name

docs/trust-policy.md describes the form. It is kept from release to release, and a change of it is a change of `FORMAT`.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Final

from verifier.core.clock import INSTANT, format_rfc3339
from verifier.core.digest import Digest
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.core.signers.signer import Signer, key_of
from verifier.core.signers.sigstore import PRODUCTION, STAGING, SigstoreInstance
from verifier.core.value import Value, field_names
from verifier.formats.json.write import canonical
from verifier.trust.evaluate import attesters_for, organisation_for, provenance_of
from verifier.trust.model import ArtifactRule, RuleSection, TrustPolicy
from verifier.trust.sections.signatures import SignatureRule

if TYPE_CHECKING:
    from verifier.formats.json.strict_json import JsonValue
    from verifier.trust.tables.builders import BuilderRule
    from verifier.trust.tables.verifiers import VerifierRule

FORMAT: Final = "verifier/effective-rule/v1"

_WITHOUT_A_SAY: Final = frozenset({"id", "digest", "trust_digest", "base_dir"})
"""Of a policy: what it is called, and the digests of its bytes."""
_RESOLVED: Final = frozenset({"artifacts", "signers", "builders", "verifiers", "organisation", "sigstore", "limits"})
"""Of a policy: what only the parts count of that the rule refers to."""


def rule_digest(policy: TrustPolicy, rule: ArtifactRule) -> Digest:
    """SHA-256 of `effective_rule`."""
    return Digest.of(effective_rule(policy, rule))


def effective_rule(policy: TrustPolicy, rule: ArtifactRule) -> bytes:
    """What `policy` asks of an artifact that `rule` is for: canonical JSON, in ASCII."""
    labels = {name: _label(signer) for name, signer in policy.signers.items()}
    form = {
        "format": FORMAT,
        "pattern": rule.pattern,
        "sections": {section.name: _section(section, rule, policy, labels) for section in rule.sections},
        "signers": {labels[each.name]: _signer(each) for each in attesters_for(policy, rule)},
        "verifiers": _set(_paired(each, labels) for each in policy.verifiers),
        "organisation": _set([each.path, str(_digest_of(each.source))] for each in organisation_for(policy, rule)),
        "sigstore": _instance(policy.sigstore),
        "limits": _limits(policy.limits),
        "policy": {
            name: _plain(getattr(policy, name))
            for name in field_names(type(policy))
            if name not in _WITHOUT_A_SAY | _RESOLVED
        },
    }
    return canonical(form).encode("ascii")


def _section(
    section: RuleSection, rule: ArtifactRule, policy: TrustPolicy, labels: Mapping[str, str]
) -> dict[str, JsonValue]:
    form = _members(section)
    for name in section.unordered:
        if (listed := getattr(section, name)) is not None:
            form[name] = _set(_plain(each) for each in listed)
    for name in section.aside:
        form.pop(name, None)
    if section.name == "signatures":
        form["from_"] = _set(labels[name] for name in SignatureRule.of(rule).from_)
    provenance = provenance_of(rule)
    if section.name == "provenance" and provenance is not None:
        # What a builder is called says nothing: what it is believed in does.
        named = (each for each in policy.builders if each.name in provenance.builders)
        form["builders"] = _set(_paired(each, labels) for each in named)
    return form


def _label(signer: Signer) -> str:
    """What the form calls a signer; one that was given as a file alone has no name but that file's."""
    return f"the key {_key(signer)}" if signer.answers_any_kid else signer.name


def _signer(signer: Signer) -> dict[str, JsonValue]:
    form = _members(signer)
    for name in ("name", "public_key", "secret", "ignored"):
        form.pop(name, None)
    if signer.answers_any_kid:
        del form["kid"]
    if signer.keyless is None:
        form["key"] = _key(signer)
    form["algorithms"] = _set(signer.algorithms)
    return form


def _key(signer: Signer) -> str:
    """The digest of a key: of its SubjectPublicKeyInfo, whatever stands around that in its file."""
    if signer.secret is not None:
        return f"secret {Digest.of(signer.secret)}"
    block = key_of(signer)
    if not isinstance(block, bytes):
        raise TypeError("a keyless signer has no key")
    try:
        return f"spki {Digest.of(binascii.a2b_base64(block, strict_mode=True))}"
    except binascii.Error:
        return f"pem {Digest.of(signer.public_key or b'')}"


def _paired(each: BuilderRule | VerifierRule, labels: Mapping[str, str]) -> dict[str, JsonValue]:
    """Whom a signer may speak for."""
    form = {**_members(each), "name": None, "signer": labels[each.signer]}
    if "policy_digests" in form:
        form["policy_digests"] = _set(map(str, getattr(each, "policy_digests", ())))
    return form


def _instance(instance: SigstoreInstance) -> str:
    """The public instances by their names, whichever of their roots is the newest here; any other by its root."""
    if instance.document is None or instance.name in {PRODUCTION.name, STAGING.name}:
        return f"the instance {instance.name}"
    return f"the root {Digest.of(instance.document)}"


def _limits(limits: Limits) -> dict[str, JsonValue]:
    """Those that are no defaults: a release that comes to bound something else asks for no new verdicts."""
    bounds = {name: getattr(limits, name) for name in field_names(type(limits))}
    return {name: bound for name, bound in bounds.items() if bound != getattr(DEFAULT_LIMITS, name)}


def _set(items: Iterable[JsonValue]) -> list[JsonValue]:
    """A list whose order says nothing, and in which nothing is said twice."""
    by_text = {canonical(item): item for item in items}
    return [by_text[text] for text in sorted(by_text)]


def _members(value: Value) -> dict[str, JsonValue]:
    """Every field that says something, behind the name of the value's kind."""
    form: dict[str, JsonValue] = {"is": type(value).__name__}
    for name in field_names(type(value)):
        if (said := getattr(value, name)) is not None:
            form[name] = _plain(said)
    return form


def _plain(said: object) -> JsonValue:
    """One JSON value for one value, whatever its type: what is written the same is the same."""
    if isinstance(said, Enum):
        return _plain(said.value)
    if said is None or isinstance(said, bool | int | str):
        return said
    if isinstance(said, Value):
        return _members(said)
    return {"is": type(said).__name__, "said": _said(said)}


def _said(said: object) -> JsonValue:
    if isinstance(said, tuple | list):
        return [_plain(each) for each in said]
    if isinstance(said, set | frozenset):
        return _set(map(_plain, said))
    if isinstance(said, Mapping):
        return _set([_plain(key), _plain(value)] for key, value in said.items())
    if isinstance(said, datetime):
        return format_rfc3339(said)
    if isinstance(said, timedelta):
        return str(said // INSTANT)
    if isinstance(said, bytes):
        return str(Digest.of(said))
    raise TypeError(f"a {type(said).__name__} has no form in an effective rule")


def _digest_of(text: str) -> Digest:
    return Digest.of(text.encode())
