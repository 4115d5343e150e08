"""What lies beside an image is gathered in one format after the other, and counts for what it is."""

import base64
import hashlib

import pytest

from tests.support.images.cosign.layers import payload_of, signature, signed_by
from tests.support.images.place import DSSE, SIGNATURE, MemoryPlace
from tests.support.images.signed import (
    artifact_of,
    cosign_statement,
    errors,
    judged,
    said,
    signed_statement,
    trusting,
    warned,
)
from tests.support.material import envelope
from tests.support.sigstore_instance import signature_of
from verifier.core.artifact import Attested
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import refuse
from verifier.core.uris import STATEMENT_V0_1
from verifier.trust.tables.verifiers import VerifierRule

VSA = "https://slsa.dev/verification_summary/v1"
VERIFIER = "https://example.org/verifier"


@pytest.fixture
def place():
    return MemoryPlace()


def attach(place, key="p256", **more):
    place.attach(signed_statement(key, place.digest, **more), DSSE)


def legacy(place, *keys, **more):
    place.tag_layers("sig", *(signed_by(key, payload_of(place.digest, **more)) for key in keys))


def test_one_bundle_that_satisfies_the_rule_is_all_that_is_asked_for(place):
    attach(place)
    assert errors(judged(place, trusting("p256"))) == []
    assert [each.partition(" ")[0] for each in place.asked] == ["referrers", "manifest", "blob"]


def test_the_old_tags_are_asked_for_where_nothing_else_is_there_and_warned_of(place):
    legacy(place, "p256")
    inspection = judged(place, trusting("p256"))
    assert errors(inspection) == []
    assert warned(inspection) == ["signature.legacy-format"]


def test_both_formats_together_meet_a_threshold(place):
    attach(place)
    legacy(place, "ed25519")
    assert errors(judged(place, trusting("p256", "ed25519", threshold=2))) == []


def test_one_signer_in_both_formats_counts_once(place):
    attach(place)
    legacy(place, "p256")
    assert errors(judged(place, trusting("p256", "ed25519", threshold=2))) == ["signature.threshold-not-met"]


def test_only_the_accepted_formats_are_asked_for(place):
    legacy(place, "p256")
    assert errors(judged(place, trusting("p256", formats=("bundle",)))) == ["signature.missing"]
    assert place.asked == ["referrers"]


def test_where_only_the_old_format_counts_nothing_else_is_asked_for(place):
    legacy(place, "p256")
    assert errors(judged(place, trusting("p256", formats=("legacy",)))) == []
    assert "referrers" not in place.asked


def test_an_old_signature_that_suffices_costs_its_tag_and_its_layer(place):
    legacy(place, "p256")
    assert errors(judged(place, trusting("p256", formats=("legacy",)))) == []
    assert [each.partition(" ")[0] for each in place.asked] == ["tagged", "blob"]


@pytest.mark.parametrize("signed", [True, False])
def test_old_attestations_are_looked_for_where_a_verdict_may_deny(place, signed):
    if signed:
        legacy(place, "p256")
    failed = cosign_statement(place.digest, kind=VSA, **verdict(place.digest, "FAILED"))
    place.tag_layers("att", (envelope(failed, "p256"), DSSE, {SIGNATURE: ""}))
    policy = trusting("p256", formats=("legacy",), verifiers=(VerifierRule(name="v", signer="p256", id=VERIFIER),))
    assert errors(judged(place, policy)) == ["verdict.failed"]


@pytest.mark.parametrize(("formats", "format_"), [(("bundle",), "legacy"), (("legacy",), "bundle")])
def test_what_would_count_in_another_format_is_named(place, formats, format_):
    given = signature("p256", place.digest)
    if format_ == "bundle":
        given = Document(name="given", content=signed_statement("p256", place.digest))
    inspection = judged(place, trusting("p256", formats=formats), documents=(given,))
    assert errors(inspection) == ["signature.format-not-accepted"]


@pytest.mark.parametrize("word", ["referrers", "manifest", "blob"])
@pytest.mark.parametrize("stray", ["deny", "ignore"])
def test_what_could_not_be_asked_for_denies_whoever_has_signed_elsewhere(place, word, stray):
    attach(place)
    other = signed_statement("p256", place.digest, claims={"second": "1"})
    unseen = {"referrers": "", "manifest": f" {place.attach(other, DSSE)}", "blob": f" {Digest.of(other)}"}
    legacy(place, "p256")
    place.failing[f"{word}{unseen[word]}"] = "input.unreachable"
    inspection = judged(place, trusting("p256", stray_attestations=stray))
    assert errors(inspection) == ["input.unreachable"]
    assert not any(each.startswith("tagged") for each in place.asked)


