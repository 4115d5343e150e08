"""Attestations beside any file, as stories: what each is worth, and that it is never worth more.

`p256` releases, `p384` builds, `ed25519` verifies; each is believed for what it is, and for nothing else.
"""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support import material
from tests.support.attestations.provenances import REPO, predicate
from tests.support.material import NOW, private_key, signer
from tests.support.rules import artifact_rule
from tests.support.stories import VERIFIER, codes, warnings
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.limits import Limits
from verifier.core.severity import Severity
from verifier.core.uris import VERIFICATION_SUMMARY
from verifier.engine.levels import SIGNED_LEVEL
from verifier.engine.recipe import verify_artifact
from verifier.engine.request import Request
from verifier.formats.intoto.attestation_files import MAX_PIECES
from verifier.formats.intoto.provenance import PROVENANCE_V1
from verifier.formats.intoto.release import Release
from verifier.publish.attest import attest_release
from verifier.signatures import keys
from verifier.trust.model import TrustPolicy
from verifier.trust.sections.provenance import ProvenanceRule
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.version import VersionFrom, VersionUnchecked
from verifier.trust.tables.builders import BuilderRule
from verifier.trust.tables.verifiers import VerifierRule

CONTENT = b"an application"
DIGEST = Digest.of(CONTENT)
BUILDER = f"{REPO}/.github/workflows/build.yml@refs/tags/v1.2.0"
PROVENANCE = predicate("github-attestation")
DEPENDENCY = PROVENANCE["buildDefinition"]["resolvedDependencies"][0]["digest"]
BUILT = ProvenanceRule(level=2, builders=("ci",))
REVIEW = "https://example.org/review/v1"
ORDERED = VersionFrom(source="attestation.version", scheme="semver")


def policy(*listed, threshold=1, counted=(), limits=None, **rule) -> TrustPolicy:
    trusted = [signer(name) for name in ("p256", "p384", "ed25519", "rsa")]
    signatures = SignatureRule(threshold=threshold, from_=listed or ("p256",), attestations=counted)
    return TrustPolicy(
        id="https://example.org/policy",
        digest=Digest.of(b"policy"),
        trust_digest=Digest.of(b"policy"),
        signers={each.name: each for each in trusted},
        artifacts=(artifact_rule("artifact:app", signatures, **({"version": VersionUnchecked()} | rule)),),
        builders=(BuilderRule(name="ci", signer="p384", id=PROVENANCE["runDetails"]["builder"]["id"], level=2),),
        verifiers=(VerifierRule(name="v", signer="ed25519", id=VERIFIER),),
        organisation=(),
        limits=limits or Limits(),
        base_dir="",
    )


def verify(*documents, trust=None, source=CONTENT, **changes):
    request = Request(
        kind="artifact",
        source=source,
        name="app",
        policy=trust or policy(),
        now=NOW,
        correlation_id="story",
        attestations=documents,
    )
    return verify_artifact(replace(request, **changes)).verdict


def document(content, name="attestation.json"):
    return Document(name=name, content=content)


def release(key="p256", *, content=CONTENT, **claims):
    said = Release(**({"kind": "artifact", "name": "app", "version": "1.0.0", "issued_at": NOW} | claims))
    return document(attest_release(said, digests=[Digest.of(content)], key=private_key(key), keyid=key), "release.json")


def said(key, predicate_type, content=None, *, about=DIGEST.value):
    return document(material.envelope(material.statement(about, predicate_type, **(content or {})), key))


def provenance(key="p384", content=PROVENANCE, **options):
    return said(key, PROVENANCE_V1, content, **options)


def verdict(key="ed25519", *, about=DIGEST.value, expires=None, **changes):
    content = {
        "verifier": {"id": VERIFIER},
        "timeVerified": "2026-11-20T12:00:00Z",
        "resourceUri": "https://example.org/app",
        "policy": {"uri": "https://example.org/policy"},
        "verificationResult": "PASSED",
        "verifiedLevels": ["SLSA_BUILD_LEVEL_3"],
    }
    if expires:
        artifact = {"kind": "artifact", "name": "app"}
        content["https://policy-verifier.dev/verdict/v1"] = {"artifact": artifact, "expires": expires}
    return said(key, VERIFICATION_SUMMARY, content | changes, about=about)


def told(judged):
    """The codes of the warnings, but for the one that every verification without a ledger has."""
    return [code for code in warnings(judged) if code != "version.unchecked"]


def message_bundle(key="p256", content=CONTENT):
    """A Sigstore bundle with a signature over the file itself, by a key."""
    algorithm = keys.algorithms_of(private_key(key).public_key())[0]
    signature = keys.sign(private_key(key), algorithm, content, raw_ecdsa=False)
    digest = {"algorithm": "SHA2_256", "digest": base64.b64encode(hashlib.sha256(content).digest()).decode()}
    bundle = {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": key}},
        "messageSignature": {"messageDigest": digest, "signature": base64.b64encode(signature).decode()},
    }
    return document(json.dumps(bundle).encode(), "app.sigstore.json")


