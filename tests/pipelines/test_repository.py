"""What OpenSSF Scorecard asks of a repository, and dual control: as far as a checkout shows it."""

import re
import subprocess
from fnmatch import fnmatch

import pytest
import yaml

from tests.support.places import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = [ROOT / "action.yml", *sorted((ROOT / ".github" / "actions").glob("*/action.yml"))]
PINNED = re.compile(r"[\w-]+/[\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+")
USES = re.compile(r"^ *(?:- )?uses: (.*)$", re.MULTILINE)
MAY_WRITE = {
    "audit.yml": {"issues", "security-events"},
    "codeql.yml": {"security-events"},
    "release.yml": {"id-token", "attestations", "contents"},
    "scheduled-audit.yml": {"issues", "security-events"},
    "scorecard.yml": {"security-events", "id-token"},
    "verify.yml": {"security-events"},
}
"""What a job of each may write; the others write nothing."""
ECOSYSTEMS = {
    "github-actions": ("action.yml",),
    "pip": ("requirements.txt", "pyproject.toml"),
    "gomod": ("go.mod",),
    "npm": ("package-lock.json",),
    "docker": ("Containerfile", "Dockerfile"),
}


def tracked():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [line for line in listed.stdout.splitlines() if not line.startswith("fixtures/")]


def named(paths):
    return pytest.mark.parametrize("file", paths, ids=lambda path: path.relative_to(ROOT).as_posix())


def steps(file):
    """Every step of a workflow or an action."""
    document = yaml.safe_load(file.read_text())
    if "runs" in document:
        return document["runs"]["steps"]
    return [step for job in document["jobs"].values() for step in job.get("steps", [])]


@named([*WORKFLOWS, *ACTIONS])
def test_whatever_is_used_is_pinned_by_its_commit_and_says_its_version(file):
    """Scorecard: Pinned-Dependencies. `$/` is this repository at the commit of the workflow."""
    used = [each for each in USES.findall(file.read_text()) if not each.startswith("$/")]
    assert [each for each in used if not PINNED.fullmatch(each)] == []


@named([*WORKFLOWS, *ACTIONS])
def test_no_expression_is_part_of_a_shells_text(file):
    assert [step["run"] for step in steps(file) if "${{" in step.get("run", "")] == []


@named([*WORKFLOWS, *ACTIONS])
def test_a_checkout_leaves_no_credentials(file):
    left = [step for step in steps(file) if "checkout" in step.get("uses", "")]
    assert [step for step in left if step.get("with", {}).get("persist-credentials") is not False] == []


@named(WORKFLOWS)
def test_a_workflow_may_read_and_its_jobs_write_what_they_are_listed_for(file):
    """Scorecard: Token-Permissions."""
    workflow = yaml.safe_load(file.read_text())
    assert workflow["permissions"] in ({}, {"contents": "read"})
    granted = [job.get("permissions", {}) for job in workflow["jobs"].values()]
    writes = {scope for each in granted for scope, level in each.items() if level == "write"}
    assert writes == MAY_WRITE.get(file.name, set())


@named(WORKFLOWS)
def test_a_job_ends_and_does_not_run_beside_itself(file):
    workflow = yaml.safe_load(file.read_text())
    assert workflow["concurrency"]["group"]
    assert [name for name, job in workflow["jobs"].items() if "timeout-minutes" not in job] == []


@named(WORKFLOWS)
def test_nothing_of_a_stranger_runs_with_secrets(file):
    """Scorecard: Dangerous-Workflow."""
    assert "pull_request_target" not in file.read_text()
    assert "workflow_run" not in file.read_text()


def test_only_the_release_may_speak_for_the_project():
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())["jobs"]
    speaking = {name for name, job in jobs.items() if "id-token" in job["permissions"]}
    assert speaking == {"attest", "publish"}
    assert [name for name, job in jobs.items() if job["permissions"].get("contents") == "write"] == ["assets"]
    assert jobs["publish"]["environment"]["name"] == "pypi"
    order = {name: job.get("needs") for name, job in jobs.items()}
    assert order == {
        "build": None,
        "rebuild": "build",
        "attest": "rebuild",
        "gate": "attest",
        "publish": "gate",
        "assets": "publish",
        "published": "assets",
    }


