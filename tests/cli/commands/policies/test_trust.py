"""`verify trust`: starting a policy, and reading one in words."""

import json
from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.sigstore_instance import Instance

pytestmark = pytest.mark.usefixtures("place")


def test_the_policy_that_it_starts_is_one_that_it_can_read():
    answer = run("trust", "init", "new.toml", "--key", "release.pub", "--artifact", "bundle:authz")
    assert (answer.status, answer.out) == (0, "")
    checked = run("trust", "check", "new.toml")
    assert checked.status == 0
    assert "bundle:authz must be signed" in checked.out


@pytest.mark.parametrize("artifact", ["bundle:team/*", "artifact:app", "image:registry.example/app"])
def test_it_starts_a_policy_for_every_kind(artifact):
    assert run("trust", "init", "new.toml", "--key", "release.pub", "--artifact", artifact).status == 0
    assert f"{artifact} must be signed" in run("trust", "check", "new.toml").out


@pytest.mark.parametrize("wrong", [("--artifact", "authz"), ("--id", "authz")])
def test_it_starts_none_that_it_could_not_read(place, wrong):
    answer = run("trust", "init", "new.toml", *wrong)
    assert (answer.status, (place / "new.toml").exists()) == (2, False)
    assert answer.err.startswith(f"verify: error: {wrong[0]}: ")


def test_it_asks_for_the_public_key_only_where_that_is_missing():
    assert "put the public key" not in run("trust", "init", "new.toml", "--key", "release.pub").err
    assert "put the public key at missing.pub" in run("trust", "init", "other.toml", "--key", "missing.pub").err


def test_it_starts_none_with_a_key_that_is_none(place):
    (place / "twice.pub").write_bytes((place / "release.pub").read_bytes() * 2)
    answer = run("trust", "init", "new.toml", "--key", "twice.pub")
    assert (answer.status, (place / "new.toml").exists()) == (2, False)
    assert "--key: twice.pub has 2 public keys, expected exactly one" in answer.err


def test_an_existing_policy_is_not_overwritten():
    before = Path("trust.toml").read_bytes()
    assert run("trust", "init", "trust.toml").status == 2
    assert Path("trust.toml").read_bytes() == before


def test_a_policy_is_said_in_words_with_what_is_weak_about_it():
    answer = run("trust", "check", "trust.toml")
    assert answer.status == 0
    assert "bundle:authz must be signed by at least 1 of release." in answer.out
    assert "warning: " in answer.out


def test_strict_denies_what_is_weak():
    assert run("trust", "check", "trust.toml", "--strict").status == 1


def test_weaknesses_depend_on_the_time():
    policy = Path("trust.toml").read_text()
    dated = policy.replace('key = "release.pub"', 'key = "release.pub"\nnot_after = 2030-01-01T00:00:00Z')
    Path("trust.toml").write_text(dated)
    assert "was valid until" in run("trust", "check", "trust.toml", "--now", "2031-01-01T00:00:00Z").out


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("threshold = 1", "treshold = 1", 8),
        ('key = "ci.pub"', 'key = "missing.pub"', 6),
        ('scheme = "semver"', 'scheme = "semvre"', 9),
        ('from = ["release"]', 'from = ["nobody"]', 8),
        ("version = 1", "version = 2", 1),
    ],
)
def test_a_mistake_is_2_and_named_with_its_line(old, new, line):
    policy = Path("trust.toml").read_text()
    Path("trust.toml").write_text(policy.replace(old, new, 1))
    for arguments in (("trust", "check", "trust.toml"), ("bundle", "src", "--policy", "trust.toml")):
        answer = run(*arguments)
        assert (answer.status, answer.out) == (2, "")
        assert answer.err.startswith(f"verify: error: trust.toml:{line}: ")


def test_a_floor_that_its_scheme_cannot_read_is_named_with_its_line():
    policy = Path("trust.toml").read_text()
    Path("trust.toml").write_text(policy.replace("[verifiers.ci]", 'floor = "v1"\n[verifiers.ci]'))
    answer = run("trust", "check", "trust.toml")
    assert (answer.status, answer.err.startswith("verify: error: trust.toml:10: ")) == (2, True)


@pytest.mark.parametrize("name", ["missing.toml", "src", "/dev/zero"])
def test_what_is_no_file_is_2(name):
    answer = run("trust", "check", name)
    assert (answer.status, answer.out) == (2, "")
    assert name in answer.err


ROOT = json.dumps(Instance().root_document())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"{ROOT}\n{json.dumps(Instance().root_document())}\n", None),
        (f"{ROOT}\n{ROOT[:-9]}", "roots.jsonl, line 2: not a trusted root: not JSON"),
        (f"{ROOT}\n{ROOT}\n", "roots.jsonl, line 2: not a trusted root: this is the same trusted root"),
        ("{}", "roots.jsonl: not a trusted root: mediaType is missing"),
    ],
)
def test_trusted_roots_that_a_policy_names_are_read(place, content, said):
    (place / "roots.jsonl").write_text(content)
    with (place / "trust.toml").open("a") as policy:
        policy.write('\n[sigstore]\ntrusted_root = "roots.jsonl"\n')
    answer = run("trust", "check", "trust.toml")
    assert answer.status == (0 if said is None else 2)
    assert (said or "any one of the 2 Sigstore instances in roots.jsonl") in f"{answer.out}{answer.err}"