class TestReleases:
    def test_a_release_by_a_listed_signer_is_a_signature(self):
        judged = verify(release(), trust=policy(version=ORDERED))
        assert (judged.passed, judged.levels, judged.subject.version) == (True, (SIGNED_LEVEL,), "1.0.0")

    @pytest.mark.parametrize("key", ["p384", "ed25519"])
    def test_a_release_by_a_builder_or_verifier_whom_the_rule_does_not_list_is_none(self, key):
        judged = verify(release(key), provenance(), trust=policy(provenance=BUILT))
        assert codes(judged) == ["signer.untrusted"]
        assert "whom this rule does not list" in judged.reasons[0].message

    def test_a_signer_of_the_policy_who_is_in_no_part_of_the_rule_is_not_even_tried(self):
        assert codes(verify(release("rsa"))) == ["signer.untrusted"]

    @pytest.mark.parametrize("other", [{"name": "other"}, {"kind": "bundle"}])
    def test_a_release_of_another_name_or_kind_is_of_something_else(self, other):
        assert codes(verify(release(**other))) == ["attestation.subject-mismatch"]

    def test_a_release_of_other_bytes_is_of_something_else(self):
        judged = verify(release(content=b"another"))
        assert codes(judged) == ["attestation.subject-mismatch"]
        assert str(Digest.of(b"another")) in judged.reasons[0].message

    def test_a_release_that_has_expired_is_none(self):
        judged = verify(release(issued_at=NOW - timedelta(2), expires_at=NOW - timedelta(1)))
        assert codes(judged) == ["freshness.expired"]

    def test_two_releases_of_two_versions_contradict_each_other(self):
        trust = policy("p256", "p384", version=ORDERED)
        assert codes(verify(release(), release("p384", version="2.0.0"), trust=trust)) == ["version.disputed"]


class TestProvenance:
    def test_provenance_is_not_a_signature_and_is_judged_beside_one(self):
        trust = policy("p384", provenance=BUILT)
        assert codes(verify(provenance(), trust=trust)) == ["signature.missing"]
        judged = verify(release("p384"), provenance(), trust=trust)
        assert (judged.passed, judged.levels) == (True, ("SLSA_BUILD_LEVEL_2", SIGNED_LEVEL))

    def test_a_rule_that_counts_provenance_needs_no_release(self):
        trust = policy("p384", counted=(PROVENANCE_V1,), provenance=BUILT)
        assert verify(provenance(), trust=trust).passed

    def test_where_it_counts_it_counts_for_listed_signers_only(self):
        trust = policy("p256", counted=(PROVENANCE_V1,), provenance=BUILT)
        assert codes(verify(provenance(), trust=trust)) == ["signature.missing"]

    def test_where_it_counts_a_builder_whom_the_rule_does_not_list_is_still_believed_of_its_build(self):
        judged = verify(provenance(), release(), trust=policy("p256", counted=(PROVENANCE_V1,), provenance=BUILT))
        assert (judged.passed, judged.levels) == (True, ("SLSA_BUILD_LEVEL_2", SIGNED_LEVEL))

    def test_provenance_by_somebody_else_says_nothing_of_the_builder(self):
        trust = policy("p256", provenance=BUILT)
        assert codes(verify(release(), provenance("p256"), trust=trust)) == ["provenance.builder-untrusted"]

    def test_provenance_of_other_bytes_is_of_something_else(self):
        judged = verify(release(), provenance(about="00" * 32), trust=policy("p256", provenance=BUILT))
        assert codes(judged) == ["provenance.missing"]
        assert told(judged) == ["attestation.subject-mismatch"]

    def test_provenance_that_cannot_be_read_is_none(self):
        judged = verify(release(), provenance(content={}), trust=policy("p256", provenance=BUILT))
        assert codes(judged) == ["attestation.undecided", "provenance.missing"]
        assert told(judged) == ["provenance.malformed"]

    @pytest.mark.parametrize(
        "content",
        [
            {},
            {"buildDefinition": {"buildType": "https://acme.example/type"}, "runDetails": {"builder": {"id": "a:b"}}},
            {"buildDefinition": {}, "runDetails": {}, "builddefinition": {}},
        ],
    )
    def test_where_the_rule_asks_for_none_what_is_wrong_with_it_makes_no_difference(self, content):
        malformed = provenance(content=content)
        judged = verify(release(), malformed, trust=policy("p256", "p384"))
        assert (judged.passed, codes(judged, Severity.NOTE)) == (True, ["attestation.ignored"])
        counted = verify(malformed, trust=policy("p384", counted=(PROVENANCE_V1,)))
        first = "json.case-variant-key" if "builddefinition" in content else "provenance.malformed"
        assert (counted.passed, told(counted)) == (True, [first, "name.unbound"])

    def test_a_rule_that_asks_for_none_is_not_troubled_by_it(self):
        trust = policy("p256", "p384")
        judged = verify(release(), provenance(), trust=trust)
        assert (judged.passed, judged.levels) == (True, (SIGNED_LEVEL,))


