"""Judging provenance: one attack, one reason code."""

import dataclasses

import pytest

from tests.support.attestations.proven_provenances import (
    BUILDERS,
    CLAIMS,
    DIGEST,
    RULE,
    denial,
    judge,
    messages,
    proven,
    signed_by,
    with_parameters,
)
from tests.support.attestations.provenances import REPO, TAG, predicate
from tests.support.inspections import inspect
from verifier.checks.provenance.check import check
from verifier.checks.provenance.steps import build_level, check_provenance
from verifier.core.digest import Digest, Digests
from verifier.core.outcome import NotApplicable, Passed, Severity


class TestEvidence:
    def test_provenance_that_meets_every_expectation_passes(self):
        assert judge() == Passed()

    def test_a_rule_that_asks_for_none_is_not_applicable(self):
        assert isinstance(check(inspect()), NotApplicable)

    def test_no_provenance_is_denied(self):
        outcome = check_provenance((), RULE, BUILDERS, digest=DIGEST, called=[Digests(DIGEST)], subject="app")
        assert [reason.code for reason in outcome.reasons] == ["provenance.missing"]

    def test_provenance_of_other_bytes_is_denied(self):
        assert denial(digest=Digest.of(b"other")) == ["provenance.subject-mismatch"]

    def test_a_predicate_of_another_type_is_denied(self):
        other = proven()
        other = dataclasses.replace(
            other, statement=dataclasses.replace(other.statement, predicate_type="https://acme.example/x")
        )
        assert denial(other) == ["provenance.malformed"]

    def test_all_reasons_are_listed(self):
        found = denial(
            proven(None, signed_by("stranger")),
            digest=Digest.of(b"other"),
            source="https://github.com/acme/other",
            ref="refs/heads/main",
            build_type="https://acme.example/x",
            external_parameters=(("inputs.mode", "release"),),
        )
        assert found == [
            "provenance.subject-mismatch",
            "provenance.builder-untrusted",
            "provenance.source-mismatch",
            "provenance.ref-mismatch",
            "provenance.build-type-mismatch",
            "provenance.parameter-mismatch",
        ]


class TestSeveral:
    def test_one_that_satisfies_everything_suffices_and_what_the_others_lack_is_said(self):
        outcome = judge(proven(None, signed_by("stranger")), proven())
        assert isinstance(outcome, Passed)
        assert [(r.code, r.severity) for r in outcome.reasons] == [
            ("provenance.builder-untrusted", Severity.WARNING),
        ]
        assert outcome.reasons[0].subject == "app (provenance 1 of 2)"

    def test_two_that_satisfy_a_half_each_do_not_make_a_whole(self):
        wrong_source = predicate("github-attestation")
        wrong_source["buildDefinition"]["externalParameters"]["workflow"]["ref"] = "refs/heads/main"
        halves = (proven(None, signed_by("stranger")), proven(wrong_source, signed_by(claims=None)))
        assert denial(*halves) == ["provenance.builder-untrusted", "provenance.ref-mismatch"]


class TestBuilder:
    def test_a_builder_id_under_another_trusted_signer_is_denied(self):
        assert denial(proven(None, signed_by("weak")), builders={"ci": BUILDERS["ci"]}) == [
            "provenance.builder-untrusted"
        ]

    def test_a_builder_that_the_rule_does_not_list_is_denied(self):
        assert denial(proven(None, signed_by("weak"))) == ["provenance.builder-untrusted"]

    def test_another_builder_id_is_denied(self):
        content = predicate("github-attestation")
        content["runDetails"]["builder"]["id"] = f"{REPO}/.github/workflows/other.yml@{TAG}"
        assert denial(proven(content, signed_by(claims=None))) == ["provenance.builder-untrusted"]

    def test_a_rule_without_a_known_builder_trusts_nobody(self):
        assert denial(builders={}) == ["provenance.builder-untrusted"]

    def test_a_builder_below_the_level_is_denied(self):
        rule = dataclasses.replace(RULE, builders=("weak",))
        outcome = check_provenance(
            [proven(None, signed_by("weak"))], rule, BUILDERS, digest=DIGEST, called=[Digests(DIGEST)], subject="app"
        )
        assert [reason.code for reason in outcome.reasons] == ["provenance.level-too-low"]

    def test_the_level_is_what_the_policy_believes_of_the_pair(self):
        assert build_level(proven(), BUILDERS) == 3
        assert build_level(proven(None, signed_by("weak")), BUILDERS) == 2
        assert build_level(proven(None, signed_by("weak"), signed_by()), BUILDERS) == 3

    def test_a_recognised_signature_alone_is_level_1(self):
        assert build_level(proven(None, signed_by("stranger")), BUILDERS) == 1

    def test_what_provenance_says_of_its_own_level_does_not_count(self):
        content = predicate("github-attestation") | {"slsaLevel": 3, "verifiedLevels": ["SLSA_BUILD_LEVEL_3"]}
        assert build_level(proven(content, signed_by("weak")), BUILDERS) == 2


