"""What a check looks at, made of a real bundle and real signatures."""

from tests.support.material import NOW
from tests.support.stories import policy, signed
from verifier.core.artifact import Artifact
from verifier.core.digest import Digest
from verifier.core.outcome import CouldNotCheck, Failed, Outcome, Passed
from verifier.core.severity import Severity
from verifier.engine.evidence import gather
from verifier.evidence.inspection import Inspection
from verifier.kinds.bundle.artifact import read_bundle
from verifier.ledger.interface import View
from verifier.trust.evaluate import rule_for


def inspect(content=None, trust=None, *, documents=(), state=None, max_time_seen=None, now=NOW, ledger=True):
    """The inspection of a bundle, by default a signed one, under a policy with one rule."""
    trust = trust or policy()
    rule = rule_for(trust, "bundle", "authz")
    bundle = read_bundle(content or signed(), name="authz", resource_uri="", mode=rule.mode)
    evidence, _ = gather(bundle, documents, rule=rule, policy=trust, now=now)
    view = View(state=state, max_time_seen=max_time_seen) if ledger else None
    return Inspection(artifact=bundle, rule=rule, evidence=evidence, ledger=view, now=now, limits=trust.limits)


def blob(inspection):
    """The same inspection of something that is no bundle."""
    artifact = Artifact(kind="blob", name="x", resource_uri="", digest=Digest.of(b"x"), content=b"x")
    return Inspection(
        artifact=artifact, rule=inspection.rule, evidence=inspection.evidence, ledger=inspection.ledger, now=NOW
    )


def denials(outcome: Outcome) -> list[str]:
    """The codes for which the outcome denies."""
    assert isinstance(outcome, Failed | CouldNotCheck)
    return [reason.code for reason in outcome.reasons if reason.is_error]


def reported(outcome: Outcome, severity: Severity = Severity.WARNING) -> list[str]:
    """What a passed check reports."""
    assert isinstance(outcome, Passed)
    assert all(reason.severity is severity for reason in outcome.reasons)
    return [reason.code for reason in outcome.reasons]