class TestVerdicts:
    def test_a_trusted_verifiers_no_about_this_artifact_denies_whoever_else_says_yes(self):
        assert codes(verify(release(), verdict(verificationResult="FAILED", verifiedLevels=["FAILED"]))) == [
            "verdict.failed"
        ]

    def test_a_yes_at_the_level_failed_is_a_no(self):
        assert codes(verify(release(), verdict(verifiedLevels=["FAILED"]))) == ["verdict.failed"]

    def test_a_yes_about_this_artifact_is_not_a_release(self):
        assert codes(verify(verdict())) == ["signature.missing"]
        assert verify(release(), verdict()).passed

    @pytest.mark.parametrize("changes", [{"key": "p256"}, {"verifier": {"id": "https://example.org/other"}}])
    def test_a_no_by_no_pair_of_the_policy_is_reported_and_denies_nothing(self, changes):
        judged = verify(release(), verdict(**({"verificationResult": "FAILED"} | changes)))
        assert (judged.passed, told(judged)) == (True, ["verdict.verifier-untrusted"])

    def test_a_verdict_that_has_expired_says_nothing(self):
        expired = verdict(verificationResult="FAILED", expires="2026-11-21T12:00:00Z")
        judged = verify(release(), expired)
        assert (judged.passed, told(judged)) == (True, ["verdict.expired"])
        assert codes(verify(release(), expired, now=NOW - timedelta(seconds=1))) == ["verdict.failed"]

    def test_a_malformed_verdict_leaves_it_open_what_it_would_say(self):
        judged = verify(release(), verdict(verificationResult="MAYBE"))
        assert (codes(judged), judged.undecided) == (["attestation.undecided"], True)
        assert told(judged) == ["verdict.malformed"]


class TestDependencies:
    ((ALGORITHM, VALUE),) = DEPENDENCY.items()

    def about_the_dependency(self, key="ed25519", **changes):
        made = json.loads(base64.b64decode(json.loads(verdict(key, **changes).content)["payload"]))
        made["subject"] = [{"name": "dependency", "digest": {self.ALGORITHM: self.VALUE}}]
        return document(material.envelope(json.dumps(made).encode(), key))

    def levels(self, *documents):
        judged = verify(release(), provenance(), *documents, trust=policy("p256", provenance=BUILT))
        assert judged.passed
        return judged

    def test_without_a_verdict_nothing_is_claimed(self):
        assert self.levels().dependency_levels is None

    def test_a_trusted_verifiers_yes_gives_the_dependency_its_level(self):
        assert self.levels(self.about_the_dependency()).dependency_levels["SLSA_BUILD_LEVEL_3"] == 1

    @pytest.mark.parametrize("changes", [{"verificationResult": "FAILED"}, {"verifiedLevels": ["FAILED"]}])
    def test_a_trusted_verifiers_no_gives_it_none_and_denies_nothing(self, changes):
        counts = self.levels(self.about_the_dependency(**changes)).dependency_levels
        assert "SLSA_BUILD_LEVEL_3" not in counts
        assert counts["SLSA_BUILD_LEVEL_UNEVALUATED"] >= 1

    def test_an_unknown_verifiers_yes_gives_it_none(self):
        judged = self.levels(self.about_the_dependency("p256"))
        assert (judged.dependency_levels, told(judged)) == (None, ["verdict.verifier-untrusted"])


class TestOtherTypes:
    def test_an_unknown_type_is_named_and_counts_neither_for_nor_against(self):
        review = said("p256", REVIEW, {"score": 10})
        assert codes(verify(review)) == ["signature.missing"]
        judged = verify(release(), review)
        assert (judged.passed, codes(judged, Severity.NOTE)) == (True, ["attestation.ignored"])
        assert REVIEW in next(each.message for each in judged.reasons if each.code == "attestation.ignored")

    def test_it_is_ignored_however_many_there_are(self):
        reviews = [said("p256", f"{REVIEW}/{number}") for number in range(20)]
        assert "signature.missing" in codes(verify(*reviews))

    def test_a_type_that_the_rule_counts_is_a_signature(self):
        trust = policy("p256", "p384", threshold=2, counted=(REVIEW,))
        assert verify(release(), said("p384", REVIEW), trust=trust).passed
        assert "signature.threshold-not-met" in codes(verify(release(), said("p384", f"{REVIEW}x"), trust=trust))

    def test_a_type_that_is_counted_is_still_about_something(self):
        judged = verify(said("p256", REVIEW, about="00" * 32), trust=policy(counted=(REVIEW,)))
        assert codes(judged) == ["attestation.subject-mismatch"]


