"""Relying on a verdict: SLSA's steps for consumers and ours, a real verdict of another vendor, and our own round trip.

https://slsa.dev/spec/v1.2/verification_summary#how-to-verify
"""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.attestations.summaries import PREDICATE
from tests.support.material import NOW, corpus, private_key, public_pem, signer, statement
from tests.support.material import envelope as signed_envelope
from tests.support.sigstore_instance import (
    Instance,
    bundle,
    envelope_of,
    identity,
    key_material,
    keyless,
    message_of,
)
from tests.support.stories import (
    NAME,
    POLICY_ID,
    SCOPE,
    URI,
    VERIFIER,
    archive,
    codes,
    policy,
    signed,
    verify,
    warnings,
)
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import Refused, refuse
from verifier.core.signers.signer import Signer
from verifier.core.signers.sigstore import SigstoreInstance
from verifier.core.uris import VERIFICATION_SUMMARY
from verifier.core.verdict import MONOTONIC_LEVEL, Decision
from verifier.engine.by_verdict import VerdictRequest, verify_verdict
from verifier.engine.levels import SIGNED_LEVEL
from verifier.ledger.absent import ledger_of
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.publish.attest import sign_vsa
from verifier.trust.effective import rule_digest
from verifier.trust.tables.verifiers import VerifierRule

CONTENT = signed()
RUNTIME = policy("p384")  # what is under test is whose verdicts it accepts: p384 as VERIFIER


def emit(source=CONTENT, *, key="p384", holds=timedelta(days=30), **changes) -> Document:
    """What our own verifier says of a bundle, as it is handed to others."""
    verdict = verify(source, **({"resource_uri": URI} | changes)).verdict
    envelope = sign_vsa(verdict, key=private_key(key), keyid=key, expires=verdict.time_verified + holds)
    return Document(name="authz.vsa.json", content=envelope)


def ask(document=None, trust=RUNTIME, **changes) -> VerdictRequest:
    chosen = {
        "document": document or emit(),
        "digest": Digest.of(CONTENT),
        "resource_uri": URI,
        "policy": trust,
        "policy_digests": (RUNTIME.digest,),
        "levels": (SIGNED_LEVEL,),
        "now": NOW,
        "correlation_id": "story",
    }
    store = ledger_of(changes.pop("ledger", None))
    return VerdictRequest(**(chosen | changes), ledger=store)


def judge(*args, **changes):
    return verify_verdict(ask(*args, **changes))


def denial(*args, **changes):
    verdict = judge(*args, **changes)
    assert verdict.levels == ("FAILED",)
    return codes(verdict)


def claiming(**changes) -> Document:
    return Document(name="v", content=signed_envelope(summary(**changes), "p384"))


def summary(**changes) -> bytes:
    return statement(Digest.of(CONTENT).value, VERIFICATION_SUMMARY, **(PREDICATE | changes))


def bundled(content: dict) -> Document:
    """A Sigstore bundle."""
    return Document(name="v.sigstore.json", content=json.dumps(content).encode())


@pytest.fixture
def ledger(tmp_path):
    create_ledger(tmp_path / "ledger.db")
    with open_ledger(tmp_path / "ledger.db") as opened:
        yield opened


class TestOurOwnRoundTrip:
    def test_a_verdict_that_we_made_is_accepted_with_everything_it_says(self):
        verdict = judge()
        assert (verdict.passed, verdict.reasons) == (True, ())
        assert (verdict.subject.kind, verdict.subject.name, verdict.subject.version) == ("bundle", NAME, "1.0.0")
        assert (verdict.subject.digest, verdict.subject.resource_uri) == (Digest.of(CONTENT), URI)
        assert (verdict.levels, verdict.policy.uri) == ((SIGNED_LEVEL,), POLICY_ID)
        (item,) = verdict.evidence
        assert (item.kind, item.signer, item.verified, item.time) == ("verification-summary", "p384", True, NOW)

    def test_a_recorded_acceptance_claims_monotonicity_but_for_the_first(self, ledger):
        unrecorded, first, second = emit(ledger=ledger), *(emit(ledger=ledger, record=True) for _ in "12")
        for document in (unrecorded, first):
            assert denial(document, levels=(MONOTONIC_LEVEL,)) == ["verdict.level-missing"]
        assert judge(second, levels=(SIGNED_LEVEL, MONOTONIC_LEVEL)).passed

    def test_a_denial_is_handed_on_as_one(self):
        content = archive()
        verdict = judge(emit(content), digest=Digest.of(content), levels=())
        assert (codes(verdict), verdict.levels, verdict.decision) == (["verdict.failed"], ("FAILED",), Decision.FAILED)
        assert "signature.missing" in verdict.reasons[0].message


