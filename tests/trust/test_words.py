"""What `verify trust check` says: the policy in words."""

from tests.support.places import ROOT
from verifier.trust.words import explain_policy

GOOD = ROOT / "fixtures" / "trust" / "good"


def test_full_policy_is_explained_sentence_by_sentence(parse):
    said = explain_policy(parse((GOOD / "full.toml").read_bytes()))
    assert "Signer release-ci is a public key with the kid release-2026, for ES256." in said
    assert (
        "Signer legacy is a shared secret with the kid legacy, for HS256, revoked, so that it counts no more." in said
    )
    assert "bundle:authz must be signed by at least 2 of release-ci, security, for the scope authz." in said
    assert (
        "bundle:authz: its version is manifest.revision, ordered as semver, and never goes back; the channel "
        "stable is a sequence of its own; nothing below 1.4.0 is accepted; a step beyond 1.20.50 is refused; "
        "the first one seen needs a floor." in said
    )
    assert "bundle:authz: its newest signed time must not be older than 30 days." in said
    grace = "without its ledger, a loader may go on for 0:15:00 with what was accepted before"
    assert f"bundle:authz: {grace}." in said
    assert "bundle:authz: it must not call http.send, opa.runtime, net.*." in said
    assert "bundle:authz: it was built at SLSA build level 3 or higher, by gha-generator." in said
    assert "bundle:authz: its source is git+https://github.com/acme/policies, from refs/tags/v*." in said
    assert "bundle:authz: its build type is https://actions.github.io/buildtypes/workflow/v1." in said
    assert 'bundle:authz: its build was started with inputs.mode = release, inputs."dry run" = false.' in said
    assert "bundle:authz: the build's parameters under vars may be anything." in said
    assert "bundle:authz: its provenance may contradict the certificate that signed it." in said
    assert "bundle:authz: no rule in rules/release.rego, rules/owners.rego may deny it." in said
    assert "artifact:sdk: its version is not compared with anything." in said
    assert "Verdicts of https://acme.example/verifier/ci are accepted when release-ci signed them." in said
    assert "The limit members is raised to 200000." in said


def test_default_denial_is_said(parse):
    said = explain_policy(parse((GOOD / "denies-everything.toml").read_bytes()))
    assert said[-1] == "Whatever no rule matches is denied."