def test_more_than_is_read_denies_whoever_has_signed(place):
    for number in range(51):
        attach(place, claims={"number": str(number)})
    assert errors(judged(place, trusting("p256", stray_attestations="ignore"))) == ["signature.too-many"]


def test_a_failed_verdict_beside_it_denies_whoever_has_signed(place):
    attach(place)
    attach(place, "ed25519", kind=VSA, **verdict(place.digest, "FAILED"))
    policy = trusting("p256", "ed25519", verifiers=(VerifierRule(name="v", signer="ed25519", id=VERIFIER),))
    assert errors(judged(place, policy)) == ["verdict.failed"]


@pytest.mark.parametrize("kind", ["https://cyclonedx.org/bom", "https://cosign.sigstore.dev/attestation/vuln/v1"])
def test_an_sbom_or_a_scan_alone_is_no_signature(place, kind):
    attach(place, kind=kind)
    assert errors(judged(place, trusting("p256"))) == ["signature.missing"]


def test_a_verdict_that_passed_alone_is_no_signature(place):
    attach(place, kind=VSA, **verdict(place.digest, "PASSED"))
    policy = trusting("p256", verifiers=(VerifierRule(name="v", signer="p256", id=VERIFIER),))
    assert errors(judged(place, policy)) == ["signature.missing"]


@pytest.mark.parametrize("first", [True, False])
def test_a_signature_of_two_subjects_at_once_is_refused(place, first):
    subjects = [{"digest": {"sha256": place.digest.value}}, {"digest": {"sha256": "ab" * 32}}]
    attach(place, subjects=subjects if first else subjects[::-1])
    assert "attestation.subject-mismatch" in errors(judged(place, trusting("p256")))


def test_a_second_digest_that_contradicts_is_refused(place):
    attach(place, subjects=[{"digest": {"sha256": place.digest.value, "sha512": "ab" * 64}}])
    inspection = judged(place, trusting("p256"))
    assert "attestation.subject-mismatch" in errors(inspection)


def test_a_second_digest_that_holds_is_none_to_refuse(place):
    both = {"sha256": place.digest.value, "sha512": hashlib.sha512(place.content).hexdigest()}
    attach(place, subjects=[{"digest": both}])
    assert errors(judged(place, trusting("p256"))) == []


def test_a_signature_of_another_image_is_refused_and_its_digest_is_not_this_one_s(place):
    place.attach(signed_statement("p256", Digest.of(b"another")), DSSE)
    assert errors(judged(place, trusting("p256"))) == ["attestation.subject-mismatch"]


def test_an_old_signature_of_another_image_is_refused(place):
    place.tag_layers("sig", signed_by("p256", payload_of(Digest.of(b"another"))))
    assert errors(judged(place, trusting("p256"))) == ["attestation.subject-mismatch"]


@pytest.mark.parametrize(
    ("named", "wanted", "accepted"),
    [
        ("registry.acme.example/acme/app", None, True),
        ("registry.acme.example/acme/app:1.2", None, True),
        ("REGISTRY.acme.example/acme/app", None, True),
        ("registry.acme.example/acme/other", None, False),
        ("", None, False),
        ("no repository at all", None, False),
        ("registry.acme.example/acme/other", "registry.acme.example/acme/other", True),
        ("registry.acme.example/acme/app", "registry.acme.example/acme/other", False),
    ],
)
def test_an_old_signature_is_for_its_repository_alone(place, named, wanted, accepted):
    legacy(place, "p256", repository=named)
    inspection = judged(place, trusting("p256", repository=wanted))
    assert errors(inspection) == ([] if accepted else ["signature.wrong-repository"])


@pytest.mark.parametrize("named", ["docker.io/library/app", "index.docker.io/library/app:1", "app", "docker.io/app"])
def test_docker_hub_s_spellings_are_one(named):
    place = MemoryPlace(repository="docker.io/library/app")
    legacy(place, "p256", repository=named)
    assert errors(judged(place, trusting("p256"))) == []


def test_where_nobody_knows_the_repository_it_is_said_that_none_was_compared():
    place = MemoryPlace(repository=None)
    legacy(place, "p256")
    inspection = judged(place, trusting("p256"))
    assert errors(inspection) == []
    assert "compared with nothing" in said(inspection)[0].message


def test_a_statement_that_names_another_repository_does_not_count(place):
    kind = "https://example.org/approval/v1"
    subject = {"name": "registry.acme.example/acme/other", "digest": {"sha256": place.digest.value}}
    attach(place, kind=kind, statement=STATEMENT_V0_1, subjects=[subject])
    assert errors(judged(place, trusting("p256", attestations=(kind,)))) == ["signature.wrong-repository"]


CLAIMS = (("version", "1.*"),)


