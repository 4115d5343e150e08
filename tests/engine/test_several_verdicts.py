"""A file of several documents: which is the verdict that was asked for, and when none is."""

import base64
import itertools
import json
from datetime import timedelta

import pytest

from tests.support.attestations.summaries import PREDICATE
from tests.support.material import NOW, envelope, private_key, statement
from tests.support.sigstore_instance import signature_of
from tests.support.stories import URI, codes, policy, signed, verify, warnings
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.limits import MAX_ATTESTATIONS
from verifier.core.uris import VERIFICATION_SUMMARY
from verifier.engine.by_verdict import VerdictRequest, verify_verdict
from verifier.engine.levels import SIGNED_LEVEL
from verifier.formats.intoto.provenance import PROVENANCE_V1
from verifier.publish.attest import sign_vsa

CONTENT = signed()
RUNTIME = policy("p384")  # what is under test is whose verdicts it accepts: p384 as VERIFIER
ANY = {"levels": (), "policy_digests": ()}
OTHER_TYPE = envelope(statement(Digest.of(CONTENT).value, "https://example.org/source-provenance/v1"), "p384")


def emit() -> bytes:
    """What our own verifier says of the bundle, as it is handed to others."""
    verdict = verify(CONTENT, resource_uri=URI).verdict
    expires = verdict.time_verified + timedelta(days=30)
    return sign_vsa(verdict, key=private_key("p384"), keyid="p384", expires=expires)


TRUSTED = emit()


def judge(document, *, levels=(SIGNED_LEVEL,), policy_digests=(RUNTIME.digest,)):
    return verify_verdict(
        VerdictRequest(
            document=document,
            digest=Digest.of(CONTENT),
            resource_uri=URI,
            policy=RUNTIME,
            policy_digests=policy_digests,
            levels=levels,
            now=NOW,
            correlation_id="story",
        )
    )


def summary(*, about=CONTENT, key="p384", **changes):
    return envelope(
        statement(Digest.of(about).value, VERIFICATION_SUMMARY, **(PREDICATE | {"resourceUri": URI} | changes)), key
    )


def lines(*contents):
    return Document(name="notes.jsonl", content=b"\n".join(each.strip() for each in contents) + b"\n")


def array(*contents):
    return Document(name="notes.json", content=json.dumps([json.loads(each) for each in contents], indent=1).encode())


def orders(*contents):
    return [made(*order) for made in (lines, array) for order in itertools.permutations(contents)]


def stated(version, **changes):
    artifact = {"kind": "bundle", "name": "authz", "version": version, "epoch": 0}
    return summary(**{"https://policy-verifier.dev/verdict/v1": {"artifact": artifact, **changes}})


class TestTheVerdictAskedFor:
    @pytest.mark.parametrize("document", orders(TRUSTED, OTHER_TYPE))
    def test_is_found_beside_provenance_in_whatever_order(self, document):
        verdict = judge(document)
        assert (verdict.passed, verdict.subject.version) == (True, "1.0.0")
        assert "attestation.ignored" in [reason.code for reason in verdict.reasons]

    @pytest.mark.parametrize("document", orders(TRUSTED, summary(about=b"another"), summary(key="p521")))
    def test_is_found_among_verdicts_about_others_and_by_strangers(self, document):
        verdict = judge(document)
        assert verdict.passed
        assert warnings(verdict) == ["signer.untrusted"]

    def test_is_the_one_whose_digest_is_listed_as_judged(self):
        (item,) = judge(lines(OTHER_TYPE, TRUSTED)).evidence
        assert item.digest == Digest.of(TRUSTED.strip())

    @pytest.mark.parametrize(
        "document",
        orders(
            summary(timeVerified="2026-11-20T11:00:00Z", verifiedLevels=["SLSA_BUILD_LEVEL_1"]),
            summary(timeVerified="2026-11-21T11:00:00Z", verifiedLevels=["SLSA_BUILD_LEVEL_2"]),
            summary(resourceUri="https://example.org/other"),
        ),
    )
    def test_is_the_newest_of_those_that_say_the_same(self, document):
        verdict = judge(document, **ANY)
        assert (verdict.passed, verdict.levels) == (True, ("SLSA_BUILD_LEVEL_2",))

    def test_is_the_one_in_an_array_of_one(self):
        assert judge(array(TRUSTED)).passed

    def test_is_found_where_an_older_one_has_expired(self):
        old = stated("1.0.0", expires="2026-11-20T00:00:00Z", ruleDigest=None)
        assert judge(lines(old, stated("1.0.0")), **ANY).passed


