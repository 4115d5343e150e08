"""Provenance beside the certificate of its signer: a contradiction denies."""

import base64
import dataclasses
import json

import pytest

from tests.support.attestations.proven_provenances import (
    BUILDERS,
    CLAIMS,
    denial,
    judge,
    messages,
    proven,
    signed_by,
)
from tests.support.attestations.provenances import REPO, TAG, payloads, predicate
from tests.support.material import corpus
from verifier.core.outcome import Failed, Passed
from verifier.core.signers.keyless import CertificateClaims
from verifier.evidence.attested import ProvenProvenance
from verifier.formats.intoto.provenance import parse_provenance
from verifier.formats.intoto.statement import parse_statement
from verifier.signatures.sigstore.certificates import read_chain
from verifier.trust.tables.builders import BuilderRule


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("source_repository", "https://github.com/evil/app"),
        ("source_ref", "refs/heads/main"),
        ("source_digest", "f" * 40),
        ("build_config_uri", f"{REPO}/.github/workflows/other.yml@{TAG}"),
        ("build_trigger", "pull_request_target"),
        ("runner_environment", "self-hosted"),
        ("run_invocation", f"{REPO}/actions/runs/1002/attempts/1"),
        ("build_signer_uri", f"{REPO}/.github/workflows/other.yml@{TAG}"),
    ],
)
def test_a_certificate_that_says_otherwise_is_denied(claim, value):
    signer = signed_by(claims=dataclasses.replace(CLAIMS, **{claim: value}))
    found = denial(proven(None, signer))
    assert set(found) == {"provenance.certificate-mismatch"}
    assert any(value in message for message in messages(proven(None, signer)))


def test_a_second_commit_of_the_source_contradicts_the_certificate():
    content = predicate("github-attestation")
    content["buildDefinition"]["resolvedDependencies"].append({"uri": REPO, "digest": {"sha1": "f" * 40}})
    assert denial(proven(content)) == ["provenance.certificate-mismatch"]


def test_a_contradiction_is_a_warning_only_where_the_rule_says_so():
    signer = signed_by(claims=dataclasses.replace(CLAIMS, build_trigger="schedule"))
    outcome = judge(proven(None, signer), require_certificate_match=False)
    assert isinstance(outcome, Passed)
    assert [reason.code for reason in outcome.reasons] == ["provenance.certificate-mismatch"]


def test_what_a_certificate_does_not_say_contradicts_nothing():
    bare = CertificateClaims(issuer=CLAIMS.issuer, identity="someone@acme.example")
    assert judge(proven(None, signed_by(claims=bare))) == Passed()


def test_a_key_has_no_certificate_to_contradict():
    assert judge(proven(None, signed_by(claims=None))) == Passed()


def test_who_signed_beside_the_builder_may_be_elsewhere():
    elsewhere = dataclasses.replace(CLAIMS, source_repository="https://github.com/acme/attestations")
    assert judge(proven(None, signed_by(), signed_by("auditor", elsewhere))) == Passed()


def test_a_delegating_builder_is_not_the_workflow_that_signs():
    content = predicate("github-delegator")
    builders = {"ci": dataclasses.replace(BUILDERS["ci"], id=content["runDetails"]["builder"]["id"])}
    given = proven(content, signed_by())
    assert judge(given, builders=builders, build_type=None, ignore_parameters=("inputs",)) == Passed()


def test_the_entry_point_of_gitlab_is_a_job_and_not_a_file():
    content = predicate("gitlab")
    repository = "https://gitlab.com/acme/app"
    claims = CertificateClaims(
        issuer="https://gitlab.com",
        identity="x",
        source_repository=repository,
        source_ref=TAG,
        build_config_uri=f"{repository}//.gitlab-ci.yml@{TAG}",
    )
    builders = {"ci": dataclasses.replace(BUILDERS["ci"], id=f"{repository}/-/runners/*")}
    given = proven(content, signed_by(claims=claims))
    options = {"source": repository, "build_type": None, "ignore_parameters": ("variables",)}
    assert judge(given, builders=builders, **options) == Passed()


def real(path, name="ci"):
    """The last provenance of a corpus file, signed by a signer `name` who has its certificate."""
    text = path.read_text()
    document = json.loads(text.splitlines()[0] if path.suffix == ".jsonl" else text)
    bundle = document["attestations"][-1]["bundle"] if "attestations" in document else document
    material = bundle["verificationMaterial"]
    certificate = material.get("certificate") or material["x509CertificateChain"]["certificates"][0]
    claims = read_chain([base64.b64decode(certificate["rawBytes"])], subject=path.name).claims
    made = parse_statement(payloads(path)[-1], subject=path.name)
    return ProvenProvenance(provenance=parse_provenance(made), statement=made, signers=(signed_by(name, claims),))


@pytest.mark.corpus
class TestCorpus:
    LINT = "https://github.com/aspect-build/rules_lint"
    PUBLISH = "https://github.com/bazel-contrib/publish-to-bcr/.github/workflows/publish.yaml@refs/tags/*"

    def bcr(self, file):
        given = real(corpus("provenance") / "bcr" / file)
        builders = {"ci": BuilderRule(name="ci", signer="ci", id=self.PUBLISH, level=3)}
        digest = given.statement.subjects[0].digests[0]
        return judge(given, builders=builders, digest=digest, source=self.LINT, ref="refs/heads/publish-to-bcr")

    def test_the_genuine_provenance_agrees_with_its_certificate(self):
        assert self.bcr("MODULE.bazel.intoto.jsonl") == Passed()

    def test_the_forged_provenance_contradicts_its_certificate(self):
        outcome = self.bcr("MODULE-wrong-signer.bazel.intoto.jsonl")
        assert isinstance(outcome, Failed)
        assert {reason.code for reason in outcome.reasons} == {"provenance.certificate-mismatch"}
        said = " ".join(reason.message for reason in outcome.reasons)
        for what in ("source repository", "source ref", "source commit", "workflow", "run", "builder.id"):
            assert f"{what} is" in said
        assert "https://github.com/loosebazooka/aa-test" in said

    def test_the_other_genuine_provenance_agrees_with_its_certificates(self):
        folder = corpus("provenance")
        files = [
            *sorted((folder / "gha_delegator").rglob("*.slsa")),
            folder / "npm/supreme-googles-cli-v02-tag.tgz.json",
        ]
        assert len(files) == 5
        for path in files:
            given = real(path)
            builders = {"ci": dataclasses.replace(BUILDERS["ci"], id=given.provenance.builder_id)}
            outcome = judge(
                given,
                builders=builders,
                digest=given.statement.subjects[0].digests[0],
                source=given.signers[0].certificate.source_repository,
                ref="refs/*",
                build_type=None,
                ignore_parameters=("inputs",),
            )
            assert outcome == Passed(), path.name
