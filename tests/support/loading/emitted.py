"""What CI says of a bundle, and who believes it at run time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.support.material import private_key, signer
from tests.support.stories import SCOPE, URI, VERIFIER, codes, policy, signed, verify
from verifier.core.digest import Digest
from verifier.publish.attest import sign_vsa
from verifier.trust.effective import rule_digest
from verifier.trust.tables.verifiers import VerifierRule

CONTENT = signed()
DIGEST = Digest.of(CONTENT)


def trusting(*names, **rule):
    """A policy that p256 signs bundles for, and p384 verdicts as VERIFIER."""
    made = policy(signers=(signer("p256"),), **rule)
    ci = signer("p384")
    pair = VerifierRule(name="ci", signer="p384", id=VERIFIER)
    return replace(made, signers=made.signers | {"p384": ci}, verifiers=(pair,))


RUNTIME = trusting()
RULE = rule_digest(RUNTIME, RUNTIME.artifacts[0])


def emit(source=CONTENT, trust=RUNTIME, *, key="p384", holds=timedelta(days=30), **changes) -> bytes:
    """What CI says of a bundle."""
    verdict = verify(source, trust, **({"resource_uri": URI} | changes)).verdict
    return sign_vsa(verdict, key=private_key(key), keyid=key, expires=verdict.time_verified + holds)


def mark(ledger):
    state = ledger.fetch(SCOPE).state
    return str(state.mark) if state and state.mark else None


def denied(preloaded) -> list[str]:
    assert preloaded.verified is None
    assert preloaded.verdict.levels == ("FAILED",)
    return codes(preloaded.verdict)