def test_one_document_over_several_lines_keeps_its_name():
    spread = json.dumps(json.loads(summary(about=b"another")), indent=2).encode()
    cut = spread.replace(b'"payloadType"', b'"payload_type"')
    (reason,) = (each for each in judge(Document(name="v.json", content=cut), **ANY).reasons if each.is_error)
    assert reason.subject == "v.json"


class TestNoVerdict:
    @pytest.mark.parametrize("document", orders(TRUSTED, summary(verificationResult="FAILED")))
    def test_is_taken_where_a_trusted_verifier_denies(self, document):
        assert "verdict.failed" in codes(judge(document))

    @pytest.mark.parametrize("document", orders(TRUSTED, TRUSTED.replace(b'"sig"', b'"sig": 1, "Sig"')))
    def test_is_taken_where_one_cannot_be_read(self, document):
        verdict = judge(document)
        assert not verdict.passed
        assert any("#" in reason.subject for reason in verdict.reasons if reason.is_error)

    @pytest.mark.parametrize("junk", [b"7", b"[]", b"null", b'"text"'])
    def test_is_taken_beside_what_is_no_document_which_is_named_by_its_number(self, junk):
        verdict = judge(array(TRUSTED, junk))
        assert [reason.subject for reason in verdict.reasons if reason.is_error] == ["notes.json#2"]

    @pytest.mark.parametrize("document", orders(stated("1.0.0"), stated("2.0.0")))
    def test_is_taken_of_two_that_state_different_versions(self, document):
        assert codes(judge(document, **ANY)) == ["verdict.several"]

    def test_is_there_among_other_documents_and_says_what_they_are(self):
        verdict = judge(lines(OTHER_TYPE, OTHER_TYPE))
        assert set(codes(verdict)) == {"verdict.malformed"}
        assert "source-provenance" in verdict.reasons[0].message

    def test_about_this_artifact_is_there_among_those_about_others(self):
        verdict = judge(lines(summary(about=b"a"), summary(about=b"b")), **ANY)
        assert set(codes(verdict)) == {"verdict.subject-mismatch"}
        assert {reason.subject for reason in verdict.reasons} == {"notes.jsonl#1", "notes.jsonl#2"}

    def test_is_taken_of_strangers(self):
        assert set(codes(judge(lines(summary(key="p521"), summary(key="p256")), **ANY))) == {"signer.untrusted"}

    def test_says_of_each_why_it_is_not_enough(self):
        levels = ("SLSA_BUILD_LEVEL_3",)
        low, other = summary(verifiedLevels=["SLSA_BUILD_LEVEL_1"]), summary(resourceUri="https://example.org/x")
        assert set(codes(judge(lines(low, other), **(ANY | {"levels": levels})))) == {
            "verdict.level-missing",
            "verdict.resource-mismatch",
        }

    def test_is_taken_of_more_documents_than_are_read(self):
        assert codes(judge(lines(*[OTHER_TYPE] * (MAX_ATTESTATIONS + 1)))) == ["input.too-large"]
        assert codes(judge(array(*[b"{}"] * 10_000))) == ["input.too-large"]

    def test_is_in_an_array_of_none(self):
        assert codes(judge(Document(name="n", content=b"[]"))) == ["attestation.invalid"]


def test_provenance_alone_is_no_verdict_as_before():
    content = envelope(statement(Digest.of(CONTENT).value, PROVENANCE_V1), "p384")
    assert codes(judge(Document(name="v", content=content))) == ["verdict.malformed"]


@pytest.mark.parametrize("written", [lambda each: each, base64.b64encode])
def test_a_bare_signature_of_the_artifact_is_no_verdict(written):
    signature = signature_of("p384", CONTENT)
    assert codes(judge(Document(name="b.sig", content=written(signature)))) == ["verdict.malformed"]
