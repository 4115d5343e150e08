"""A policy in words, and what is weak about it.

* every signer and every rule has a sentence; what is denied by default is said, too
* a weakness is a warning about a policy that is in force: it changes no decision
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from verifier.core.clock import format_duration, format_rfc3339
from verifier.core.reading import ReadingMode
from verifier.core.signers.signer import Signer
from verifier.trust.demands import ProvenanceRule
from verifier.trust.evaluate import unevaluated
from verifier.trust.model import ArtifactRule, TrustPolicy, VersionFrom, VersionUnchecked


def explain_policy(policy: TrustPolicy) -> list[str]:
    """What the policy says, a sentence an item, in the order of the file."""
    return list(_sentences(policy))


def _sentences(policy: TrustPolicy) -> Iterator[str]:
    yield f"This is the policy {policy.id}, {policy.digest}."
    for signer in policy.signers.values():
        yield _signer_sentence(signer)
    for rule in policy.artifacts:
        yield from _rule_sentences(rule)
    yield "Whatever no rule matches is denied."
    for builder in policy.builders:
        yield f"A build by {builder.id}, signed by {builder.signer}, counts as SLSA build level {builder.level}."
    for verifier in policy.verifiers:
        yield f"Verdicts of {verifier.id} are accepted when {verifier.signer} signed them."
    for name in policy.limits.raised():
        yield f"The limit {name.replace('_', '-')} is raised to {getattr(policy.limits, name)}."


def _signer_sentence(signer: Signer) -> str:
    if signer.keyless is not None:
        what = f"the keyless identity {signer.keyless.identity} of {signer.keyless.issuer}"
    else:
        what = f"a {'shared secret' if signer.secret is not None else 'public key'} with the kid {signer.kid}"
    clauses = [f"Signer {signer.name} is {what}"]
    if signer.algorithms:
        clauses.append(f"for {' or '.join(signer.algorithms)}")
    if signer.not_before is not None:
        clauses.append(f"from {format_rfc3339(signer.not_before)}")
    if signer.not_after is not None:
        clauses.append(f"until {format_rfc3339(signer.not_after)}")
    if signer.revoked:
        clauses.append("revoked, so that it counts no more")
    return ", ".join(clauses) + "."


def _rule_sentences(rule: ArtifactRule) -> Iterator[str]:
    wanted, listed = rule.signatures.threshold, ", ".join(rule.signatures.from_)
    scope = f", for the scope {rule.signatures.scope}" if rule.signatures.scope is not None else ""
    yield f"{rule.pattern} must be signed by at least {wanted} of {listed}{scope}."
    yield f"{rule.pattern}: {_version_words(rule)}."
    if rule.freshness is not None:
        yield f"{rule.pattern}: its newest signed time must not be older than {format_duration(rule.freshness)}."
    if rule.offline_grace is not None:
        grace = format_duration(rule.offline_grace)
        yield f"{rule.pattern}: without its ledger, a loader may go on for {grace} with what was accepted before."
    if rule.mode is ReadingMode.OPA_COMPAT:
        yield f"{rule.pattern}: ambiguous input is accepted as OPA accepts it, with warnings."
    if rule.capabilities is not None and rule.capabilities.deny:
        yield f"{rule.pattern}: it must not call {', '.join(rule.capabilities.deny)}."
    if rule.provenance is not None:
        yield from (f"{rule.pattern}: {words}." for words in _provenance_words(rule.provenance))
    if rule.organisation:
        yield f"{rule.pattern}: no rule in {', '.join(rule.organisation)} may deny it."
    if rule.resource_uri is not None:
        yield f"{rule.pattern}: it is fetched from {rule.resource_uri}."
    for part in unevaluated(rule):
        yield f"{rule.pattern}: {part} cannot be judged by this release, so it is denied."


def _version_words(rule: ArtifactRule) -> str:
    version = rule.version
    match version:
        case VersionUnchecked():
            return "its version is not compared with anything"
        case VersionFrom():
            pass
        case _:
            assert_never(version)
    words = [f"its version is {version.source}, ordered as {version.scheme}, and never goes back"]
    if rule.channel is not None:
        words.append(f"the channel {rule.channel} is a sequence of its own")
    if rule.floor is not None:
        words.append(f"nothing below {rule.floor} is accepted")
    if rule.max_jump is not None:
        words.append(f"a step beyond {rule.max_jump} is refused")
    first = {
        "allow": "the first one seen is accepted",
        "require-floor": "the first one seen needs a floor",
        "deny": "the first one seen is denied",
    }
    return "; ".join([*words, first[rule.first_use]])


def _provenance_words(rule: ProvenanceRule) -> Iterator[str]:
    yield f"it was built at SLSA build level {rule.level} or higher, by {' or '.join(rule.builders)}"
    if rule.source is not None:
        ref = f", from {rule.ref}" if rule.ref is not None else ""
        yield f"its source is {rule.source}{ref}"
    elif rule.ref is not None:
        yield f"it was built from {rule.ref}"
    if rule.build_type is not None:
        yield f"its build type is {rule.build_type}"
    if rule.external_parameters:
        listed = ", ".join(f"{path} = {value}" for path, value in rule.external_parameters)
        yield f"its build was started with {listed}"
    if rule.ignore_parameters:
        yield f"the build's parameters under {', '.join(rule.ignore_parameters)} may be anything"
    if not rule.require_certificate_match:
        yield "its provenance may contradict the certificate that signed it"
