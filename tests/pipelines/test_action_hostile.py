"""Hostile event data, artifacts and workspaces: what strangers write is a text, and no command of anybody's."""

import pytest

from tests.support.command import run

PWNED = [
    "$(touch pwned)",
    "`touch pwned`",
    "x; touch pwned",
    '"; touch pwned; "',
    "'; touch pwned; '",
    "x && touch pwned #",
    "${{ github.token }}",
    "%0A::set-output name=verdict::passed",
    "::set-output name=verdict::passed",
    "##[set-output name=verdict;]passed",
    "::stop-commands::x",
    "--no-record",
    "--policy=other.toml",
    "-h",
    "*",
    "~root/../../etc/passwd",
]
"""As a branch, a title or a tag may be named by whoever opens a pull request."""


@pytest.fixture
def accepted(repository):
    """The head of a memory in which 1.4.0 was accepted."""
    repository.build("1.4.0")
    first = repository.action(memory="cache", first_use="true")
    assert first.succeeded, first.log
    return first.outputs["head"]


def harmless(repository, done):
    """Whether nothing was run, nothing obeyed, and no output forged."""
    assert not list(repository.folder.rglob("pwned"))
    assert done.variables == {}
    assert all(step.log.outputs == {} and step.log.refused == [] for step in done.steps)
    assert "Traceback" not in done.log
    return not done.succeeded and done.outputs["verdict"] in {"denied", "undecided", "error"}


@pytest.mark.parametrize("hostile", PWNED)
def test_a_reference_is_a_text(repository, accepted, hostile):
    done = repository.action(memory="cache", expect_head=accepted, ref=hostile)
    assert harmless(repository, done), done.log


@pytest.mark.parametrize("hostile", PWNED[::2])
def test_every_other_input_is_a_text_too(repository, hostile):
    repository.build("1.4.0")
    names = ("policy", "name", "previous", "attestations", "resource_uri", "verifier_id", "memory_name", "arguments")
    for inputs in (dict.fromkeys(names, hostile), dict.fromkeys(names[:-2], hostile)):
        done = repository.action(memory="none", **inputs)
        assert harmless(repository, done), done.log


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_name_with_another_line_is_refused(repository, newline):
    done = repository.action(memory="none", name=f"authz{newline}::set-output name=verdict::passed")
    assert done.titles("error") == ["verify: name"]
    assert harmless(repository, done)


@pytest.mark.parametrize(
    "version",
    ["1.4.0\n::set-output name=verdict::passed", "verdict<<x\npassed\nx", "1.4.0\nverdict=passed", "\x1b]0;x\x07"],
)
def test_a_version_forges_no_output(repository, version):
    """Signed by somebody who may sign; here any text is a version."""
    policy = repository.workspace / "trust.toml"
    policy.write_text(
        policy.read_text().replace('version = { from = "manifest.revision", scheme = "semver" }', 'version = "none"')
    )
    repository.build(version.encode("unicode_escape").decode().replace("\\x", "\\u00"))
    done = repository.action(memory="none")
    assert all(step.log.outputs == {} for step in done.steps)
    assert done.outputs["version"] == version or done.outputs["verdict"] != "passed"
    assert done.outputs["verdict"] in {"passed", "undecided"}
    assert "\x1b" not in done.log


def test_what_a_report_shows_of_an_artifact_is_no_command(repository, accepted):
    """A file's name in a bundle that is denied."""
    source = repository.workspace / "evil"
    (source / "::error::x").mkdir(parents=True)
    (source / "::error::x" / "##[set-output name=verdict]passed.rego").write_text("package elsewhere\n")
    (source / ".manifest").write_text('{"revision": "1.5.0\\n::set-output name=verdict::passed", "roots": ["authz"]}')
    assert run(
        "sign", "bundle", "evil", "--key", "keys/release", "--keyid", "release", "--out", "evil.tar.gz"
    ).status in {0, 1, 2}
    done = repository.action(memory="cache", expect_head=accepted, ref="evil.tar.gz")
    assert harmless(repository, done), done.log


def test_the_workspace_is_not_on_the_path_of_python(repository, accepted):
    """A pull request brings modules of its own, and an earlier step has named them."""
    for name in (
        "json.py",
        "sitecustomize.py",
        "verifier/__init__.py",
        "tools/__init__.py",
        "tools/action/__main__.py",
    ):
        file = repository.workspace / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("from pathlib import Path\nPath('pwned').touch()\n")
    variables = {"PYTHONPATH": str(repository.workspace), "PYTHONSTARTUP": "json.py", "PYTHONHOME": ""}
    done = repository.action(memory="cache", expect_head=accepted, environment=variables)
    assert done.succeeded, done.log
    assert not list(repository.folder.rglob("pwned"))


def test_programs_of_the_workspace_are_not_run(repository, accepted):
    for name in ("verify", "python", "sh", "git"):
        program = repository.workspace / name
        program.write_text("#!/bin/sh\ntouch pwned\n")
        program.chmod(0o755)
    done = repository.action(memory="cache", expect_head=accepted)
    assert done.succeeded, done.log
    assert not list(repository.folder.rglob("pwned"))


def test_the_numbers_of_a_run_are_numbers(repository, accepted):
    variables = {"GITHUB_RUN_ID": "1 --no-record", "GITHUB_RUN_ATTEMPT": "1\n::set-output name=verdict::passed"}
    done = repository.action(memory="cache", expect_head=accepted, environment=variables)
    assert done.succeeded, done.log
    assert "github-0-0" in done.log


def test_an_endless_input_is_refused(repository):
    done = repository.action(memory="none", ref="a.tar.gz\n" * 10_000)
    assert done.titles("error") == ["verify: ref"]
    assert "characters" in done.annotations[0][2]


def test_a_published_name_is_a_text(repository):
    repository.build("1.4.0")
    for hostile in PWNED[:4]:
        done = repository.action(memory="none", previous="authz.tar.gz", publish=hostile)
        assert done.outcomes["Publish"] in {"failure", "skipped"}, done.log
        assert not list(repository.folder.rglob("pwned"))
        assert done.outputs["published"] == ""


@pytest.mark.parametrize("name", ["VERIFY_NOW", "VERIFY_PREVIOUS_MAY_BE_ABSENT", "VERIFY_LEDGER", "VERIFY_NO_SUCH"])
def test_an_earlier_step_says_nothing_by_a_variable(repository, name):
    done = repository.action(memory="none", environment={name: "1"})
    assert done.titles("error") == [f"verify: {name}"]
    assert done.outcomes["Verify"] == "skipped"
