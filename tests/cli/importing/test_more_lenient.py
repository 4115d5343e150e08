"""What would make an imported policy more lenient than its source, silently: each is denied, or refused."""

import tomllib
from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.places import ROOT

pytestmark = pytest.mark.usefixtures("place")
SOURCES = ROOT / "fixtures" / "foreign-policies"
KEY = SOURCES / "kyverno/key.yaml"
SLSA = ("slsa-verifier", "--", "verify-artifact", "app.tar.gz", "--source-uri", "github.com/acme/app")
GENERATOR = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_generic_slsa3.yml"


def imported(*words):
    answer = run("trust", "import", "--out", "new.toml", *words)
    assert answer.status == 0, answer.err
    return answer.err, tomllib.loads(Path("new.toml").read_text())


def denied(policy):
    return [name for name, each in policy["artifacts"].items() if each["signatures"]["from"] == ["nobody"]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("policy-controller/key.yaml", "kyverno/key.yaml"),
        ("kyverno/key.yaml", "kyverno/image-validating-key.yaml"),
        ("kyverno/key.yaml", "opa/signed.yaml"),
    ],
)
def test_a_file_of_two_kinds_of_policies_is_refused_since_both_had_to_hold(one, other):
    Path("both.yaml").write_text(f"{(SOURCES / one).read_text()}\n---\n{(SOURCES / other).read_text()}")
    answer = run("trust", "import", "both.yaml", "--out", "new.toml")
    assert answer.status == 2
    assert "policies of several kinds" in answer.err
    assert not Path("new.toml").exists()


@pytest.mark.parametrize(
    "source", ["kyverno/key.yaml", "kyverno/image-validating-key.yaml", "policy-controller/keyless.yaml"]
)
def test_two_policies_of_one_name_are_no_alternatives(source):
    text = (SOURCES / source).read_text()
    Path("once.yaml").write_text(text)
    _, policy = imported("once.yaml")
    assert denied(policy) == []
    Path("new.toml").unlink()
    Path("twice.yaml").write_text(f"{text}\n---\n{text}")
    said, policy = imported("twice.yaml")
    assert denied(policy) == list(policy["artifacts"])
    assert "matches it too, and both had to hold" in said


def test_a_star_that_is_compared_exactly_there_names_nobody_here():
    text = (SOURCES / "kyverno/image-validating-key.yaml").read_text()
    head, _, rest = text.partition("        key:\n")
    keyless = """        keyless:
          identities:
            - issuer: https://token.actions.githubusercontent.com
              subject: https://github.com/acme/*
"""
    Path("star.yaml").write_text(f"{head}{keyless}{rest[rest.index('  validations:') :]}")
    said, policy = imported("star.yaml")
    assert denied(policy) == list(policy["artifacts"])
    assert "it names no identity" in said


@pytest.mark.parametrize("said", ["False", "0", "f", "FALSE", "false"])
def test_a_switch_that_go_reads_as_off_ignores_no_log(said):
    words = ("--", "verify", "registry.acme.example/acme/app", "--key", "release.pub", f"--insecure-ignore-tlog={said}")
    _, policy = imported("cosign", *words)
    assert denied(policy) == ["image:registry.acme.example/acme/app"]


@pytest.mark.parametrize("said", ["true", "1", "T"])
def test_a_switch_that_go_reads_as_on_ignores_the_log(said):
    words = ("--", "verify", "registry.acme.example/acme/app", "--key", "release.pub", f"--insecure-ignore-tlog={said}")
    _, policy = imported("cosign", *words)
    assert denied(policy) == []


@pytest.mark.parametrize(
    "more",
    [("--source-tag", "v*"), ("--source-branch", "ma*"), ("--source-versioned-tag", "*")],
    ids=lambda each: each[0],
)
def test_a_star_in_a_tag_or_a_branch_is_refused(more):
    assert run("trust", "import", "--out", "new.toml", *SLSA, *more).status == 2
    assert not Path("new.toml").exists()


def test_a_star_in_a_repository_is_refused():
    words = ("slsa-verifier", "--", "verify-artifact", "app.tar.gz", "--source-uri", "github.com/acme/*")
    assert run("trust", "import", "--out", "new.toml", *words).status == 2


def test_a_builder_of_one_release_signs_as_that_release():
    _, policy = imported(*SLSA, "--builder-id", f"{GENERATOR}@v1.9.0")
    (signer,) = policy["signers"].values()
    assert signer["keyless"]["identity"] == f"{GENERATOR}@refs/tags/v1.9.0"


def test_a_version_that_stands_for_many_tags_is_weaker_and_denied():
    said, policy = imported(*SLSA, "--source-versioned-tag", "v1")
    assert "weaker: --source-versioned-tag" in said
    assert denied(policy) == list(policy["artifacts"])
