"""The recipe of a verification, in six numbered steps. Start reading here.

* data goes one way: reference, artifact, evidence, checks, verdict, ledger, and only then the bytes
* whatever cannot be decided is a FAILED verdict with its own reason code; an exception is never a pass
* the bytes that are handed on are the bytes that were hashed
* the clock is read by the caller, once
"""

from __future__ import annotations

from verifier.archives.inflating import VERSIONS
from verifier.core.outcome import Reason
from verifier.core.value import replace
from verifier.core.verdict import Verdict
from verifier.engine.examine import examine
from verifier.engine.request import Request, unread, without_rule
from verifier.engine.settle import by_rule, settle
from verifier.engine.situation import Recording, Situation
from verifier.engine.verification import Verification, handed_on
from verifier.ledger.absent import NoLedger
from verifier.trust.evaluate import ending_of, rule_for


def verify_artifact(request: Request) -> Verification:
    """Verify an artifact; never raises for what it reads."""
    # 1. Whom do we believe about this artifact? Without a rule nothing else is looked at.
    rule = rule_for(request.policy, request.kind, request.name)
    situation = Situation(
        ledger=request.ledger,
        scope=request.scope(rule),
        recording=Recording.FULLY if request.record else Recording.NOT,
        now=request.now,
        correlation_id=request.correlation_id,
        actor=request.actor,
        verifier_id=request.verifier_id,
        verifier_version={**request.verifier_version, **VERSIONS},
    )
    if rule is None:
        found = without_rule(request)
        return handed_on(settle(lambda _: found, situation), None)
    # 2. to 4. What is it worth by itself, and by the evidence beside it?
    find, content = examine(request, rule)
    # 5. What has been accepted before? Here the decision falls, and is recorded.
    verdict = settle(find, replace(situation, compare=by_rule(rule, request.now), warned=ending_of(rule)))
    # 6. What was verified is what is handed on.
    return handed_on(verdict, content)


def not_judged(request: Request, *reasons: Reason) -> Verdict:
    """The verdict upon what was not judged, for these reasons; no ledger is asked, and nothing recorded."""
    found = unread(request, rule_for(request.policy, request.kind, request.name), None, *reasons)
    situation = Situation(
        ledger=NoLedger(),
        scope="",
        recording=Recording.NOT,
        now=request.now,
        correlation_id=request.correlation_id,
        verifier_id=request.verifier_id,
        verifier_version=request.verifier_version,
    )
    return settle(lambda _: found, situation)