@pytest.mark.parametrize("claims", [None, {"version": "2.0"}, {"Version": "1.4.0"}, {"version": "11"}])
@pytest.mark.parametrize("how", [attach, legacy])
def test_a_signature_without_the_claim_does_not_count(place, how, claims):
    how(place, "p256", claims=claims)
    assert errors(judged(place, trusting("p256", claims=CLAIMS))) == ["signature.claim-mismatch"]


@pytest.mark.parametrize("how", [attach, legacy])
def test_a_signature_with_the_claim_counts_and_the_claim_is_kept(place, how):
    how(place, "p256", claims={"version": "1.4.0", "team": "core"})
    inspection = judged(place, trusting("p256", claims=CLAIMS))
    assert errors(inspection) == []
    assert inspection.evidence.held(inspection.evidence.claimed("version")) == "1.4.0"
    assert inspection.evidence.releases[0].signed_claims == (("team", "core"), ("version", "1.4.0"))


def test_a_claim_that_fewer_signers_state_than_must_sign_is_none(place):
    attach(place, "p256", claims={"version": "1.4.0"})
    attach(place, "ed25519", claims={"version": "1.5.0"})
    inspection = judged(place, trusting("p256", "ed25519", threshold=2))
    assert inspection.evidence.held(inspection.evidence.claimed("version")) is None


def test_of_an_image_s_platform_what_is_said_of_its_index_counts(place):
    index = Attested(digest=place.digest, content=place.content, repository=place.repository)
    platform = artifact_of(place, digest=Digest.of(b"platform"), content=b"platform", attested=(index,))
    attach(place)
    assert errors(judged(place, trusting("p256"), artifact=platform)) == []


def test_of_an_image_s_platform_what_is_said_of_itself_does_not_count_and_denies(place):
    index = Attested(digest=place.digest, content=place.content, repository=place.repository)
    platform = artifact_of(place, digest=Digest.of(b"platform"), content=b"platform", attested=(index,))
    place.attach(signed_statement("p256", platform.digest), DSSE)
    policy = trusting("p256", verifiers=(VerifierRule(name="v", signer="p256", id=VERIFIER),))
    assert errors(judged(place, policy, artifact=platform)) == ["attestation.subject-mismatch"]
    failed = envelope(cosign_statement(platform.digest, kind=VSA, **verdict(platform.digest, "FAILED")), "p256")
    place.attach(failed, DSSE)
    assert "verdict.failed" in errors(judged(place, policy, artifact=platform))


def test_a_bundle_s_manifest_and_the_bundle_itself_may_both_be_signed(place):
    itself = Attested(digest=Digest.of(b"bundle"), content=b"bundle")
    manifest = Attested(digest=place.digest, content=place.content, repository=place.repository)
    bundle = artifact_of(place, digest=itself.digest, content=b"bundle", attested=(itself, manifest))
    attach(place, "p256")
    place.attach(signed_statement("ed25519", itself.digest), DSSE)
    assert errors(judged(place, trusting("p256", "ed25519", threshold=2), artifact=bundle)) == []


def test_a_bare_signature_is_over_a_bundle_s_own_bytes_and_not_its_manifest_s(place):
    itself = Attested(digest=Digest.of(b"bundle"), content=b"bundle")
    manifest = Attested(digest=place.digest, content=place.content, repository=place.repository)
    bundle = artifact_of(place, digest=itself.digest, content=b"bundle", attested=(manifest, itself))
    policy = trusting("p256")
    own = Document(name="own.sig", content=base64.b64encode(signature_of("p256", b"bundle")))
    assert errors(judged(place, policy, artifact=bundle, documents=(own,))) == []
    other = Document(name="other.sig", content=base64.b64encode(signature_of("p256", place.content)))
    assert errors(judged(place, policy, artifact=bundle, documents=(other,))) == ["signature.invalid"]


def test_one_format_is_asked_for_once(place):
    legacy(place, "p256")
    judged(place, trusting("p256", "ed25519", threshold=2))
    assert place.asked.count("referrers") == place.asked.count("tagged sig") == 1


def test_a_refusal_that_was_given_is_undecided_as_ever(place):
    attach(place)
    given = refuse("input.unreadable", "given.json", "it is not there")
    assert errors(judged(place, trusting("p256"), documents=(given,))) == ["attestation.undecided"]


def verdict(digest, result):
    return {
        "verifier": {"id": VERIFIER},
        "timeVerified": "2026-11-20T12:00:00Z",
        "resourceUri": "registry.acme.example/acme/app",
        "policy": {"uri": "https://example.org/policy"},
        "verificationResult": result,
        "verifiedLevels": ["SLSA_BUILD_LEVEL_3" if result == "PASSED" else "FAILED"],
    }
