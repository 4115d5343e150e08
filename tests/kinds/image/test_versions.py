"""Where an image states its version, and where nothing is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.images.read import chosen, image, platform_image
from tests.support.material import NOW, public_pem
from verifier.checks.version.check import check
from verifier.checks.version.stated import candidate_from, why_none
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError
from verifier.core.outcome import Passed, reasons_of
from verifier.core.value import replace
from verifier.evidence.attested import ProvenProvenance, ProvenRelease
from verifier.evidence.inspection import Evidence, Inspection
from verifier.formats.intoto.build_types import Source
from verifier.formats.intoto.provenance import Provenance
from verifier.formats.intoto.statement import Statement
from verifier.kinds.image.versions import PLACES, reads_config
from verifier.kinds.kind import Kind
from verifier.signatures.interface import SEAL, ProvenSigner
from verifier.trust.model import ArtifactRule
from verifier.trust.parse import parse_policy
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.version import VersionFrom, VersionRule

LABEL = "org.opencontainers.image.version"
KIND = Kind(name="image", read=lambda *_: None, versions=PLACES)
TEXTS = st.text(min_size=1, max_size=30)


def inspection(artifact, source, evidence=None, *, prefix=None):
    order = VersionFrom(source=source, scheme="semver", prefix=prefix)
    evidence = evidence or Evidence()
    asked = (artifact, evidence, order, KIND.version)
    sections = (SignatureRule(threshold=evidence.threshold, from_=("a",)), VersionRule(order=order))
    return Inspection(
        artifact=artifact,
        rule=ArtifactRule(pattern="image:app", sections=sections),
        evidence=evidence,
        candidate=candidate_from(*asked),
        unstated=why_none(*asked),
        now=NOW,
    )


def version(artifact, source, evidence=None, **asked):
    found = inspection(artifact, source, evidence, **asked).candidate
    return None if found is None else found.version


def denial(artifact, source, evidence=None, **asked):
    (reason,) = [each for each in reasons_of(check(inspection(artifact, source, evidence, **asked))) if each.is_error]
    return reason


def proven(key="p256"):
    return ProvenSigner(name=key, kind="key", fingerprint=key, algorithm="ES256", seal=SEAL)


def claiming(key, **claims):
    return ProvenRelease(
        signers=(proven(key),), digest=Digest.of(key.encode()), claims=None, signed_claims=tuple(claims.items())
    )


def built_from(ref):
    provenance = Provenance(
        predicate_type="https://slsa.dev/provenance/v1",
        builder_id="https://builder.example",
        build_type="https://build.example",
        source=Source(uri="https://git.example/app", ref=ref) if ref else None,
        external_parameters={},
    )
    statement = Statement(subjects=(), predicate_type=provenance.predicate_type, predicate={})
    return ProvenProvenance(provenance=provenance, statement=statement, signers=(proven(),))


class TestTheLabel:
    @given(text=TEXTS)
    def test_it_is_what_the_config_says(self, text):
        assert version(image(platform_image(labels={LABEL: text})), f"label:{LABEL}") == text

    @given(texts=st.lists(TEXTS, min_size=2, max_size=4))
    def test_the_platforms_of_an_index_state_it_together_or_not_at_all(self, texts):
        platforms = [platform_image(f"linux/{i}", labels={LABEL: text}) for i, text in enumerate(texts)]
        stated = version(image(*platforms, tag=None), f"label:{LABEL}")
        assert stated == (texts[0] if len(set(texts)) == 1 else None)

    def test_platforms_that_disagree_are_named_with_what_they_say(self):
        both = image(platform_image(labels={LABEL: "1.0.0"}), platform_image("linux/arm64", labels={LABEL: "1.0.1"}))
        said = denial(both, f"label:{LABEL}")
        assert said.code == "version.missing"
        assert "'1.0.0' by linux/amd64, '1.0.1' by linux/arm64" in said.message

    def test_one_platform_without_it_leaves_the_index_without_a_version(self):
        both = image(platform_image(labels={LABEL: "1.0.0"}), platform_image("linux/arm64"))
        assert denial(both, f"label:{LABEL}").code == "version.missing"

    def test_a_config_that_was_not_read_states_nothing(self):
        said = denial(image(platform_image(labels={LABEL: "1.0.0"}, read=False)), f"label:{LABEL}")
        assert (said.code, "was not read" in said.message) == ("version.missing", True)
        assert reads_config(f"label:{LABEL}")
        assert not reads_config("annotation:version")

    def test_an_index_of_nothing_has_no_label(self):
        assert denial(image(), f"label:{LABEL}").code == "version.missing"

    @pytest.mark.parametrize("labels", [None, {LABEL: ""}, {LABEL.upper(): "1.0.0"}])
    def test_an_empty_absent_or_differently_written_label_is_none(self, labels):
        assert version(image(platform_image(labels=labels)), f"label:{LABEL}") is None


class TestTheAnnotation:
    @given(text=TEXTS)
    def test_it_is_what_the_manifest_says(self, text):
        assert version(image(platform_image(version=text)), "annotation:version") == text

    def test_the_index_says_its_own(self):
        both = image(platform_image(), platform_image("linux/arm64"), version="2.0.0")
        assert version(both, "annotation:version") == "2.0.0"

    def test_the_index_beside_a_manifest_does_not_say_the_manifests(self):
        both = image(platform_image(), platform_image("linux/arm64", version="1.0.0"), version="2.0.0")
        assert version(chosen(both, 0), "annotation:version") is None
        assert version(chosen(both, 1), "annotation:version") == "1.0.0"

    def test_the_descriptor_in_an_index_says_nothing(self):
        assert version(image(platform_image(), platform_image("linux/arm64")), "annotation:version") is None


class TestTheTag:
    def test_it_is_the_one_that_was_asked_for(self):
        assert version(image(platform_image(), tag="v1.2.3"), "tag", prefix="v") == "1.2.3"

    def test_what_was_named_by_its_digest_has_none(self):
        said = denial(image(platform_image(), tag=None), "tag")
        assert (said.code, "not asked for by a tag" in said.message) == ("version.missing", True)


class TestASignedClaim:
    def test_it_is_what_the_signer_has_signed(self):
        evidence = Evidence(releases=(claiming("p256", version="1.2.3"),))
        assert version(image(platform_image()), "claim:version", evidence) == "1.2.3"

    def test_who_signs_without_saying_it_contradicts_nobody(self):
        evidence = Evidence(releases=(claiming("p256", version="1.2.3"), claiming("p384")))
        assert version(image(platform_image()), "claim:version", evidence) == "1.2.3"
        assert check(inspection(image(platform_image()), "claim:version", evidence)) == Passed()

    def test_fewer_than_must_sign_state_none(self):
        evidence = Evidence(threshold=2, releases=(claiming("p256", version="1.2.3"), claiming("p384")))
        assert denial(image(platform_image()), "claim:version", evidence).code == "version.disputed"

    def test_one_key_says_it_once_whatever_it_is_called(self):
        twice = (claiming("p256", version="1.2.3"), claiming("p256", version="1.2.3"))
        assert version(image(platform_image()), "claim:version", Evidence(threshold=2, releases=twice)) is None

    def test_two_that_are_both_held_are_none(self):
        evidence = Evidence(releases=(claiming("p256", version="1.2.3"), claiming("p384", version="1.2.4")))
        said = denial(image(platform_image()), "claim:version", evidence)
        assert said.code == "version.disputed"
        assert "1.2.3 by p256; 1.2.4 by p384" in said.message

    def test_a_later_word_of_one_does_not_undo_what_two_have_signed(self):
        said = [claiming(key, version="1.2.3") for key in ("p256", "p384")]
        evidence = Evidence(threshold=2, releases=(*said, claiming("ed25519", version="0.1.0")))
        assert version(image(platform_image()), "claim:version", evidence) == "1.2.3"
        (warned,) = reasons_of(check(inspection(image(platform_image()), "claim:version", evidence)))
        assert (warned.code, warned.is_error) == ("version.disputed", False)

    def test_a_claim_of_another_name_is_none(self):
        evidence = Evidence(releases=(claiming("p256", Version="1.2.3", release="1.2.3"),))
        assert denial(image(platform_image()), "claim:version", evidence).code == "version.missing"

    def test_an_annotation_of_that_name_is_no_claim(self):
        assert denial(image(platform_image(version="1.2.3")), "claim:version").code == "version.missing"


class TestTheRefOfItsProvenance:
    def test_a_git_tag_is_a_version_behind_its_prefix(self):
        evidence = Evidence(provenances=(built_from("refs/tags/v1.2.3"),))
        assert version(image(platform_image()), "provenance.ref", evidence, prefix="refs/tags/v") == "1.2.3"

    @pytest.mark.parametrize("ref", ["refs/heads/v1.2.3", "v1.2.3", "refs/tags/1.2.3", "REFS/TAGS/v1.2.3"])
    def test_any_other_ref_is_none(self, ref):
        evidence = Evidence(provenances=(built_from(ref),))
        said = denial(image(platform_image()), "provenance.ref", evidence, prefix="refs/tags/v")
        assert said.code == "version.unorderable"

    @pytest.mark.parametrize("other", ["refs/tags/v1.2.4", "refs/heads/main", None])
    def test_provenances_that_disagree_state_none(self, other):
        evidence = Evidence(provenances=(built_from("refs/tags/v1.2.3"), built_from(other)))
        said = denial(image(platform_image()), "provenance.ref", evidence, prefix="refs/tags/v")
        assert (said.code, "does not agree" in said.message) == ("version.missing", True)

    def test_without_provenance_there_is_none(self):
        assert denial(image(platform_image()), "provenance.ref", prefix="refs/tags/").code == "version.missing"


class TestWhatARuleMaySay:
    RULE = """version = 1
