"""Where a policy lies: who can write there says whom to believe."""

import os
import shutil

import pytest

from tests.support.peers.privileges import AS_ROOT
from tests.support.places import ROOT
from verifier.core.errors import ConfigurationError
from verifier.trust.load import load_policy

POLICIES = ROOT / "fixtures" / "attacks" / "policies"


@pytest.fixture
def policy(tmp_path):
    """A policy with its keys in a folder of its own."""
    folder = tmp_path / "attacks" / "policies"
    shutil.copytree(POLICIES, folder)
    shutil.copytree(ROOT / "fixtures" / "keys", tmp_path / "keys")
    return folder / "default.toml"


def said(policy):
    found = []
    load_policy(policy, notice=found.append)
    return {(reason.code, reason.is_error) for reason in found}


@AS_ROOT
def test_what_everybody_may_exchange_is_refused_and_what_somebody_may_is_said(policy):
    assert said(policy) == set()
    os.chown(policy, 54_321, -1)
    assert said(policy) == {("policy.exchangeable", False)}
    os.chown(policy, 0, 54_321)
    policy.chmod(0o664)
    assert said(policy) == {("policy.exchangeable", False)}
    policy.chmod(0o666)
    with pytest.raises(ConfigurationError, match="everybody may exchange"):
        load_policy(policy)


def test_a_folder_of_everybody_is_refused(policy):
    policy.parent.chmod(0o777)
    with pytest.raises(ConfigurationError, match="everybody may exchange"):
        load_policy(policy)


def test_so_is_a_key_that_the_policy_names(policy):
    for key in (policy.parent.parent.parent / "keys").iterdir():
        key.chmod(0o666)
    with pytest.raises(ConfigurationError, match="everybody may exchange"):
        load_policy(policy)


def test_in_a_folder_with_the_sticky_bit_what_is_ours_stays_ours(policy):
    policy.parent.chmod(0o1777)
    assert said(policy) == set()
