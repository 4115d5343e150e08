"""The example trust policy is one that loads, once its keys are there."""

import shutil

import pytest

from tests.support.material import key_for, public_pem
from tests.support.places import ROOT
from verifier.core.errors import ConfigurationError
from verifier.trust.evaluate import capabilities_of, organisation_for, rule_for
from verifier.trust.load import load_policy
from verifier.trust.sections.signatures import SignatureRule

POLICIES = ROOT / "policies"


@pytest.fixture
def example(tmp_path):
    shutil.copytree(POLICIES, tmp_path / "policies")
    keys = tmp_path / "policies/keys"
    keys.mkdir()
    (keys / "release.pub").write_bytes(public_pem(key_for("ES256")))
    (keys / "ci.pub").write_bytes(public_pem(key_for("ES384")))
    return tmp_path / "policies/trust.toml"


def test_the_example_loads_with_its_rules(example):
    policy = load_policy(example)
    rule = rule_for(policy, "bundle", "authz")
    assert capabilities_of(rule).deny == ("http.send", "opa.runtime", "net.*")
    assert [module.path for module in organisation_for(policy, rule)] == ["rego/release.rego"]
    assert set(policy.signers) == {"release", "ci"}


def test_only_the_release_key_signs_releases(example):
    policy = load_policy(example)
    assert SignatureRule.of(rule_for(policy, "bundle", "authz")).from_ == ("release",)
    assert [verifier.signer for verifier in policy.verifiers] == ["ci"]


def test_no_private_key_is_kept_beside_it():
    assert not list(POLICIES.rglob("*.pem"))
    assert not [path for path in POLICIES.rglob("*") if path.is_file() and b"PRIVATE KEY" in path.read_bytes()]


def test_without_its_keys_the_example_says_which_is_missing(example):
    (example.parent / "keys/ci.pub").unlink()
    with pytest.raises(ConfigurationError, match=r"keys/ci\.pub"):
        load_policy(example)
