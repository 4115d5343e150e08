"""Signatures beside a bundle in its registry: about the manifest that names it, and no other."""

import pytest

from tests.support.images.bundle_registry import BundleRegistry
from tests.support.images.signed import cosign_statement
from tests.support.material import envelope, signer
from tests.support.net.registries import descriptor, digest_of, manifest, registry
from tests.support.stories import VERIFIER, archive, codes, detached, policy, signed, verify
from verifier.cli.references import anywhere
from verifier.core.digest import Digest
from verifier.core.verdict import Verdict

THREE = ("p256", "p384", "ed25519")


@pytest.fixture
def there():
    with registry() as held:
        yield BundleRegistry(held)


def judged(there, *, threshold=1, names=THREE, **changes) -> Verdict:
    """What comes of `verify bundle oci://…` under a rule that asks for so many of three signers."""
    trust = policy(signers=tuple(signer(name) for name in names), threshold=threshold)
    source = anywhere(there.uri, trust)
    try:
        return verify(source, trust, **changes).verdict
    finally:
        source.place.close()


class TestSignersInsideAndBeside:
    def test_one_inside_and_one_beside_are_two(self, there):
        digest = there.lay(signed())
        assert codes(judged(there, threshold=2)) == ["signature.threshold-not-met"]
        there.sign(digest, "p384")
        assert codes(judged(there, threshold=2)) == []

    def test_two_beside_are_two(self, there):
        digest = there.lay(archive())
        for key in ("p384", "ed25519"):
            there.sign(digest, key)
        assert codes(judged(there, threshold=2)) == []

    def test_one_signer_twice_is_one(self, there):
        digest = there.lay(signed())
        there.sign(digest, "p256")
        assert codes(judged(there, threshold=2)) == ["signature.threshold-not-met"]

    def test_three_in_three_ways_are_three(self, there):
        content = signed()
        digest = there.lay(content)
        there.sign(digest, "p384")
        there.attach(digest, detached(content, "ed25519").content)
        assert codes(judged(there, threshold=3)) == []

    def test_a_stranger_beside_adds_nothing_and_takes_nothing_away(self, there):
        digest = there.lay(signed())
        there.sign(digest, "p384")
        assert codes(judged(there, names=("p256",))) == []
        few = codes(judged(there, names=("p256", "ed25519"), threshold=2))
        assert few == ["signer.untrusted", "signature.threshold-not-met"]


class TestWhatIsAskedFor:
    def test_is_nothing_where_what_is_inside_suffices(self, there):
        there.sign(there.lay(signed()), "p384")
        assert codes(judged(there)) == []
        assert there.asked == ["manifests 1", "blobs"]

    def test_is_the_listing_and_what_it_lists_where_it_does_not(self, there):
        there.sign(there.lay(archive()), "p384")
        assert codes(judged(there)) == []
        assert there.asked == ["manifests 1", "blobs", "referrers", "manifests", "blobs"]

    def test_is_the_old_tags_too_where_that_does_not_suffice(self, there):
        there.lay(archive())
        judged(there)
        assert there.asked[:3] == ["manifests 1", "blobs", "referrers"]
        assert there.asked[3:] == ["manifests"] * 3  # the fallback tag of the listing, .sig and .att


class TestWhatDoesNotCount:
    def test_a_signature_copied_from_another_manifest(self, there):
        other = there.lay(archive("2.0.0"), "2")
        digest = there.lay(archive())
        there.attach(digest, envelope(cosign_statement(Digest.parse(other)), "p256"))
        assert "signature.missing" in codes(judged(there)) or "attestation.subject-mismatch" in codes(judged(there))

    def test_a_referrer_of_another_manifest_in_the_listing(self, there):
        other = there.lay(archive("2.0.0"), "2")
        digest = there.lay(archive())
        there.attach(other, envelope(cosign_statement(Digest.parse(digest)), "p256"), list_for=digest)
        assert "attestation.subject-mismatch" in codes(judged(there))

    def test_the_manifest_of_another_release_with_this_bundle_in_it(self, there):
        """What was signed is a manifest: one that names the same layer and says something else is another."""
        content = archive()
        signed_one = there.lay(content)
        there.sign(signed_one, "p256")
        there.lay(content, annotations={"org.opencontainers.image.version": "9.9.9"})
        assert codes(judged(there)) == ["signature.missing"]

    def test_a_layer_that_is_not_what_the_signed_manifest_names(self, there):
        digest = there.lay(archive())
        there.sign(digest, "p256")
        there.held.blobs[digest_of(archive())] = archive("6.6.6")[: len(archive())].ljust(len(archive()), b"\0")
        assert codes(judged(there)) == ["image.digest-mismatch"]

    def test_a_report_of_something_else_by_the_right_key(self, there):
        digest = there.lay(archive())
        there.sign(digest, "p256", kind="https://cosign.sigstore.dev/attestation/vuln/v1")
        assert codes(judged(there)) == ["signature.missing"]

    def test_a_statement_about_two(self, there):
        digest = there.lay(archive())
        subjects = [{"digest": {"sha256": "0" * 64}}, {"digest": {"sha256": Digest.parse(digest).value}}]
        there.sign(digest, "p256", subjects=subjects)
        assert codes(judged(there)) != []