class TestOwners:
    def owners(self):
        lines = (ROOT / ".github" / "CODEOWNERS").read_text().splitlines()
        return [line.split() for line in lines if line and not line.startswith("#")]

    def of(self, path):
        """The owners of a path: those of the last line that fits, as GitHub has it."""
        fitting = [owners for pattern, *owners in self.owners() if fits(pattern, path)]
        return fitting[-1]

    @pytest.mark.parametrize(
        "path",
        [
            "policies/trust.toml",
            "policies/rego/release.rego",
            "fixtures/keys/release.pem",
            "keys/ci.pub",
            ".github/workflows/release.yml",
            ".github/CODEOWNERS",
            ".github/dependabot.yml",
            "action.yml",
            "tools/action/steps.py",
            ".ci/gate",
            "requirements.lock",
            ".gitleaks.toml",
            "verifier/trust/parse.py",
        ],
    )
    def test_what_is_trusted_signed_or_run_has_two_owners(self, path):
        assert len(set(self.of(path))) == 2

    def test_everything_has_an_owner(self):
        assert self.of("README.md")

    def test_no_line_is_about_nothing(self):
        paths = [*tracked(), "x.key", *(f"fixtures/keys/x{end}" for end in (".pem", ".pub"))]
        assert [pattern for pattern, *_ in self.owners() if not any(fits(pattern, path) for path in paths)] == []

    def test_what_makes_it_effective_is_written_down(self):
        text = (ROOT / "docs" / "repository.md").read_text()
        for setting in (
            "Require review from Code Owners",
            "Required approvals: 2",
            "Require approval of the most recent reviewable push",
            "Dismiss stale pull request approvals",
            "Do not allow bypassing",
            "Require signed commits",
        ):
            assert setting in text, setting


def fits(pattern, path):
    """Whether a pattern of CODEOWNERS is about a path, as far as ours go: `/folder/`, `/file*`, `*.ending`, `*`."""
    if pattern.startswith("/"):
        return path.startswith(pattern[1:]) if pattern.endswith("/") else fnmatch(path, pattern[1:])
    return fnmatch(path.rpartition("/")[2], pattern)


class TestUpdates:
    """Scorecard: Dependency-Update-Tool."""

    def updates(self):
        return yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]

    def test_whatever_is_locked_is_watched(self):
        watched = {
            (each["package-ecosystem"], folder.strip("/"))
            for each in self.updates()
            for folder in each.get("directories", [each.get("directory")])
        }
        missing = []
        for path in tracked():
            folder, _, name = path.rpartition("/")
            for ecosystem, names in ECOSYSTEMS.items():
                is_about = name in names and not any(
                    known == ecosystem and covers(pattern, folder) for known, pattern in watched
                )
                missing += [path] if is_about else []
        assert missing == []

    def test_what_is_new_waits_a_week_and_comes_in_one(self):
        assert all(each["cooldown"]["default-days"] >= 7 for each in self.updates())
        assert all(each["groups"] for each in self.updates() if each["package-ecosystem"] != "pre-commit")


def covers(pattern, folder):
    """Whether Dependabot's `directories` mean a folder: `*` stands for one."""
    meant, given = pattern.split("/"), folder.split("/")
    return len(meant) == len(given) and all(fnmatch(name, each) for name, each in zip(given, meant, strict=True))


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("SECURITY.md", "Report a vulnerability privately"),
        ("LICENSE", "Apache License"),
        (".github/workflows/codeql.yml", "codeql-action/analyze"),
        (".github/workflows/scorecard.yml", "ossf/scorecard-action"),
        (".github/workflows/release.yml", "attest-build-provenance"),
        ("docs/repository.md", "Fuzzing"),
        ("docs/repository.md", "hypothesis"),
        ("CONTRIBUTING.md", "make secrets"),
    ],
)
def test_what_else_scorecard_looks_for_is_there(path, says):
    assert says in (ROOT / path).read_text()


def test_no_program_without_a_source_is_tracked():
    """Scorecard: Binary-Artifacts."""
    programs = (b"\x7fELF", b"MZ", b"\xca\xfe\xba\xbe")
    assert [
        path for path in tracked() if (ROOT / path).is_file() and (ROOT / path).read_bytes()[:4].startswith(programs)
    ] == []


def test_the_hooks_of_this_checkout_fetch_nothing():
    [repository] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repository["repo"] == "local"
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}
    targets = [hook["entry"].split()[1] for hook in repository["hooks"] if hook["entry"].startswith("make ")]
    makefile = (ROOT / "Makefile").read_text()
    assert [each for each in targets if f"\n{each}:" not in makefile] == []


def test_the_hooks_for_others_are_commands_of_ours(repository):
    from tests.support.command import run  # noqa: PLC0415

    hooks = {each["id"]: each for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    program, *words = hooks["verify-policy"]["entry"].split()
    assert program == "verify"
    assert re.search(hooks["verify-policy"]["files"], "trust.toml")
    assert re.search(hooks["verify-policy"]["files"], "deploy/trust-images.toml")
    (repository.workspace / "trust-broken.toml").write_text("version = 1\n")
    assert run(*words, "trust.toml").status == 1  # it is weak: no builtin is denied
    assert run(*words, "trust.toml", "trust-broken.toml").status == 2
