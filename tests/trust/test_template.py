"""The starter policy is one that the parser accepts and that is not weak."""

from datetime import UTC, datetime

import pytest

from verifier.core.errors import ConfigurationError
from verifier.trust.template import starter_policy
from verifier.trust.weaknesses import weaknesses


def test_starter_policy_is_accepted_and_not_weak(parse):
    policy = parse(starter_policy())
    assert policy.artifacts[0].pattern == "bundle:authz"
    assert weaknesses(policy, datetime(2026, 6, 1, tzinfo=UTC)) == []


def test_every_commented_line_of_the_starter_policy_is_one_that_works(parse, files):
    files["release.rego"] = b"package release\n"
    uncommented = [
        line.removeprefix("# ") if " = " in line or line == "# [verifiers.ci]" else line
        for line in starter_policy().splitlines()
        if "revoked" not in line
    ]
    policy = parse("\n".join(uncommented))
    assert policy.verifiers[0].signer == "release"
    assert policy.organisation
    assert policy.signers["release"].algorithms == ("ES256",)


def test_names_are_quoted(parse, files):
    files['keys/"x".pub'] = files["keys/a.pub"]
    policy = parse(starter_policy(policy_id="urn:example:other", artifact="bundle:é", key='keys/"x".pub'))
    assert policy.id == "urn:example:other"
    assert policy.artifacts[0].pattern == "bundle:é"


def test_unusable_name_is_refused_by_the_parser(parse):
    with pytest.raises(ConfigurationError):
        parse(starter_policy(artifact='bundle:x"]\n[signers.evil]\nkey = "'))