class TestSource:
    @pytest.mark.parametrize("source", [REPO, f"{REPO}.git", "git+https://GITHUB.com/acme/app"])
    def test_another_spelling_of_the_repository_is_the_repository(self, source):
        assert judge(source=source) == Passed()

    @pytest.mark.parametrize("source", ["https://github.com/acme/app-fork", "https://github.com/Acme/app"])
    def test_another_repository_is_denied(self, source):
        assert denial(source=source) == ["provenance.source-mismatch"]

    def test_a_branch_instead_of_a_tag_is_denied(self):
        assert denial(ref="refs/heads/*") == ["provenance.ref-mismatch"]

    def test_a_glob_does_not_reach_into_another_kind_of_ref(self):
        assert denial(ref="refs/*/v9") == ["provenance.ref-mismatch"]

    def test_provenance_without_a_source_is_denied(self):
        content = predicate("github-attestation")
        content["buildDefinition"]["externalParameters"] = {}
        content["buildDefinition"]["resolvedDependencies"] = []
        assert denial(proven(content), ref=None) == ["provenance.source-mismatch"]

    def test_provenance_without_a_ref_is_denied(self):
        content = predicate("github-attestation")
        del content["buildDefinition"]["externalParameters"]["workflow"]["ref"]
        del content["buildDefinition"]["resolvedDependencies"]
        assert denial(proven(content, signed_by(claims=None))) == ["provenance.ref-mismatch"]

    def test_a_ref_that_the_provenance_leaves_out_is_the_certificates(self):
        content = predicate("github-attestation")
        del content["buildDefinition"]["externalParameters"]["workflow"]["ref"]
        assert judge(proven(content)) == Passed()
        other = dataclasses.replace(CLAIMS, source_ref="refs/heads/main")
        assert denial(proven(content, signed_by(claims=other))) == ["provenance.ref-mismatch"]

    def test_another_build_type_is_denied(self):
        assert denial(build_type="https://acme.example/x") == ["provenance.build-type-mismatch"]


class TestParameters:
    def test_an_unrecognised_parameter_is_denied(self):
        assert denial(with_parameters(inputs={"mode": "debug"})) == ["provenance.unexpected-parameter"]

    def test_each_unrecognised_parameter_is_named(self):
        found = messages(with_parameters(inputs={"mode": "debug", "a.b": True}))
        assert [each.partition(" is ")[0] for each in found] == ["parameter inputs.mode", 'parameter inputs."a.b"']

    def test_an_expected_parameter_is_accepted(self):
        given = with_parameters(inputs={"mode": "release", "fast": False})
        expected = (("inputs.mode", "rel*"), ("inputs.fast", "false"))
        assert judge(given, external_parameters=expected) == Passed()

    def test_an_expected_parameter_with_another_value_is_denied(self):
        given = with_parameters(inputs={"mode": "debug"})
        assert denial(given, external_parameters=(("inputs.mode", "release"),)) == ["provenance.parameter-mismatch"]

    def test_an_expected_parameter_that_is_absent_is_denied(self):
        assert denial(external_parameters=(("inputs.mode", "release"),)) == ["provenance.parameter-mismatch"]

    def test_ignored_parameters_are_not_judged_with_all_that_is_under_them(self):
        given = with_parameters(inputs={"mode": "debug", "deep": {"er": 1}}, vars={"x": "y"})
        assert judge(given, ignore_parameters=("inputs", "vars.x")) == Passed()

    def test_ignoring_does_not_reach_a_name_with_the_same_beginning(self):
        assert denial(with_parameters(inputs2="x"), ignore_parameters=("inputs",)) == [
            "provenance.unexpected-parameter"
        ]

    def test_a_case_variant_of_a_recognised_parameter_is_not_recognised(self):
        assert denial(with_parameters(Workflow={"path": "x"})) == ["provenance.unexpected-parameter"]

    def test_an_expected_value_does_not_excuse_its_siblings(self):
        given = with_parameters(inputs={"mode": "release", "evil": "1"})
        assert denial(given, external_parameters=(("inputs.mode", "release"),)) == ["provenance.unexpected-parameter"]

    def test_no_parameter_of_an_unknown_build_type_is_recognised(self):
        content = predicate("unknown")
        builders = {"ci": dataclasses.replace(BUILDERS["ci"], id=content["runDetails"]["builder"]["id"])}
        given = proven(content, signed_by(claims=None))
        assert denial(given, builders=builders, build_type=None) == ["provenance.unexpected-parameter"]

    def test_the_reasons_of_hostile_parameters_are_bounded(self):
        found = denial(with_parameters(inputs={str(n): "x" * 1_000 for n in range(1_000)}))
        assert found == ["provenance.unexpected-parameter"] * 100

    def test_what_denies_is_not_lost_behind_many_parameters(self):
        given = with_parameters(inputs={str(n): n for n in range(1_000)})
        assert "provenance.source-mismatch" in denial(given, source="https://github.com/acme/other")


SHAPES = {
    "buildkit": ("request",),
    "buildkit-v0.2": ("parameters",),
    "container-based": ("builderImage", "configPath", "buildConfig"),
    "github-attestation": (),
    "github-delegator": ("inputs",),
    "github-generator": (),
    "gitlab": ("variables",),
    "gitlab-v0.2": ("parameters",),
    "google-cloud-build": (),
    "npm": (),
    "npm-v1": (),
    "tekton": ("runSpec",),
    "unknown": ("target",),
}


@pytest.mark.parametrize(("name", "ignored"), SHAPES.items())
def test_each_shape_needs_no_more_than_its_own_parameters_ignored(name, ignored):
    given = proven(predicate(name), signed_by(claims=None))
    builders = {"ci": dataclasses.replace(BUILDERS["ci"], id=given.provenance.builder_id)}
    source = given.provenance.source.uri
    options = {"builders": builders, "source": source, "ref": None, "build_type": None}
    assert judge(given, ignore_parameters=ignored, **options) == Passed()
    for each in ignored:
        rest = tuple(other for other in ignored if other != each)
        assert set(denial(given, ignore_parameters=rest, **options)) == {"provenance.unexpected-parameter"}
