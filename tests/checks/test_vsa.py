"""Relying on somebody else's verdict: one change, one reason code."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.attestations.summaries import ARTIFACT, NOW, POLICY, PREDICATE, RULE, URI, VERIFIER
from tests.support.material import corpus, envelope, signer
from verifier.checks.vsa import TrustedVerifier, VsaExpectations, check_vsa, level_met
from verifier.core.digest import Digest
from verifier.core.outcome import Failed, Passed
from verifier.core.signers.signer import Signer
from verifier.core.uris import VERDICT_EXTENSION, VERIFICATION_SUMMARY
from verifier.formats.intoto.statement import parse_statement
from verifier.formats.intoto.vsa import parse_vsa
from verifier.signatures.envelope import verify_envelope

EXPECTED = VsaExpectations(
    digest=ARTIFACT,
    resource_uri=URI,
    verifiers=(TrustedVerifier(signer="p256", id=VERIFIER),),
    levels=("SLSA_BUILD_LEVEL_2", "ACME_REVIEWED"),
    policy_digests=(POLICY,),
    max_age=timedelta(hours=2),
    now=NOW,
)


def judge(predicate=PREDICATE, names=("p256",), digest=ARTIFACT, **expectations):
    payload = json.dumps(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": "authz", "digest": {digest.algorithm: digest.value}}],
            "predicateType": VERIFICATION_SUMMARY,
            "predicate": predicate,
        }
    ).encode()
    verified = verify_envelope(
        envelope(payload, *names), signers=[signer(n) for n in names], now=NOW, subject="verdict"
    )
    statement = parse_statement(verified.payload, subject="verdict")
    expected = dataclasses.replace(EXPECTED, **expectations)
    return check_vsa(statement, parse_vsa(statement), verified.signers, expected)


def denial(*args, **options):
    outcome = judge(*args, **options)
    assert isinstance(outcome, Failed)
    return [reason.code for reason in outcome.reasons]


def expiring(moment):
    return PREDICATE | {VERDICT_EXTENSION: {"artifact": {"kind": "bundle", "name": "authz"}, "expires": moment}}


def test_a_verdict_that_meets_every_expectation_passes():
    assert judge() == Passed()


def test_a_verdict_about_other_bytes_is_denied():
    assert denial(digest=Digest.of(b"other")) == ["verdict.subject-mismatch"]


def test_a_verdict_for_another_resource_is_denied():
    assert denial(resource_uri=URI + "?") == ["verdict.resource-mismatch"]


@pytest.mark.parametrize(
    "stated", ["https://a.example/$(id)", "https://a.example/;`id`", "x y", "a'b", '"\nsigner = "x']
)
def test_what_is_no_plain_word_is_not_proposed_to_be_typed(stated):
    (reason,) = judge(PREDICATE | {"resourceUri": stated}).reasons
    assert (reason.code, stated in reason.hint) == ("verdict.resource-mismatch", False)
    (reason,) = judge(PREDICATE | {"verifier": {"id": stated}}).reasons
    assert (reason.code, stated in reason.hint) == ("verdict.verifier-untrusted", False)


def test_a_plain_word_is():
    (reason,) = judge(PREDICATE | {"resourceUri": "https://a.example/x"}).reasons
    assert "--resource-uri https://a.example/x, " in reason.hint
    (reason,) = judge(PREDICATE | {"verifier": {"id": "https://a.example/v"}}).reasons
    assert 'id = "https://a.example/v" ' in reason.hint


def test_a_verifier_id_that_belongs_to_another_signer_is_denied():
    pairs = (TrustedVerifier(signer="rsa", id=VERIFIER), TrustedVerifier(signer="p256", id=VERIFIER + "/2"))
    assert denial(verifiers=pairs) == ["verdict.verifier-untrusted"]


def test_any_of_the_signers_may_be_the_one_paired_with_the_verifier():
    assert judge(names=("rsa", "p256")) == Passed()


def test_no_verifiers_trust_nobody():
    assert denial(verifiers=()) == ["verdict.verifier-untrusted"]


def test_failed_is_denied():
    assert denial(PREDICATE | {"verificationResult": "FAILED"}) == ["verdict.failed"]


def test_passed_beside_the_level_failed_is_denied():
    assert denial(PREDICATE | {"verifiedLevels": ["FAILED"]}, levels=()) == ["verdict.failed"]


@pytest.mark.parametrize("level", ["SLSA_BUILD_LEVEL_4", "SLSA_SOURCE_LEVEL_1", "ACME_AUDITED", "acme_reviewed"])
def test_a_missing_level_is_denied(level):
    assert denial(levels=(level,)) == ["verdict.level-missing"]


@pytest.mark.parametrize(
    ("required", "verified", "met"),
    [
        ("SLSA_BUILD_LEVEL_2", ("SLSA_BUILD_LEVEL_3",), True),
        ("SLSA_BUILD_LEVEL_2", ("SLSA_BUILD_LEVEL_2",), True),
        ("SLSA_BUILD_LEVEL_2", ("SLSA_BUILD_LEVEL_1",), False),
        ("SLSA_BUILD_LEVEL_2", ("SLSA_SOURCE_LEVEL_3",), False),
        ("SLSA_BUILD_LEVEL_0", ("SLSA_BUILD_LEVEL_UNEVALUATED",), False),
        ("SLSA_BUILD_LEVEL_UNEVALUATED", ("SLSA_BUILD_LEVEL_UNEVALUATED",), True),
        ("SLSA_SOURCE_TWO_PARTY_REVIEWED", ("SLSA_SOURCE_TWO_PARTY_REVIEWED",), True),
        ("SLSA_BUILD_LEVEL_1", (), False),
    ],
)
def test_a_required_level_is_met_by_a_higher_one_of_its_track(required, verified, met):
    assert level_met(required, verified) is met


def test_a_verdict_under_another_policy_is_denied():
    assert denial(policy_digests=(Digest.of(b"old policy"),)) == ["verdict.policy-unknown"]


def test_a_verdict_without_a_policy_digest_is_denied_where_one_is_expected():
    without = PREDICATE | {"policy": {"uri": "https://example.org/policy"}}
    assert denial(without) == ["verdict.policy-unknown"]
    assert judge(without, policy_digests=()) == Passed()


def under(rule):
    """A verdict that names this rule, whatever its policy is."""
    extension = {"artifact": {"kind": "bundle", "name": "authz"}, "ruleDigest": rule and {"sha256": rule.value}}
    return PREDICATE | {VERDICT_EXTENSION: {name: value for name, value in extension.items() if value}}


class TestTheRule:
    def test_that_applies_is_the_one_it_must_be_made_under_whatever_its_policy_is(self):
        assert judge(under(RULE), rule_digest=RULE, policy_digests=()) == Passed()
        for rule in (Digest.of(b"another"), POLICY, None):
            assert denial(under(rule), rule_digest=RULE, policy_digests=()) == ["verdict.policy-unknown"]

    def test_is_not_stood_in_for_by_the_policy_unless_somebody_here_says_so(self):
        assert denial(rule_digest=RULE, policy_digests=()) == ["verdict.policy-unknown"]
        assert judge(rule_digest=RULE, policy_digests=(POLICY,)) == Passed()

    @pytest.mark.parametrize(
        ("pairs", "counts"),
        [
            ((("p256", VERIFIER, (POLICY,)),), True),
            ((("p256", VERIFIER, ()),), False),
            ((("p256", VERIFIER, (RULE,)),), False),
            ((("p256", VERIFIER, ()), ("p384", VERIFIER, (POLICY,))), False),
            ((("p256", VERIFIER, ()), ("p256", VERIFIER + "/other", (POLICY,))), False),
        ],
    )
    def test_is_stood_in_for_by_a_policy_that_is_named_for_the_very_pair(self, pairs, counts):
        verifiers = tuple(TrustedVerifier(signer=one, id=two, policy_digests=three) for one, two, three in pairs)
        outcome = judge(verifiers=verifiers, rule_digest=RULE, policy_digests=())
        assert isinstance(outcome, Passed) is counts


def test_an_expired_verdict_is_denied_from_the_very_moment_on():
    assert denial(expiring("2026-11-21T12:00:00Z")) == ["verdict.expired"]
    assert judge(expiring("2026-11-21T12:00:01Z")) == Passed()


def test_a_verdict_older_than_allowed_is_denied():
    assert denial(max_age=timedelta(minutes=59)) == ["verdict.expired"]
    assert judge(max_age=timedelta(hours=1)) == Passed()


def test_a_verdict_without_a_time_is_not_fresh():
    timeless = {key: value for key, value in PREDICATE.items() if key != "timeVerified"}
    assert denial(timeless) == ["verdict.expired"]
    assert judge(timeless, max_age=None) == Passed()


def test_a_verdict_from_the_future_is_denied_beyond_the_skew():
    assert judge(PREDICATE | {"timeVerified": "2026-11-21T12:05:00Z"}) == Passed()
    assert denial(PREDICATE | {"timeVerified": "2026-11-21T12:05:01Z"}) == ["clock.skew"]


def test_all_reasons_are_listed():
    nothing_right = expiring("2020-01-01T00:00:00Z") | {
        "verificationResult": "FAILED",
        "verifiedLevels": ["FAILED"],
        "timeVerified": "2030-01-01T00:00:00Z",
    }
    found = denial(
        nothing_right,
        digest=Digest.of(b"x"),
        verifiers=(),
        resource_uri="x",
        levels=("A",),
        policy_digests=(Digest.of(b"y"),),
    )
    assert found == [
        "verdict.subject-mismatch",
        "verdict.verifier-untrusted",
        "verdict.resource-mismatch",
        "verdict.failed",
        "verdict.level-missing",
        "verdict.policy-unknown",
        "verdict.expired",
        "clock.skew",
    ]


@pytest.fixture
def gke():
    """The real summary of the corpus, judged under what its publisher documents, or with changes."""
    folder = corpus("vsa")
    key = (folder / "vsa_signing_public_key.pem").read_bytes()
    google = Signer(name="google", kid="google", public_key=key, answers_any_kid=True)
    document = (folder / "gke-gce-pre.bcid-vsa.jsonl").read_bytes()

    def judged(**changes):
        now = datetime(2024, 6, 13, tzinfo=UTC)
        verified = verify_envelope(document, signers=[google], now=now, subject="verdict")
        statement = parse_statement(verified.payload, subject="verdict")
        verifier = "https://bcid.corp.google.com/verifier/bcid_package_enforcer/v0.1"
        expected = VsaExpectations(
            digest=Digest.parse("gce_image_id:8970095005306000053"),
            resource_uri="gce_image://gke-node-images:gke-12615-gke1418000-cos-101-17162-463-29-c-cgpv1-pre",
            verifiers=(TrustedVerifier(signer="google", id=verifier),),
            levels=("BCID_L1", "SLSA_BUILD_LEVEL_2"),
            now=now,
        )
        return check_vsa(statement, parse_vsa(statement), verified.signers, dataclasses.replace(expected, **changes))

    return judged


@pytest.mark.corpus
def test_a_real_summary_passes(gke):
    assert gke() == Passed()


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"digest": Digest.parse("gce_image_id:8970095005306000054")}, "verdict.subject-mismatch"),
        ({"digest": Digest.parse("gce_image:8970095005306000053")}, "verdict.subject-mismatch"),
        ({"resource_uri": "gce_image://gke-node-images:other"}, "verdict.resource-mismatch"),
        ({"verifiers": (TrustedVerifier(signer="google", id="https://x"),)}, "verdict.verifier-untrusted"),
        ({"levels": ("SLSA_BUILD_LEVEL_3",)}, "verdict.level-missing"),
        ({"policy_digests": (POLICY,)}, "verdict.policy-unknown"),
        ({"max_age": timedelta(hours=1)}, "verdict.expired"),
        ({"now": datetime(2024, 6, 12, tzinfo=UTC)}, "clock.skew"),
    ],
)
def test_a_real_summary_is_denied_with_any_one_value_changed(gke, changes, code):
    outcome = gke(**changes)
    assert isinstance(outcome, Failed)
    assert [reason.code for reason in outcome.reasons] == [code]
