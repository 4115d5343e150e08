"""What a rule asks of a bundle's SBOMs: which count, whether they are true, and whether they are enough."""

import copy

import pytest

from tests.support.sboms.signed import attested, bom_of, bundle, given
from tests.support.stories import archive, codes, detached, policy, signed, verify
from verifier.core.severity import Severity
from verifier.core.uris import SPDX_DOCUMENT
from verifier.core.value import replace
from verifier.evidence.sbom import MATCHED_LEVEL
from verifier.rego.built_in import BuiltInEngine
from verifier.trust.sections.sbom import SbomRule
from verifier.trust.sections.version import VersionUnchecked

MATCHING = SbomRule(must_match_contents=True)


@pytest.fixture(scope="module")
def content():
    return bundle()


@pytest.fixture(scope="module")
def bom(content):
    return bom_of(content)


def judged(content, *attestations, rule=MATCHING, sboms=(), names=("p256",)):
    return verify(
        content, policy(*names, sbom=rule), attestations=attestations, sboms=sboms, rego=BuiltInEngine()
    ).verdict


def changed(bom, change):
    other = copy.deepcopy(bom)
    change(other["components"])
    return other


def file(components, name="authz/policy.rego"):
    return next(each for each in components if each["type"] == "file" and each["name"] == name)


def without(bom, gone):
    """The document without a component, and without a word of it."""
    other = copy.deepcopy(bom)
    ref = gone["bom-ref"]
    other["components"] = [each for each in other["components"] if each["bom-ref"] != ref]
    other["dependencies"] = [
        each | {"dependsOn": [one for one in each.get("dependsOn", []) if one != ref]}
        for each in other["dependencies"]
        if each["ref"] != ref
    ]
    return other


class TestWhichCount:
    def test_a_true_one_signed_for_the_bundle_is_accepted(self, content, bom):
        verdict = judged(content, attested(content, bom))
        assert (codes(verdict), verdict.passed) == ([], True)
        assert MATCHED_LEVEL in verdict.levels
        assert verdict.dependency_levels == {}
        assert "sbom" in [each.kind for each in verdict.evidence if each.verified]
        assert "sbom.judged" in codes(verdict, Severity.NOTE)

    def test_none_is_denied(self, content):
        assert codes(judged(content)) == ["sbom.missing"]

    def test_none_is_accepted_where_none_is_required(self, content):
        verdict = judged(content, rule=SbomRule(required=False, must_match_contents=True))
        assert verdict.passed
        assert MATCHED_LEVEL not in verdict.levels

    def test_one_by_a_stranger_is_none(self, content, bom):
        assert "sbom.missing" in codes(judged(content, attested(content, bom, "ed25519")))

    def test_one_for_another_bundle_is_none(self, content, bom):
        other = signed(bundle(data_json=b"{}"))
        assert "sbom.missing" in codes(judged(content, attested(other, bom)))

    def test_one_by_a_signer_of_sboms_counts(self, content, bom):
        rule = SbomRule(must_match_contents=True, from_=("ed25519",))
        trust = policy("p256", "ed25519", sbom=rule)
        verdict = verify(
            content, trust, attestations=(attested(content, bom, "ed25519"),), rego=BuiltInEngine()
        ).verdict
        assert verdict.passed
        unlisted = verify(content, trust, attestations=(attested(content, bom),), rego=BuiltInEngine()).verdict
        assert "sbom.missing" in codes(unlisted)

    def test_it_is_no_signature_of_the_bundle(self):
        plain = archive()
        assert "signature.missing" in codes(judged(plain, attested(plain, bom_of(plain))))

    def test_the_one_that_is_given_must_be_the_one_that_is_signed(self, content, bom):
        verdict = judged(content, attested(content, bom), sboms=(given(bom),))
        assert verdict.passed
        other = changed(bom, lambda components: components.pop())
        assert codes(judged(content, attested(content, bom), sboms=(given(other),))) == ["sbom.unsigned"]

    def test_one_that_is_given_and_signed_by_nobody_is_denied(self, content, bom):
        assert codes(judged(content, sboms=(given(bom),))) == ["sbom.unsigned"]

    def test_one_that_is_given_as_xml_is_denied(self, content, bom):
        xml = given(bom)
        xml = type(xml)(name="sbom.xml", content=b"<bom/>")
        assert codes(judged(content, attested(content, bom), sboms=(xml,))) == ["sbom.unsigned"]

    def test_a_type_with_a_version_is_the_same_type(self, content, bom):
        verdict = judged(content, attested(content, bom, predicate_type="https://cyclonedx.org/bom/v1.6"))
        assert verdict.passed

    def test_one_under_the_type_of_the_other_format_is_denied(self, content, bom):
        assert codes(judged(content, attested(content, bom, predicate_type=SPDX_DOCUMENT))) == ["sbom.invalid"]

    def test_what_is_no_sbom_in_spite_of_its_type_is_denied(self, content):
        hollow = attested(content, {"hello": "world"}, predicate_type=SPDX_DOCUMENT)
        (code,) = codes(judged(content, hollow))
        assert code.startswith("sbom.")


