"""`--repo`, `--workflow`, `--ref` and GitLab's like: what was built there is believed, and nothing else."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from tests.support.command import ask, run
from tests.support.sigstore_instance import SIGNED_AT, Instance, body, bundle, message_of, pem_of, utf8
from verifier.core.clock import format_rfc3339

pytestmark = pytest.mark.usefixtures("place")
ACTIONS = "https://token.actions.githubusercontent.com"
MAIN = "refs/heads/main"
GITHUB = {
    "issuer": ACTIONS,
    "identity": "https://github.com/Acme/app/.github/workflows/release.yml@refs/heads/main",
    "repository": "https://github.com/Acme/app",
    "owner": "https://github.com/Acme",
    "ref": MAIN,
}
GITLAB = {
    "issuer": "https://gitlab.com",
    "identity": "https://gitlab.com/acme/team/app//.gitlab-ci.yml@refs/heads/main",
    "repository": "https://gitlab.com/acme/team/app",
    "owner": "https://gitlab.com/acme/team",
    "ref": MAIN,
}
OWN = {name: text.replace("gitlab.com", "gitlab.acme.example") for name, text in GITLAB.items()}


@pytest.fixture(scope="module")
def instance():
    return Instance()


@pytest.fixture
def built(instance, place):
    """Something that is signed by a certificate that says where it was built; what is asked about it."""

    def verify(said, *options, **changes):
        said = said | changes
        claims = {8: said["issuer"], 12: said["repository"], 14: said["ref"], 16: said["owner"], 18: said["identity"]}
        names = [x509.UniformResourceIdentifier(said["identity"])]
        certificate = instance.certificate(names=names, claims={arc: utf8(text) for arc, text in claims.items()})
        content = message_of("p256", b"artifact")
        entry = instance.entry(body("hashedrekord", "0.0.1", content, pem_of(certificate)))
        Path("app.sigstore.json").write_text(json.dumps(bundle(content, certificate, entry)))
        Path("root.json").write_text(json.dumps(instance.root_document()))
        Path("app").write_bytes(b"artifact")
        now = format_rfc3339(SIGNED_AT + timedelta(hours=1))
        where = ("--bundle", "app.sigstore.json", "--trusted-root", "root.json", "--now", now)
        return ask("artifact", "app", *where, *options)

    return verify


@pytest.mark.parametrize(
    ("said", "whom"),
    [
        (GITHUB, ("--repo", "Acme/app")),
        (GITHUB, ("-R", "Acme/app")),
        (GITHUB, ("--repo", "Acme/app", "--ref", MAIN)),
        (GITHUB, ("--repo", "Acme/app", "--workflow", "release.yml")),
        (GITHUB, ("--repo", "Acme/app", "--workflow", ".github/workflows/release.yml", "--ref", MAIN)),
        (GITHUB, ("--repo", "Acme/app", "--signer-workflow", "Acme/app/.github/workflows/release.yml@refs/heads/main")),
        (GITHUB, ("--owner", "Acme", "--ref", MAIN)),
        (GITLAB, ("--gitlab-project", "acme/team/app")),
        (GITLAB, ("--gitlab-project", "acme/team/app", "--ref", MAIN)),
        (GITLAB, ("--gitlab-project", "acme/team/app", "--workflow", ".gitlab-ci.yml", "--ref", MAIN)),
        (OWN, ("--gitlab-project", "acme/team/app", "--gitlab-host", "gitlab.acme.example")),
    ],
)
def test_what_was_built_there_is_believed(built, said, whom):
    assert built(said, *whom).codes == []


@pytest.mark.parametrize(
    ("said", "whom"),
    [
        (GITHUB, ("--repo", "Acme/other")),
        (GITHUB, ("--repo", "Acme/ap")),
        (GITHUB, ("--repo", "Acme/app", "--ref", "refs/tags/main")),
        (GITHUB, ("--repo", "Acme/app", "--ref", "refs/heads/mai")),
        (GITHUB, ("--repo", "Acme/app", "--workflow", "other.yml")),
        (GITHUB, ("--repo", "Acme/app", "--workflow", "elease.yml")),
        (GITHUB, ("--gitlab-project", "Acme/app")),
        (GITLAB, ("--repo", "acme/app")),
        (GITLAB, ("--gitlab-project", "acme/team")),
        (GITLAB, ("--gitlab-project", "acme/team/ap")),
        (GITLAB, ("--gitlab-project", "acme/team/app/more")),
        (GITLAB, ("--gitlab-project", "acme/team/app", "--workflow", "gitlab-ci.yml")),
        (GITLAB, ("--gitlab-project", "acme/team/app", "--ref", "refs/heads/dev")),
        (GITLAB, ("--gitlab-project", "acme/team/app", "--gitlab-host", "gitlab.acme.example")),
        (OWN, ("--gitlab-project", "acme/team/app")),
    ],
)
def test_what_was_built_elsewhere_is_not(built, said, whom):
    answer = built(said, *whom)
    assert (answer.status, answer.codes) == (1, ["signer.untrusted"])


@pytest.mark.parametrize(
    ("said", "whom", "changes"),
    [
        (GITHUB, ("--repo", "Acme/app"), {"repository": "https://github.com/mallory/app"}),
        (GITHUB, ("--repo", "Acme/app"), {"issuer": "https://gitlab.com"}),
        (GITHUB, ("--repo", "Acme/app", "--ref", MAIN), {"ref": "refs/pull/1/merge"}),
        (GITHUB, ("--repo", "Acme/app"), {"identity": "https://github.com/Acme/app-evil/.github/workflows/a.yml@x"}),
        (GITLAB, ("--gitlab-project", "acme/team/app"), {"repository": "https://gitlab.com/mallory/fork"}),
        (
            GITLAB,
            ("--gitlab-project", "acme/team/app"),
            {"identity": "https://gitlab.com/acme/team/app-x//.gitlab-ci.yml@x"},
        ),
        (GITLAB, ("--gitlab-project", "acme/team/app"), {"issuer": ACTIONS}),
    ],
)
def test_half_of_a_place_is_not_it(built, said, whom, changes):
    """As where another project runs a workflow of ours, or a fork's pull request does."""
    answer = built(said, *whom, **changes)
    assert (answer.status, answer.codes) == (1, ["signer.untrusted"])