class TestTheStepsOfSlsa:
    def test_1_a_signature_that_does_not_verify(self):
        other = policy(signers=(signer("p384", "p384-2"),))
        assert denial(trust=other) == ["signature.invalid"]

    def test_1_a_signer_whom_the_policy_pairs_with_no_verifier(self):
        assert denial(emit(key="p256")) == ["signer.untrusted"]

    def test_1_a_signer_who_is_revoked(self):
        assert denial(trust=policy(signers=(signer("p384", revoked=True),))) == ["signer.revoked"]

    def test_1_a_policy_that_pairs_nobody(self):
        assert denial(trust=replace(RUNTIME, verifiers=())) == ["verdict.verifier-untrusted"]

    def test_2_another_subject(self):
        assert denial(digest=Digest.of(b"other")) == ["verdict.subject-mismatch"]

    def test_3_another_type_of_predicate(self):
        payload = statement(Digest.of(CONTENT).value, "https://slsa.dev/provenance/v1", x=1)
        assert denial(Document(name="v", content=signed_envelope(payload, "p384"))) == ["verdict.malformed"]

    def test_4_a_verifier_id_that_is_not_the_signers(self):
        assert denial(emit(verifier_id="https://example.org/another")) == ["verdict.verifier-untrusted"]

    def test_4_a_verifier_id_that_is_another_signers(self):
        pairs = (
            VerifierRule(name="a", signer="p384", id="https://a"),
            VerifierRule(name="b", signer="p256", id=VERIFIER),
        )
        trust = replace(policy("p384", "p256"), verifiers=pairs)
        assert denial(trust=trust) == ["verdict.verifier-untrusted"]

    @pytest.mark.parametrize("uri", [URI + "/", URI.upper(), ""])
    def test_5_another_resource(self, uri):
        assert denial(resource_uri=uri) == ["verdict.resource-mismatch"]

    def test_6_a_result_that_is_not_passed(self):
        failed = claiming(verificationResult="FAILED", verifiedLevels=["FAILED"])
        assert "verdict.failed" in denial(failed)

    def test_7_a_level_that_is_not_met(self):
        assert denial(levels=("SLSA_BUILD_LEVEL_1",)) == ["verdict.level-missing"]


