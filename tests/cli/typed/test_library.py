"""`VERIFY_SIGSTORE`: who verifies what Sigstore bundles prove is chosen in one word, and no other is taken for it."""

from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.publishing.releases import release
from verifier.cli import inputs
from verifier.cli.typed.environment import has_library_verify
from verifier.core.errors import ConfigurationError
from verifier.trust.adhoc import AdHocFlags

pytestmark = pytest.mark.usefixtures("place")
POLICY = """
version = 1
id = "https://example.org/policy"
[signers.release]
key = "release.pub"
[artifacts."bundle:authz"]
signatures = { from = ["release"] }
version = "none"
"""


@pytest.fixture
def bundle(place):
    return release("1.0.0")


@pytest.fixture
def policies(bundle):
    """The policy of a file, and one of flags, as they are read now."""
    Path("lone.toml").write_text(POLICY)
    return lambda: [
        inputs.policy_file(Path("lone.toml")),
        inputs.trust_policy(None, [Path("release.pub")], AdHocFlags()),
    ]


@pytest.mark.parametrize(("word", "by_library"), [(None, False), ("", False), ("library", True)])
def test_the_library_verifies_where_the_word_is_library(monkeypatch, policies, word, by_library):
    if word is not None:
        monkeypatch.setenv("VERIFY_SIGSTORE", word)
    assert [each.sigstore.by_library for each in policies()] == [by_library] * 2


def test_it_changes_nothing_that_the_policy_says(monkeypatch, policies):
    before = policies()
    monkeypatch.setenv("VERIFY_SIGSTORE", "library")
    for own, library in zip(before, policies(), strict=True):
        assert (own.digest, own.sigstore.name) == (library.digest, library.sigstore.name)


@pytest.mark.parametrize("word", ["Library", "own", "library ", "1", "sigstore"])
@pytest.mark.parametrize("command", ["bundle", "preload"])
def test_any_other_word_is_refused_by_every_command(monkeypatch, bundle, command, word):
    monkeypatch.setenv("VERIFY_SIGSTORE", word)
    answer = run(command, bundle)
    assert answer.status == 2
    assert "VERIFY_SIGSTORE" in answer.err
    assert "must be library, or not set" in answer.err
    with pytest.raises(ConfigurationError):
        has_library_verify({"VERIFY_SIGSTORE": word})


def test_the_word_is_no_unknown_variable(monkeypatch, bundle):
    monkeypatch.setenv("VERIFY_SIGSTORE", "library")
    answer = run("bundle", bundle, "--key", "release.pub")
    assert answer.status == 0
    assert "VERIFY_SIGSTORE" not in answer.err