def test_a_name_that_differs_in_case_is_not_it_and_that_is_said(built):
    answer = built(GITHUB, "--repo", "acme/app")
    assert answer.codes == ["signer.untrusted"]
    assert "which differs in case" in answer.out


@pytest.mark.parametrize(
    ("whom", "opened"),
    [
        (("--repo", "Acme/app"), "any workflow at any ref is believed"),
        (("--repo", "Acme/app", "--ref", MAIN), "any workflow is believed"),
        (("--repo", "Acme/app", "--workflow", "release.yml"), "any ref is believed"),
        (("--repo", "Acme/app", "--workflow", "release.yml", "--ref", MAIN), None),
        (("--owner", "Acme"), "any workflow at any ref is believed"),
    ],
)
def test_what_is_left_open_is_a_note_in_the_report(built, whom, opened):
    reasons = {each["code"]: each for each in built(GITHUB, *whom).report["reasons"]}
    assert ("signer.unpinned" in reasons) is (opened is not None)
    if opened is not None:
        assert reasons["signer.unpinned"]["severity"] == "note"
        assert reasons["signer.unpinned"]["message"].endswith(f"built of 'refs/heads/main', where {opened}")


@pytest.mark.parametrize(
    ("options", "where", "hint"),
    [
        (("--repo", "acme/app", "--ref", "main"), "--ref", "Write refs/heads/main, or refs/tags/main for a tag."),
        (("--repo", "acme/app", "--ref", "refs/heads/"), "--ref", ""),
        (("--repo", "acme/app", "--ref", ""), "--ref", ""),
        (("--repo", "acme/app", "--ref", "refs/heads/a b"), "--ref", ""),
        (("--ref", MAIN), "--ref", ""),
        (("--repo", "https://github.com/acme/app"), "--repo", "Write --repo acme/app."),
        (("--repo", "git@github.com:acme/app.git"), "--repo", "Write --repo acme/app."),
        (("--repo", "acme/*"), "--repo", "One is named"),
        (("--repo", "acme/app", "--gitlab-project", "acme/app"), "--repo", ""),
        (("--gitlab-project", "acme"), "--gitlab-project", ""),
        (("--gitlab-project", "acme/*"), "--gitlab-project", "One is named"),
        (("--gitlab-project", "acme/../app"), "--gitlab-project", ""),
        (("--gitlab-project", "acme//app"), "--gitlab-project", ""),
        (
            ("--gitlab-project", "https://gitlab.com/acme/app.git"),
            "--gitlab-project",
            "Write --gitlab-project acme/app.",
        ),
        (("--gitlab-project", "acme/app", "--workflow", "/etc/a.yml"), "--workflow", ""),
        (("--gitlab-project", "acme/app", "--workflow", "a/../b.yml"), "--workflow", ""),
        (("--gitlab-project", "acme/app", "--workflow", "*.yml"), "--workflow", "One is named"),
        (("--gitlab-project", "acme/app", "--gitlab-host", "https://gitlab.acme.example"), "--gitlab-host", ""),
        (("--gitlab-project", "acme/app", "--gitlab-host", "*"), "--gitlab-host", "One is named"),
        (("--gitlab-project", "acme/app", "--gitlab-host", "github.com"), "--gitlab-host", ""),
        (("--gitlab-host", "gitlab.acme.example"), "--gitlab-host", ""),
        (("--repo", "acme/app", "--gitlab-host", "gitlab.acme.example"), "--gitlab-host", ""),
        (("--gitlab-project", "acme/app", "--policy", "trust.toml"), "--policy", ""),
    ],
)
def test_what_names_no_place_or_many_is_wrong_usage(options, where, hint):
    answer = run("artifact", "app", *options)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith(f"verify: error: {where}: ")
    assert hint in answer.err


@pytest.mark.parametrize("command", ["bundle", "image", "artifact"])
def test_every_kind_is_asked_about_in_the_same_words(command):
    text = run(command, "--help").out
    for flag in ("-R, --repo", "--workflow", "--ref", "--gitlab-project", "--gitlab-host"):
        assert flag in text or flag.replace("-R, --repo", "--repo, -R") in text