class TestLies:
    def test_a_hidden_file_is_missing(self, content, bom):
        lie = without(bom, file(bom["components"]))
        verdict = judged(content, attested(content, lie))
        mismatch = [each for each in verdict.reasons if each.code == "sbom.contents-mismatch"]
        assert [each.subject for each in mismatch] == ["authz/policy.rego"]
        assert "missing" in mismatch[0].message

    def test_a_hidden_file_that_is_still_referred_to_breaks_the_document(self, content, bom):
        lie = changed(bom, lambda components: components.remove(file(components)))
        assert set(codes(judged(content, attested(content, lie)))) == {"sbom.invalid"}

    def test_an_added_file_is_surplus(self, content, bom):
        def add(components):
            added = copy.deepcopy(file(components)) | {"name": "authz/more.rego", "bom-ref": "added"}
            components.append(added)

        verdict = judged(content, attested(content, changed(bom, add)))
        mismatch = [each for each in verdict.reasons if each.code == "sbom.contents-mismatch"]
        assert [each.subject for each in mismatch] == ["authz/more.rego"]
        assert "surplus" in mismatch[0].message

    def test_a_swapped_file_is_altered(self, content, bom):
        def swap(components):
            file(components)["hashes"] = [{"alg": "SHA-256", "content": "0" * 64}]

        verdict = judged(content, attested(content, changed(bom, swap)))
        mismatch = [each for each in verdict.reasons if each.code == "sbom.contents-mismatch"]
        assert [each.subject for each in mismatch] == ["authz/policy.rego"]
        assert "altered" in mismatch[0].message

    def test_the_sbom_of_another_bundle_is_told_once(self, content):
        other = bom_of(bundle(data_json=b'{"a": 1}'))
        assert codes(judged(content, attested(content, other))) == ["sbom.other-artifact"]

    def test_a_lie_beside_the_truth_denies(self, content, bom):
        lie = changed(bom, lambda components: file(components).update(hashes=[{"alg": "SHA-256", "content": "0" * 64}]))
        verdict = judged(content, attested(content, bom), attested(content, lie))
        assert codes(verdict) == ["sbom.contents-mismatch"]


class TestWithoutLookingInside:
    """A rule that does not compare contents knows the digests."""

    @pytest.mark.parametrize("rule", [SbomRule(), SbomRule(required=False)])
    def test_the_sbom_of_another_bundle_is_told(self, content, rule):
        other = bom_of(bundle(data_json=b'{"a": 1}'))
        assert codes(judged(content, attested(content, other), rule=rule)) == ["sbom.other-artifact"]

    def test_its_own_is_accepted_at_no_level_of_contents(self, content, bom):
        verdict = judged(content, attested(content, bom), rule=SbomRule())
        assert verdict.passed
        assert MATCHED_LEVEL not in verdict.levels


class TestWhatIsEnough:
    def test_less_than_is_asked_for_is_incomplete(self, content, bom):
        rule = SbomRule(min_completeness=10_000)
        assert judged(content, attested(content, bom), rule=rule).passed
        fewer = without(bom, file(bom["components"]))
        assert codes(judged(content, attested(content, fewer), rule=rule)) == ["sbom.incomplete"]

    def test_a_profile_is_asked_of_one_of_them(self, content, bom):
        rule = SbomRule(quality=("ntia",))
        poor = copy.deepcopy(bom)
        poor["metadata"].pop("authors", None)
        assert "sbom.quality" in codes(judged(content, attested(content, poor), rule=rule))

    def test_a_file_that_is_no_bundle_cannot_be_looked_into(self, content, bom):
        trust = policy(sbom=MATCHING, version=VersionUnchecked())
        trust = replace(trust, artifacts=(replace(trust.artifacts[0], pattern="artifact:authz"),))
        documents = (detached(content, "p256", kind="artifact"), attested(content, bom))
        assert codes(verify(content, trust, kind="artifact", attestations=documents).verdict) == ["policy.unevaluated"]

    def test_a_file_of_licenses_that_cannot_be_read_decides_nothing(self, content, bom):
        rule = SbomRule(licenses="licenses.toml", allowed=b"allow = 1")
        verdict = judged(content, attested(content, bom), rule=rule)
        assert (codes(verdict), verdict.undecided) == (["policy.unevaluated"], True)

    def test_a_license_that_is_not_allowed_is_denied(self, content, bom):
        rule = SbomRule(licenses="licenses.toml", allowed=b'version = 1\nallow = ["MIT"]')
        licensed = copy.deepcopy(bom)
        for each in licensed["components"]:
            each["licenses"] = [{"license": {"id": "GPL-3.0-only"}}]
        assert set(codes(judged(content, attested(content, licensed), rule=rule))) == {"license.denied"}