class TestOurSteps:
    def test_another_policy(self):
        assert denial(policy_digests=(Digest.of(b"other"),)) == ["verdict.policy-unknown"]

    def test_the_rule_that_applies_whatever_the_policys_file_is(self):
        made = policy()
        rule = rule_digest(made, made.artifacts[0])
        assert judge(rule_digest=rule, policy_digests=()).passed
        verdict = judge(rule_digest=Digest.of(b"other"), policy_digests=())
        assert (codes(verdict), verdict.rule_digest) == (["verdict.policy-unknown"], Digest.of(b"other"))

    def test_a_rule_that_nobody_knows(self):
        assert denial(rule_digest=refuse("trust.no-policy", "verdict", "which one?")) == ["trust.no-policy"]

    @pytest.mark.parametrize("said", [{"name": NAME + "2"}, {"kind": "image", "name": NAME}])
    def test_another_name_than_the_consumer_says(self, said):
        assert denial(**said) == ["verdict.subject-mismatch"]

    def test_any_policy_where_none_is_named(self):
        assert judge(policy_digests=()).passed

    def test_an_expired_verdict(self):
        assert judge(now=NOW + timedelta(days=30, seconds=-1)).passed
        assert denial(now=NOW + timedelta(days=30)) == ["verdict.expired"]

    def test_a_verdict_older_than_asked_for(self):
        assert denial(now=NOW + timedelta(hours=2), max_age=timedelta(hours=1)) == ["verdict.expired"]

    def test_a_verdict_from_the_future(self):
        assert denial(now=NOW - timedelta(hours=1)) == ["clock.skew"]

    def test_all_that_is_wrong_is_said_at_once(self):
        found = denial(digest=Digest.of(b"x"), resource_uri="x", levels=("X",), policy_digests=(Digest.of(b"x"),))
        assert sorted(found) == [
            "verdict.level-missing",
            "verdict.policy-unknown",
            "verdict.resource-mismatch",
            "verdict.subject-mismatch",
        ]

    @pytest.mark.parametrize("content", [b"", b"{}", b"[" * 100_000, b"\xff", emit().content[:-9]])
    def test_a_file_that_is_no_envelope_is_denied_with_its_digest(self, content):
        verdict = judge(Document(name="v", content=content))
        assert not verdict.passed
        assert [(item.verified, item.signer) for item in verdict.evidence] == [(False, None)]

    def test_whatever_could_not_be_read_is_undecided_and_named(self):
        document, digest = (refuse("input.unreadable", name, "cannot be read") for name in ("v.json", "authz"))
        verdict = judge(document, digest=digest)
        assert ([reason.subject for reason in verdict.reasons], verdict.undecided) == (["v.json", "authz"], True)
        assert (verdict.subject.digest, verdict.evidence) == (None, ())

    def test_a_second_signature_that_does_not_count_is_reported(self):
        payload = statement(Digest.of(CONTENT).value, VERIFICATION_SUMMARY, **PREDICATE)
        both = Document(name="v", content=signed_envelope(payload, "p384", "p256"))
        assert warnings(judge(both)) == ["signer.untrusted"]


class TestAgainstTheLedger:
    def test_a_verdict_at_the_mark_passes_and_moves_nothing(self, ledger):
        document = emit(ledger=ledger, record=True)
        head = ledger.head()
        verdict = judge(document, ledger=ledger, scope=SCOPE)
        assert verdict.passed
        assert (verdict.ledger.scope, verdict.ledger.after, verdict.ledger.recorded) == (SCOPE, "0:1.0.0", False)
        assert ledger.head() == head

    def test_a_verdict_below_the_mark_is_a_replay_however_well_it_is_signed(self, ledger):
        document = emit(ledger=ledger, record=True)
        verify(signed(archive("1.1.0")), ledger=ledger, record=True)
        assert denial(document, ledger=ledger, scope=SCOPE) == ["version.rollback"]

    def test_without_a_scope_that_the_consumer_says_nothing_can_be_compared(self, ledger):
        assert denial(ledger=ledger) == ["ledger.scope-unknown"]

    def test_another_vendors_verdict_cannot_be_compared(self, ledger):
        trust = replace(RUNTIME, verifiers=(VerifierRule(name="x", signer="p384", id=PREDICATE["verifier"]["id"]),))
        assert "version.missing" in denial(claiming(), trust, ledger=ledger, scope=SCOPE)

    def test_a_ledger_that_could_not_be_opened_leaves_it_undecided(self):
        missing = Refused(*refuse("ledger.unavailable", "ledger.db", "there is none").reasons)
        verdict = judge(ledger=missing)
        assert (codes(verdict), verdict.undecided) == (["ledger.unavailable"], True)