class TestSignaturesOfTheFileItself:
    def test_a_message_signature_is_a_signature(self):
        trust = policy("p256", "p384", threshold=2)
        judged = verify(message_bundle(), release("p384"), trust=trust)
        assert judged.passed
        assert [(item.kind, item.signer) for item in judged.evidence] == [
            ("signature", "p256"),
            ("attestation", "p384"),
        ]

    def test_of_other_bytes_it_is_none(self):
        assert codes(verify(message_bundle(content=b"other"))) == ["attestation.subject-mismatch"]

    def test_by_whom_the_rule_does_not_list_it_is_none(self):
        judged = verify(message_bundle("p384"), release(), trust=policy("p256", provenance=BUILT))
        assert told(judged) == ["signer.untrusted"]

    def test_the_digest_stands_for_the_file(self):
        trust = policy("p256", "p384", threshold=2)
        assert verify(message_bundle(), release("p384"), source=DIGEST, trust=trust).passed

    def test_an_empty_file_is_a_file(self):
        trust = policy("p256", "p384", threshold=2)
        beside = (message_bundle(content=b""), release("p384", content=b""))
        assert verify(*beside, source=b"", trust=trust).passed


class TestADigestForAFile:
    def test_attestations_about_the_digest_are_enough(self):
        judged = verify(release(), provenance(), source=DIGEST, trust=policy("p256", provenance=BUILT))
        assert (judged.passed, judged.subject.digest) == (True, DIGEST)

    def test_there_are_no_bytes_to_hand_on(self):
        request = Request(
            kind="artifact",
            source=DIGEST,
            name="app",
            policy=policy(),
            now=NOW,
            correlation_id="story",
            attestations=(release(),),
        )
        answers = [verify_artifact(request), verify_artifact(replace(request, source=CONTENT))]
        assert [(each.verdict.passed, each.content) for each in answers] == [(True, None), (True, CONTENT)]

    def test_another_digest_is_another_file(self):
        assert codes(verify(release(), source=Digest.of(b"another"))) == ["attestation.subject-mismatch"]

    def test_a_digest_that_signers_never_sign_is_not_compared_with_their_signature(self):
        judged = verify(message_bundle(), source=Digest(algorithm="sha512", value="00" * 64))
        assert codes(judged) == ["signature.unsupported", "attestation.undecided"]


class TestFiles:
    def test_several_in_json_lines_are_each_judged_and_named_by_number(self):
        lines = b"".join(each.content.strip() + b"\n" for each in (provenance(), release(), said("p256", REVIEW)))
        judged = verify(document(lines, "all.jsonl"), trust=policy("p256", provenance=BUILT))
        assert (judged.passed, [item.kind for item in judged.evidence]) == (
            True,
            ["provenance", "attestation", "attestation"],
        )
        assert [each.subject for each in judged.reasons if each.code == "attestation.ignored"] == ["all.jsonl#3"]

    def test_of_several_one_that_does_not_verify_leaves_the_others_as_they_are(self):
        lines = release("rsa").content.strip() + b"\n" + release().content
        judged = verify(document(lines))
        assert (judged.passed, told(judged)) == (True, ["signer.untrusted"])

    def test_what_npms_registry_answers_is_taken_apart(self):
        entries = [{"bundle": json.loads(message_bundle(key).content)} for key in ("p256", "p384")]
        content = json.dumps({"attestations": entries}).encode()
        trust = policy("p256", "p384", threshold=2)
        judged = verify(document(content, "npm.json"), trust=trust)
        assert judged.passed
        assert [item.signer for item in judged.evidence] == ["p256", "p384"]

    def test_more_attestations_than_are_read_refuse_the_file_and_leave_it_undecided(self):
        many = document(b"{}\n" * (MAX_PIECES + 1), "many.jsonl")
        assert codes(verify(many)) == ["input.too-large", "attestation.undecided"]
        judged = verify(release(), many)
        assert (codes(judged), told(judged)) == (["attestation.undecided"], ["input.too-large"])

    def test_a_document_above_its_limit_is_refused_before_it_is_read(self):
        content = release().content
        exact, less = Limits(document_bytes=len(content)), Limits(document_bytes=len(content) - 1)
        assert verify(release(), trust=policy(limits=exact)).passed
        assert codes(verify(release(), trust=policy(limits=less))) == ["input.too-large", "attestation.undecided"]

    def test_a_document_of_more_than_64_mib_is_refused_by_default(self):
        huge = document(bytes(64 * 1024 * 1024 + 1))
        assert codes(verify(huge)) == ["input.too-large", "attestation.undecided"]
