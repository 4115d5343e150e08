"""Provenance that passes under a rule, to be changed in one place at a time."""

import dataclasses

from tests.support.attestations.provenances import COMMIT, REPO, TAG, predicate, statement
from verifier.checks.provenance.steps import check_provenance
from verifier.core.digest import Digest, Digests
from verifier.core.outcome import Failed
from verifier.core.signers.keyless import CertificateClaims
from verifier.evidence.attested import ProvenProvenance
from verifier.formats.intoto.provenance import parse_provenance
from verifier.signatures.interface import SEAL, ProvenSigner
from verifier.trust.sections.provenance import ProvenanceRule
from verifier.trust.tables.builders import BuilderRule

DIGEST = Digest(algorithm="sha256", value="ab" * 32)
WORKFLOW = f"{REPO}/.github/workflows/build.yml@{TAG}"
BUILDERS = {
    "ci": BuilderRule(name="ci", signer="ci", id=f"{REPO}/.github/workflows/build.yml@refs/tags/*", level=3),
    "weak": BuilderRule(name="weak", signer="weak", id=f"{REPO}/*", level=2),
}
RULE = ProvenanceRule(
    level=3,
    builders=("ci",),
    source=f"git+{REPO}",
    ref="refs/tags/v*",
    build_type="https://actions.github.io/buildtypes/workflow/v1",
)
CLAIMS = CertificateClaims(
    issuer="https://token.actions.githubusercontent.com",
    identity=WORKFLOW,
    build_signer_uri=WORKFLOW,
    runner_environment="github-hosted",
    source_repository=REPO,
    source_digest=COMMIT,
    source_ref=TAG,
    build_config_uri=f"{REPO}/.github/workflows/release.yml@{TAG}",
    build_trigger="push",
    run_invocation=f"{REPO}/actions/runs/1001/attempts/1",
)


def signed_by(name="ci", claims=CLAIMS):
    kind = "keyless" if claims else "key"
    return ProvenSigner(name=name, kind=kind, fingerprint=name, algorithm="ES256", certificate=claims, seal=SEAL)


def proven(content=None, *signers, kind=None):
    made = statement(content or predicate("github-attestation"), kind)
    return ProvenProvenance(provenance=parse_provenance(made), statement=made, signers=signers or (signed_by(),))


def judge(*evidence, builders=BUILDERS, digest=DIGEST, **changes):
    rule = dataclasses.replace(RULE, **changes)
    return check_provenance(
        evidence or (proven(),), rule, builders, digest=digest, called=[Digests(digest)], subject="app"
    )


def denial(*evidence, **options):
    outcome = judge(*evidence, **options)
    assert isinstance(outcome, Failed)
    return [reason.code for reason in outcome.reasons]


def messages(*evidence, **options):
    return [reason.message for reason in judge(*evidence, **options).reasons]


def with_parameters(**parameters):
    content = predicate("github-attestation")
    content["buildDefinition"]["externalParameters"] |= parameters
    return proven(content)