@pytest.mark.corpus
class TestAVerdictOfAnotherVendor:
    """Google's verdict about an image of GKE, signed by a plain key."""

    VENDOR = "https://bcid.corp.google.com/verifier/bcid_package_enforcer/v0.1"
    IMAGE = "gce_image://gke-node-images:gke-12615-gke1418000-cos-101-17162-463-29-c-cgpv1-pre"

    def ask(self, **changes):
        folder = corpus("vsa")
        key = changes.pop("key", None) or (folder / "vsa_signing_public_key.pem").read_bytes()
        vendor = Signer(name="google", kid="google", public_key=key, answers_any_kid=True)
        pair = VerifierRule(name="google", signer="google", id=changes.pop("verifier_id", self.VENDOR))
        content = (folder / "gke-gce-pre.bcid-vsa.jsonl").read_bytes()
        trust = replace(policy(signers=(vendor,)), verifiers=(pair,))
        chosen = {
            "digest": Digest(algorithm="gce_image_id", value="8970095005306000053"),
            "resource_uri": self.IMAGE,
            "levels": ("SLSA_BUILD_LEVEL_2",),
            "policy_digests": (),
        }
        return judge(Document(name="vsa", content=content), trust, **(chosen | changes))

    def test_it_is_accepted(self):
        assert self.ask().passed

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"digest": Digest(algorithm="gce_image_id", value="8970095005306000054")}, "verdict.subject-mismatch"),
            ({"digest": Digest(algorithm="sha256", value="0" * 64)}, "verdict.subject-mismatch"),
            ({"resource_uri": IMAGE + "x"}, "verdict.resource-mismatch"),
            ({"levels": ("SLSA_BUILD_LEVEL_3",)}, "verdict.level-missing"),
            ({"verifier_id": VENDOR + "x"}, "verdict.verifier-untrusted"),
            ({"key": public_pem("p256")}, "signature.invalid"),
            ({"policy_digests": (Digest.of(b"x"),)}, "verdict.policy-unknown"),
            ({"max_age": timedelta(days=1)}, "verdict.expired"),
        ],
    )
    def test_each_value_that_is_changed_denies(self, change, code):
        assert codes(self.ask(**change)) == [code]


class TestInASigstoreBundle:
    INSTANCE = Instance()
    OWN = SigstoreInstance(name="instance.example", document=json.dumps(INSTANCE.root_document()).encode())

    def trusting(self, *signers, **changes):
        chosen = {"sigstore": self.OWN, "verifiers": (VerifierRule(name="ci", signer="ci", id=VERIFIER),)}
        return replace(policy(signers=signers or (identity(),)), **(chosen | changes))

    def judged(self, content, trust=None, **changes):
        return judge(bundled(content), trust or self.trusting(), levels=(), policy_digests=(), **changes)

    def test_a_verdict_signed_keyless_is_accepted(self):
        verdict = self.judged(keyless(self.INSTANCE, payload=_said()))
        assert (verdict.passed, [item.signer for item in verdict.evidence]) == (True, ["ci"])

    def test_it_is_judged_like_any_other(self):
        denied = keyless(self.INSTANCE, payload=_said(verificationResult="FAILED"))
        assert codes(self.judged(denied)) == ["verdict.failed"]

    def test_by_another_identity_it_is_nothing_and_both_are_said(self):
        other = self.trusting(identity(identity="https://forge.example/other"))
        verdict = self.judged(keyless(self.INSTANCE, payload=_said()), other)
        assert codes(verdict) == ["signer.untrusted"]
        assert "acme/policies" in verdict.reasons[0].message
        assert "https://forge.example/other" in verdict.reasons[0].message

    def test_by_an_identity_that_no_verifier_is_paired_with_it_is_nothing(self):
        paired = VerifierRule(name="ci", signer="p256", id=VERIFIER)
        trust = self.trusting(identity(), signer("p256"), verifiers=(paired,))
        assert codes(self.judged(keyless(self.INSTANCE, payload=_said()), trust)) == ["signer.untrusted"]

    def test_certified_by_another_instance_it_is_nothing(self):
        verdict = self.judged(keyless(Instance(), payload=_said()))
        assert not verdict.passed

    def test_a_key_of_the_policy_may_sign_one_too(self):
        pair = (VerifierRule(name="ci", signer="p256", id=VERIFIER),)
        content = bundle(envelope_of("p256", _said()), key_material())
        assert self.judged(content, self.trusting(signer("p256"), verifiers=pair)).passed

    def test_a_signature_of_the_artifact_is_no_verdict(self):
        pair = (VerifierRule(name="ci", signer="p256", id=VERIFIER),)
        content = bundle(message_of("p256", CONTENT), key_material())
        assert codes(self.judged(content, self.trusting(signer("p256"), verifiers=pair))) == ["verdict.malformed"]


def _said(**changes) -> bytes:
    return summary(**({"verifier": {"id": VERIFIER}, "resourceUri": URI} | changes))