id = "urn:example:policy"
signers.a.key = "a.pub"
[artifacts."{pattern}"]
signatures.from = ["a"]
version = {{ from = "{source}", scheme = "semver"{more} }}
"""

    @pytest.fixture
    def parse(self):
        def parse(source, pattern="image:app", more=""):
            text = self.RULE.format(source=source, pattern=pattern, more=more)
            return parse_policy(text.encode(), where="", read_file=lambda _: public_pem("p256")).artifacts[0]

        return parse

    @pytest.mark.parametrize(
        "source", [f"label:{LABEL}", "annotation:a", "tag", "claim:version", "attestation.version"]
    )
    def test_every_place_of_an_image_may_stand_in_its_rule(self, parse, source):
        assert VersionRule.of(parse(source)).order.source == source

    @pytest.mark.parametrize("source", ["label:", "annotation:", "claim:", "tag:x", "manifest.revision", "Label:x"])
    def test_what_is_no_place_of_an_image_is_refused(self, parse, source):
        with pytest.raises(ConfigurationError, match="the source must be one of"):
            parse(source)

    @pytest.mark.parametrize("kind", ["bundle", "artifact"])
    @pytest.mark.parametrize("source", [f"label:{LABEL}", "annotation:a", "tag"])
    def test_what_only_images_have_is_refused_elsewhere(self, parse, kind, source):
        with pytest.raises(ConfigurationError, match="which only images have"):
            parse(source, f"{kind}:app")

    def test_a_ref_needs_provenance_and_the_prefix_of_tags(self, parse):
        with pytest.raises(ConfigurationError, match="asks for no provenance"):
            parse("provenance.ref", more=', prefix = "refs/tags/v"')


def test_a_digest_that_no_ledger_holds_makes_no_candidate():
    other = replace(image(platform_image(version="1.0.0")), digest=Digest(algorithm="sha512", value="0" * 128))
    assert denial(other, "annotation:version").code == "version.unorderable"
