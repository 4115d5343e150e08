"""The examples for GitLab, Tekton and Jenkins: their own steps, in their shells, with a ledger that stays."""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.pipelines.elsewhere import GITLAB, JENKINS, gitlab, jenkins, tekton

TEKTON_SAYS = {"image": "x", "name": "authz", "resource-uri": "https://bundles.acme.example/authz.tar.gz"}
FIRST_USE = 'first_use = "require-floor"\n'
HOSTILE = [
    "$(touch pwned)",
    "`touch pwned`",
    "x; touch pwned",
    '"; touch pwned; "',
    "--no-record",
    "--policy=other.toml",
]


@pytest.fixture
def project(repository):
    """The repository with a rule that knows no first use, a ledger with a floor, and a mirror of this project."""
    policy = repository.workspace / "trust.toml"
    policy.write_text(policy.read_text() + FIRST_USE)
    ledger = f"sqlite:{repository.folder}/shared.db"
    assert run("ledger", "init", "--ledger", ledger).status == 0
    floor = ["--reason", "the first release", "--ledger", ledger]
    floor += ["--new-scope"] if "--new-scope" in run("ledger", "floor", "--help").out else []
    done = run("ledger", "floor", "bundle:authz", "1.4.0", *floor)
    assert done.status == 0, done.err
    mirror = repository.folder / "mirror"
    (mirror / ".ci").mkdir(parents=True)
    install = mirror / ".ci" / "venv"
    install.write_text(
        f'#!/bin/sh\nset -eu\ntest "$2" = requirements-ci.lock\nmkdir -p "$1/bin"\n{_command("$1/bin/verify")}'
    )
    install.chmod(0o755)
    for command in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=x", "-c", "user.email=x@acme.example", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *command], cwd=mirror, check=True)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=mirror, check=True, capture_output=True, text=True)
    repository.variables = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(repository.folder),
        "VERIFIER_REPOSITORY": f"file://{mirror}",
        "VERIFIER_COMMIT": commit.stdout.strip(),
        "VERIFIER_LEDGER": ledger,
        "VERIFIER_SIGNING_KEY": str(repository.workspace / "keys" / "ci"),
    }
    repository.ledger = ledger
    return repository


def _command(place):
    return f'printf \'#!/bin/sh\\nexec "{sys.executable}" -I -m verifier "$@"\\n\' > "{place}"\nchmod +x "{place}"\n'


def by_gitlab(project, **variables):
    return gitlab("verify", project.workspace, {**project.variables, **variables})


def by_jenkins(project, **variables):
    installed = jenkins(0, project.workspace, {**project.variables, **variables})
    return installed if installed.returncode else jenkins(1, project.workspace, {**project.variables, **variables})


def by_tekton(project, *, key="", **variables):
    verify = project.folder / "verify"
    subprocess.run(["sh", "-c", _command(verify)], check=True)
    params = {"bundle": "authz.tar.gz", "ledger": project.ledger, **TEKTON_SAYS}
    params |= {"name": variables["NAME"]} if "NAME" in variables else {}
    secrets = {"SIGNING_KEY": key or project.signing_key}
    return tekton("verify-bundle", project.workspace, params, secrets, verify=verify)


EACH = pytest.mark.parametrize("pipeline", [by_gitlab, by_jenkins, by_tekton])


@EACH
def test_a_replayed_older_release_is_denied_by_the_shared_ledger(project, pipeline):
    project.build("1.5.0")
    done = pipeline(project)
    assert done.returncode == 0, done.stdout
    project.build("1.4.0")
    done = pipeline(project)
    assert done.returncode == 1, done.stdout
    assert "version.rollback" in done.stdout


