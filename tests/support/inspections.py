"""What a check looks at, made of a real bundle and real signatures."""

from tests.support.material import NOW
from tests.support.stories import policy, signed
from verifier.checks.version.compare import compare
from verifier.checks.version.stated import candidate_from
from verifier.core.artifact import Artifact
from verifier.core.digest import Digest
from verifier.core.outcome import CouldNotCheck, Failed, Outcome, Passed
from verifier.core.severity import Severity
from verifier.engine.evidence import gather
from verifier.evidence.inspection import Inspection
from verifier.kinds.bundle.artifact import read_bundle
from verifier.kinds.table import kind_of
from verifier.ledger.view import NOT_CONSULTED, View
from verifier.trust.evaluate import mode_of, rule_for
from verifier.trust.sections.version import VersionFrom, VersionRule

KIND = kind_of("bundle")


def inspect(content=None, trust=None, *, documents=(), now=NOW):
    """The inspection of a bundle, by default a signed one, under a policy with one rule."""
    trust = trust or policy()
    rule = rule_for(trust, "bundle", "authz")
    bundle = read_bundle(content or signed(), name="authz", resource_uri="", mode=mode_of(rule))
    evidence, _ = gather(KIND, bundle, documents, rule=rule, policy=trust, now=now)
    candidate = candidate_from(bundle, evidence, VersionRule.of(rule).order, KIND.version) if ordered(rule) else None
    return Inspection(artifact=bundle, rule=rule, evidence=evidence, candidate=candidate, now=now, limits=trust.limits)


def ordered(rule):
    return isinstance(VersionRule.of(rule).order, VersionFrom)


def compared(content=None, trust=None, *, state=None, max_time_seen=None, ledger=True, **asked):
    """What a ledger with this `state` of the scope says of a bundle; without one, what is said in its stead."""
    inspection = inspect(content, trust, **asked)
    view = View(state=state, max_time_seen=max_time_seen) if ledger else NOT_CONSULTED
    return compare(
        inspection.candidate,
        inspection.rule,
        view,
        reference=inspection.artifact.reference,
        digests=(inspection.artifact.digest,),
        now=inspection.now,
    ).outcome


def blob(inspection):
    """The same inspection of something that is no bundle."""
    artifact = Artifact(kind="blob", name="x", resource_uri="", digest=Digest.of(b"x"), content=b"x")
    return Inspection(artifact=artifact, rule=inspection.rule, evidence=inspection.evidence, now=NOW)


def denials(outcome: Outcome) -> list[str]:
    """The codes for which the outcome denies."""
    assert isinstance(outcome, Failed | CouldNotCheck)
    return [reason.code for reason in outcome.reasons if reason.is_error]


def reported(outcome: Outcome, severity: Severity = Severity.WARNING) -> list[str]:
    """What a passed check reports."""
    assert isinstance(outcome, Passed)
    assert all(reason.severity is severity for reason in outcome.reasons)
    return [reason.code for reason in outcome.reasons]
