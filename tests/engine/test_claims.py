"""k of n for claims: what all signers signed is not undone by the later word of one.

`p256` and `p384` must both sign; `ed25519` may.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support import material
from tests.support.ledgers.memory import MemoryLedger
from tests.support.material import NOW, private_key, signer
from tests.support.rules import artifact_rule
from tests.support.stories import codes, warnings
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.limits import DEFAULT_LIMITS
from verifier.engine.recipe import verify_artifact
from verifier.engine.request import Request
from verifier.formats.intoto.release import Release
from verifier.ledger.advance import Circumstances
from verifier.ledger.history import check
from verifier.ledger.operate import set_floor
from verifier.publish.attest import attest_release
from verifier.trust.model import TrustPolicy
from verifier.trust.sections.freshness import FreshnessRule
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.version import VersionFrom, VersionUnchecked
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor

ATTESTED = VersionFrom(source="attestation.version", scheme="semver")
BY_TIME = VersionFrom(source="signed-time", scheme="signed-time")
OLD = NOW - timedelta(days=400)


def policy(*, threshold=2, order=ATTESTED, freshness=None, names=("p256", "p384", "ed25519")):
    trusted = [signer(name) for name in names]
    signatures = SignatureRule(threshold=threshold, from_=names)
    rule = artifact_rule("artifact:app", signatures, version=order)
    if freshness is not None:
        rule = rule.having(FreshnessRule(longest=freshness))
    return TrustPolicy(
        id="https://example.org/policy",
        digest=Digest.of(b"policy"),
        trust_digest=Digest.of(b"policy"),
        signers={each.name: each for each in trusted},
        artifacts=(rule,),
        builders=(),
        verifiers=(),
        organisation=(),
        limits=DEFAULT_LIMITS,
        base_dir="",
    )


def said(key, version="1.0.0", *, content=b"app", at=NOW, **claims):
    release = Release(kind="artifact", name="app", version=version, issued_at=at, **claims)
    envelope = attest_release(release, digests=[Digest.of(content)], key=private_key(key), keyid=key)
    return Document(name=f"{key}-{version}.json", content=envelope)


def verify(*documents, trust=None, content=b"app", **changes):
    chosen = {"kind": "artifact", "name": "app", "now": NOW, "correlation_id": "story"}
    request = Request(source=content, policy=trust or policy(), attestations=documents, **(chosen | changes))
    return verify_artifact(request).verdict


class TestTheVersion:
    def test_is_the_one_that_all_state_and_not_the_later_word_of_one(self):
        for later in ("9.0.0", "0.1.0"):
            verdict = verify(said("p256"), said("p384"), said("p256", later))
            assert (verdict.passed, verdict.subject.version) == (True, "1.0.0")
            assert "version.disputed" in warnings(verdict)
            assert later in next(each.message for each in verdict.reasons if each.code == "version.disputed")

    def test_is_the_same_in_whatever_order_they_speak(self):
        spoken = [said("p256"), said("p384"), said("p256", "9.0.0"), said("ed25519", "8.0.0")]
        for _ in spoken:
            spoken = [*spoken[1:], spoken[0]]
            assert verify(*spoken).subject.version == "1.0.0"

    def test_is_none_where_too_few_agree(self):
        verdict = verify(said("p256"), said("p384", "9.0.0"))
        assert (codes(verdict), verdict.subject.version) == (["version.disputed"], None)

    def test_is_none_where_as_many_state_another(self):
        documents = [said(key, version) for key in ("p256", "p384") for version in ("1.0.0", "9.0.0")]
        assert codes(verify(*documents)) == ["version.disputed"]

    def test_is_not_stated_by_one_key_in_many_documents(self):
        assert codes(verify(said("p256"), said("p256", at=OLD), said("p384", None))) == ["version.disputed"]

    def test_is_not_stated_under_two_names_of_one_key(self):
        trust = policy(names=("p256", "p384"))
        twin = replace(trust.signers["p256"], name="twin", kid="twin")
        signers = {**trust.signers, "twin": twin}
        rule = trust.artifacts[0].having(SignatureRule(threshold=2, from_=tuple(signers)))
        trust = replace(trust, signers=signers, artifacts=(rule,))
        again = said("p256", at=OLD)
        again = replace(again, content=again.content.replace(b'"keyid":"p256"', b'"keyid":"twin"'))
        assert codes(verify(said("p256"), again, said("p384", "9.0.0"), trust=trust)) == ["version.disputed"]

    def test_of_a_stranger_counts_for_nothing(self):
        assert verify(said("p256"), said("p384"), said("rsa", "9.0.0")).subject.version == "1.0.0"


class TestTheSignedTime:
    def test_is_the_one_since_which_all_have_signed(self):
        trust = policy(order=VersionUnchecked(), freshness=timedelta(days=30))
        signed_long_ago = (said("p256", at=OLD), said("p384", at=OLD))
        assert codes(verify(*signed_long_ago, trust=trust)) == ["freshness.expired"]
        assert codes(verify(*signed_long_ago, said("p256"), trust=trust)) == ["freshness.expired"]
        assert verify(*signed_long_ago, said("p256"), said("p384"), trust=trust).passed

    def test_is_none_where_too_few_state_one(self):
        trust = policy(order=VersionUnchecked(), freshness=timedelta(days=30))
        silent = material.statement(Digest.of(b"app").value, "https://sigstore.dev/cosign/sign/v1")
        beside = Document(name="cosign.json", content=material.envelope(silent, "p384"))
        assert codes(verify(said("p256"), beside, trust=trust)) == ["freshness.no-signed-time"]

    def test_as_a_version_is_not_raised_by_one(self):
        verdict = verify(said("p256", at=OLD), said("p384", at=OLD), said("p256"), trust=policy(order=BY_TIME))
        assert verdict.subject.version == OLD.strftime("%Y-%m-%dT%H:%M:%SZ")

    @pytest.mark.parametrize("order", [ATTESTED, BY_TIME, VersionUnchecked()])
    def test_in_the_future_denies_whoever_states_it(self, order):
        ahead = said("ed25519", at=NOW + timedelta(days=400))
        assert "clock.skew" in codes(verify(said("p256"), said("p384"), ahead, trust=policy(order=order)))


class TestTheExpiry:
    def test_is_not_prolonged_by_one(self):
        expired = {"at": OLD, "expires_at": NOW - timedelta(days=1)}
        verdict = verify(said("p256", **expired), said("p384", **expired), said("p256"))
        assert "signature.threshold-not-met" in codes(verdict)


class TestARelabelledContent:
    @pytest.fixture
    def ledger(self):
        return MemoryLedger()

    def accepted(self, ledger, version, content):
        documents = [said(key, version, content=content) for key in ("p256", "p384")]
        return verify(*documents, content=content, ledger=ledger, record=True)

    def test_is_denied_whatever_came_since(self, ledger):
        assert self.accepted(ledger, "1.0.0", b"old").passed
        assert codes(self.accepted(ledger, "1.5.0", b"old")) == ["version.relabelled"]
        assert self.accepted(ledger, "2.0.0", b"new").passed
        assert codes(self.accepted(ledger, "9.0.0", b"old")) == ["version.relabelled"]
        assert ledger.fetch("artifact:app").standing == "0:2.0.0"
        check(ledger)

    def test_is_one_that_was_accepted_and_not_one_that_was_denied(self, ledger):
        assert self.accepted(ledger, "2.0.0", b"new").passed
        assert codes(self.accepted(ledger, "1.0.0", b"old")) == ["version.rollback"]
        assert self.accepted(ledger, "3.0.0", b"old").passed

    def test_is_none_under_a_version_that_orders_equally(self, ledger):
        assert self.accepted(ledger, "1.0.0", b"old").passed
        assert self.accepted(ledger, "1.0.0+build", b"old").passed
        assert self.accepted(ledger, "2.0.0", b"new").passed
        assert codes(self.accepted(ledger, "1.0.0+other", b"old")) == ["version.rollback"]

    def test_is_none_in_another_scope(self, ledger):
        assert self.accepted(ledger, "1.0.0", b"old").passed
        trust = policy()
        rule = replace(trust.artifacts[0], pattern="artifact:other")
        documents = [
            Document(
                name=key,
                content=attest_release(
                    Release(kind="artifact", name="other", version="5.0.0", issued_at=NOW),
                    digests=[Digest.of(b"old")],
                    key=private_key(key),
                    keyid=key,
                ),
            )
            for key in ("p256", "p384")
        ]
        trust = replace(trust, artifacts=(rule,))
        assert verify(*documents, trust=trust, content=b"old", name="other", ledger=ledger, record=True).passed

    def test_is_none_where_the_moment_of_signing_is_the_version(self, ledger):
        given = {"trust": policy(order=BY_TIME), "ledger": ledger, "record": True}
        assert verify(said("p256", at=OLD), said("p384", at=OLD), **given).passed
        assert verify(said("p256"), said("p384"), **given).passed

    def test_is_not_looked_for_where_only_a_floor_is_known(self, ledger):
        set_floor(ledger, "artifact:app", Floor(version="0.1.0", scheme=Scheme.SEMVER), Circumstances(now=NOW))
        assert self.accepted(ledger, "1.0.0", b"old").passed