@EACH
def test_reports_and_a_verdict_are_written(project, pipeline):
    project.build("1.5.0")
    done = pipeline(project)
    assert done.returncode == 0, done.stdout
    asked = ("--subject", "authz.tar.gz", "--policy", "trust.toml", "--name", "authz")
    place = (
        "--resource-uri",
        "https://bundles.acme.example/authz.tar.gz",
        "--verifier-id",
        "https://policy-verifier.dev/verifier",
    )
    known = run("verdict", "authz.tar.gz.vsa.json", *asked[:2], "--key", "keys/ci.pub", *place)
    assert known.status == 0, known.out + known.err
    [junit] = project.workspace.rglob("junit.xml")
    assert ET.parse(junit).getroot().get("failures") in {None, "0"}  # noqa: S314 - ours


def test_gitlab_is_told_of_the_denial_in_its_own_forms(project):
    project.build("1.3.0")
    done = by_gitlab(project)
    assert done.returncode == 1, done.stdout
    findings = json.loads((project.workspace / "reports" / "code-quality.json").read_text())
    assert "version.below-floor" in {each["check_name"] for each in findings}
    junit = ET.parse(project.workspace / "reports" / "junit.xml").getroot()  # noqa: S314 - ours
    assert [each.get("message") for each in [*junit.iter("failure"), *junit.iter("error")]]


@EACH
def test_a_ledger_that_has_forgotten_denies(project, pipeline):
    (project.folder / "shared.db").unlink()
    assert run("ledger", "init", "--ledger", project.ledger).status == 0
    project.build("1.5.0")
    done = pipeline(project)
    assert done.returncode == 1, done.stdout
    assert "version.first-use-denied" in done.stdout


@EACH
def test_a_ledger_that_is_not_there_is_undecided(project, pipeline):
    (project.folder / "shared.db").unlink()
    project.build("1.5.0")
    assert pipeline(project).returncode == 3


@pytest.mark.parametrize("name", ["VERIFIER_LEDGER", "VERIFIER_SIGNING_KEY"])
@pytest.mark.parametrize("pipeline", [by_gitlab, by_jenkins])
def test_a_secret_that_is_not_set_fails_the_job(project, pipeline, name):
    project.build("1.5.0")
    done = pipeline(project, **{name: ""})
    assert done.returncode != 0, done.stdout
    assert not (project.workspace / "authz.tar.gz.vsa.json").exists()


@pytest.mark.parametrize("commit", ["main", "", "v1.0.0", "0" * 39, "0" * 41, "0" * 400, "g" * 40, "A" * 40, "-" * 40])
@pytest.mark.parametrize("pipeline", [by_gitlab, by_jenkins])
def test_a_commit_that_can_move_is_refused(project, pipeline, commit):
    done = pipeline(project, VERIFIER_COMMIT=commit)
    assert done.returncode == 2
    assert "no commit of 40 digits" in done.stdout


@EACH
def test_a_name_is_a_text(project, pipeline):
    project.build("1.5.0")
    for hostile in HOSTILE:
        done = pipeline(project, NAME=hostile)
        assert done.returncode in {1, 2, 3}, done.stdout
        assert not list(project.folder.rglob("pwned"))


def test_gitlab_compares_with_what_is_published_without_any_secret(project):
    project.build("1.4.0", name="published.tar.gz")
    policy = project.workspace / "trust.toml"
    policy.write_text(policy.read_text().replace(FIRST_USE, ""))
    secrets = {"VERIFIER_LEDGER": "", "VERIFIER_SIGNING_KEY": "", "PUBLISHED": "published.tar.gz"}
    for version, status in (("1.5.0", 0), ("1.3.0", 1)):
        project.build(version)
        done = gitlab("compare", project.workspace, {**project.variables, **secrets})
        assert done.returncode == status, done.stdout


def test_groovy_puts_nothing_into_what_a_shell_of_jenkins_runs():
    text = JENKINS.read_text()
    assert '"""' not in text
    assert re.findall(r"\bsh +(?!\'\'\')\S+", text) == []
    assert text.count("{") == text.count("}")


def test_the_job_of_gitlab_that_has_secrets_runs_for_protected_tags_alone():
    assert "merge_request" not in GITLAB.read_text().split("compare:")[0]
    assert Path(GITLAB).name == ".gitlab-ci.yml"