class TestAFailedVerdict:
    """Of the policy's verifier `ci`, whose key is p256."""

    def failed(self, there, digest):
        said = {
            "verifier": {"id": VERIFIER},
            "timeVerified": "2026-11-20T12:00:00Z",
            "resourceUri": "oci://registry.acme.example/acme/authz",
            "policy": {"uri": "https://example.org/policy"},
            "verificationResult": "FAILED",
            "verifiedLevels": ["FAILED"],
        }
        there.sign(digest, "p256", kind="https://slsa.dev/verification_summary/v1", **said)

    def test_beside_a_bundle_denies_where_it_is_seen(self, there):
        digest = there.lay(archive())
        there.sign(digest, "p384")
        self.failed(there, digest)
        assert codes(judged(there)) == ["verdict.failed"]

    def test_is_not_seen_where_what_is_inside_suffices(self, there):
        """Documented, docs/bundle-reading.md: what is to be withdrawn is quarantined."""
        self.failed(there, there.lay(signed()))
        assert codes(judged(there)) == []
        assert "referrers" not in there.asked


class TestWhatCannotBeAskedFor:
    @pytest.mark.parametrize("status", [401, 403, 500, 503])
    def test_is_undecided_and_never_nothing(self, there, status):
        there.sign(there.lay(archive()), "p256")
        there.failing = status
        verdict = judged(there)
        assert "input.unreachable" in codes(verdict) or "attestation.undecided" in codes(verdict)
        assert verdict.undecided

    def test_is_not_asked_for_where_what_is_inside_suffices(self, there):
        there.lay(signed())
        there.failing = 500
        assert codes(judged(there)) == []


class TestAnIndex:
    def test_is_what_is_signed_where_the_reference_leads_to_one(self, there):
        index = there.lay_index(there.lay(archive(), "inner"))
        there.sign(index, "p256")
        assert codes(judged(there)) == []

    def test_is_not_signed_by_a_signature_beside_its_manifest(self, there):
        """It is looked for beside what the reference leads to, as cosign does."""
        inner = there.lay(archive(), "inner")
        there.lay_index(inner)
        there.sign(inner, "p256")
        assert codes(judged(there)) == ["signature.missing"]


def test_a_tag_that_moves_meanwhile_changes_nothing(there):
    digest = there.lay(archive())
    there.sign(digest, "p256")
    serve = there.held.instead[f"/v2/acme/authz/referrers/{digest}"]

    def move(exchange):
        there.held.put(manifest(descriptor(archive("6.6.6"))), "1")
        serve(exchange)

    there.held.instead[f"/v2/acme/authz/referrers/{digest}"] = move
    verdict = judged(there)
    assert (codes(verdict), verdict.subject.version) == ([], "1.0.0")


def test_what_is_published_now_may_be_signed_beside_it(there):
    there.sign(there.lay(archive("2.0.0")), "p256")
    trust = policy(signers=(signer("p256"),))
    published = anywhere(there.uri, trust)
    assert codes(verify(signed(archive("1.0.0")), trust, previous=(published,)).verdict) == ["version.rollback"]
    assert codes(verify(signed(archive("2.1.0")), trust, previous=(published,)).verdict) == []
    published.place.close()


def test_the_listing_is_json_or_nothing(there):
    digest = there.lay(archive())
    there.held.instead[f"/v2/acme/authz/referrers/{digest}"] = lambda exchange: exchange.answer(
        body=b"<html>", Content_Type="text/html"
    )
    assert codes(judged(there)) == ["input.unreachable"]
