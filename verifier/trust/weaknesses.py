"""What is weak about a policy, each with the place to change.

* a weakness never changes a decision: whoever reads the list does
* what can never be accepted under the policy is a weakness as well, for somebody will loosen it in a hurry
* the time is the caller's: keys that have expired or soon will are named before they stop a release
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from verifier.core.clock import format_duration
from verifier.core.reading import ReadingMode
from verifier.core.signers.keyless import KeylessIdentity
from verifier.core.signers.signer import Signer
from verifier.core.value import Value
from verifier.trust.evaluate import key_of, signers_for, unevaluated
from verifier.trust.model import ArtifactRule, TrustPolicy, VersionUnchecked

_SOON = timedelta(days=30)
"""How long before a key's end a warning leaves time to replace it."""


class Weakness(Value):
    """One finding: the table of the policy that it is about, and what is weak about it."""

    subject: str
    message: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.message}"


def weaknesses(policy: TrustPolicy, now: datetime) -> list[Weakness]:
    """Everything that is weak about `policy` at `now`, in the order of the file."""
    return list(_all(policy, now))


def _all(policy: TrustPolicy, now: datetime) -> Iterator[Weakness]:
    if not policy.artifacts:
        yield Weakness(subject="artifacts", message="no rule at all: every artifact is denied")
    for signer in policy.signers.values():
        for message in (*_key_findings(signer), *_validity_findings(signer, now)):
            yield Weakness(subject=f"signers.{signer.name}", message=message)
    yield from _shared_keys(policy)
    yield from _idle_signers(policy)
    for rule in policy.artifacts:
        for message in (*_signature_findings(policy, rule, now), *_version_findings(rule), *_content_findings(rule)):
            yield Weakness(subject=f'artifacts."{rule.pattern}"', message=message)
    for name in policy.limits.raised():
        yield Weakness(subject=f"limits.{name.replace('_', '-')}", message="stands above its default")


def _key_findings(signer: Signer) -> Iterator[str]:
    if signer.secret is not None:
        yield "an HMAC secret: whoever can verify with it can sign with it"
        if signer.secret.endswith((b"\n", b"\r")):
            yield "the secret ends in a line break, which is a part of it"
    if signer.keyless is not None:
        yield from _identity_findings(signer.keyless)


def _identity_findings(keyless: KeylessIdentity) -> Iterator[str]:
    workflow, at, ref = keyless.identity.partition("@refs/")
    claimed = dict(keyless.claims)
    if "*" in workflow and at and "workflow" not in claimed:
        yield f"{workflow} matches every such workflow: whoever can add one can sign"
    if (ref == "*" or (ref.startswith("heads/") and "*" in ref)) and "ref" not in claimed:
        yield f"@refs/{ref} matches branches: whoever can push one can sign"
    if keyless.identity.endswith("@*") and "ref" not in claimed:
        yield "@* matches every ref: whoever can push a branch can sign"


def _validity_findings(signer: Signer, now: datetime) -> Iterator[str]:
    problem = signer.validity(now)
    if problem is not None:
        yield f"{problem.message}: its signatures do not count"
    elif signer.not_after is not None and signer.not_after - now <= _SOON:
        yield f"expires at {signer.not_after.isoformat()}, within {_SOON.days} days"


def _shared_keys(policy: TrustPolicy) -> Iterator[Weakness]:
    names: dict[object, list[str]] = defaultdict(list)
    for signer in policy.signers.values():
        names[key_of(signer)].append(signer.name)
    for first, *others in names.values():
        if others:
            message = f"the same key as {', '.join(others)}: together they count once towards a threshold"
            yield Weakness(subject=f"signers.{first}", message=message)


def _idle_signers(policy: TrustPolicy) -> Iterator[Weakness]:
    heard = {name for rule in policy.artifacts for name in rule.signatures.from_}
    heard |= {builder.signer for builder in policy.builders} | {verifier.signer for verifier in policy.verifiers}
    for name in policy.signers:
        if name not in heard:
            yield Weakness(subject=f"signers.{name}", message="no rule listens to this signer")


def _signature_findings(policy: TrustPolicy, rule: ArtifactRule, now: datetime) -> Iterator[str]:
    signers = signers_for(policy, rule)
    wanted = rule.signatures.threshold
    if wanted == 1 and len(signers) > 1:
        yield f"any one of {len(signers)} signers suffices: one stolen key is enough"
    usable = {key_of(s) for s in signers if s.validity(now) is None}
    if len(usable) < wanted:
        yield f"needs {wanted} signers and only {len(usable)} can count now: everything is denied"
    if rule.pattern.endswith(":*"):
        yield "matches every name of its kind, also those that nobody has thought of"


def _version_findings(rule: ArtifactRule) -> Iterator[str]:
    if isinstance(rule.version, VersionUnchecked):
        yield 'version = "none": a replayed older artifact is accepted'
    elif rule.first_use == "allow" and rule.floor is None:
        yield 'first_use = "allow" without a floor: where nothing was seen yet, an old artifact is accepted'
    if rule.freshness is None:
        yield "no freshness: a source that is frozen at an old artifact is not noticed"


def _content_findings(rule: ArtifactRule) -> Iterator[str]:
    if rule.mode is ReadingMode.OPA_COMPAT:
        yield 'mode = "opa-compat": what different OPA releases read differently is accepted'
    if rule.pattern.startswith("bundle:") and (rule.capabilities is None or not rule.capabilities.deny):
        yield "no builtin is denied: a bundle may call http.send"
    if rule.offline_grace is not None:
        yield f"without its ledger a loader goes on for {format_duration(rule.offline_grace)}: no new floor binds it"
    for path in rule.organisation:
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            yield f"the rules in {path!r} lie outside the policy's directory and may change without it"
    for part in unevaluated(rule):
        yield f"{part} cannot be judged by this release: everything is denied"
