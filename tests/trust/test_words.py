"""What `verify trust check` says: the policy in words."""

import pytest

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
        "bundle:authz: its version is manifest.revision, ordered as semver; it never goes back within the scope "
        "bundle:authz@stable of a ledger; the channel stable is a sequence of its own; nothing below 1.4.0 is "
        "accepted; a step beyond 1.20.50 is refused; the first one seen needs a floor." in said
    )
    assert (
        "bundle:authz: its newest signed time must not be older than 30 days; a warning is given 3 days before." in said
    )
    grace = "without its ledger, a loader may go on for 0:15:00 with what was accepted before"
    assert f"bundle:authz: {grace}." in said
    assert "bundle:authz: it must not call http.send, opa.runtime, net.*." in said
    assert "bundle:authz: it was built at SLSA build level 3 or higher, by gha-generator." in said
    assert "bundle:authz: its source is git+https://github.com/acme/policies, from refs/tags/v*." in said
    assert "bundle:authz: its build type is https://actions.github.io/buildtypes/workflow/v1." in said
    assert 'bundle:authz: its build was started with inputs.mode = release, inputs."dry run" = false.' in said
    assert "bundle:authz: the build's parameters under vars may be anything." in said
    assert "bundle:authz: its provenance may contradict the certificate that signed it." in said
    assert (
        "bundle:authz: no rule in rules/release.rego, rules/owners.rego may deny it, as OPA 1 judges by them." in said
    )
    sbom = "it must have an SBOM, signed by one of those signers, which must match its contents, of the quality ntia"
    assert f"bundle:authz: {sbom}." in said
    assert "artifact:sdk: its version is not compared with anything." in said
    assert "Verdicts of https://acme.example/verifier/ci are accepted when release-ci signed them." in said
    assert "The limit members is raised to 200000." in said
    assert "The limit ratio is lowered to 100." in said
    (github,) = [sentence for sentence in said if sentence.startswith("Signer github is ")]
    assert github.endswith(", whose certificate says repository = https://github.com/acme/policies.")
    assert "Keyless signers are proven by Sigstore's production instance." in said


def test_default_denial_is_said(parse):
    said = explain_policy(parse((GOOD / "denies-everything.toml").read_bytes()))
    assert said[-1] == "Whatever no rule matches is denied."


SIGNED = """version = 1
id = "urn:example:policy"
signers.a.key = "keys/a.pub"
[artifacts."bundle:authz"]
version = "none"
signatures.from = ["a"]
"""


def test_a_statement_that_counts_as_a_signature_is_said(parse):
    said = explain_policy(parse(SIGNED + 'signatures.attestations = ["urn:example:built", "urn:example:tested"]\n'))
    types = "urn:example:built or urn:example:tested"
    assert f"bundle:authz: a statement of the type {types} counts as a signature, as a release does." in said


@pytest.mark.parametrize(
    ("root", "sentence"),
    [
        ("staging", "Keyless signers are proven by Sigstore's staging instance."),
        ("roots/ours.json", "Keyless signers are proven by the Sigstore instance in roots/ours.json."),
        ("roots.jsonl", "Keyless signers are proven by any one of the 2 Sigstore instances in roots.jsonl."),
        ("cut.jsonl", "Keyless signers are proven by the Sigstore instance in cut.jsonl."),
    ],
)
def test_the_sigstore_instance_that_is_believed_is_said(parse, files, root, sentence):
    files.update({"roots/ours.json": b"{}", "roots.jsonl": b'{}\n{"a": 1}\n', "cut.jsonl": b'{}\n{"a": 1'})
    assert not any("Sigstore" in each for each in explain_policy(parse(SIGNED)))
    assert sentence in explain_policy(parse(f'{SIGNED}[sigstore]\ntrusted_root = "{root}"\n'))


def test_a_keyless_signer_of_another_kid_is_said(parse):
    keyless = 'keyless = { issuer = "https://ci.example", identity = "x@acme.example" }'
    said = explain_policy(parse(f'{SIGNED}[signers.b]\nkid = "other"\n{keyless}\n'))
    assert "Signer b is the keyless identity x@acme.example of https://ci.example with the kid other." in said


def test_what_a_rule_without_an_order_says_of_its_channel_is_said(parse):
    said = explain_policy(parse(SIGNED + 'channel = "stable"\n'))
    words = "its version is not compared with anything; the channel stable is a sequence of its own"
    assert f"bundle:authz: {words}." in said
