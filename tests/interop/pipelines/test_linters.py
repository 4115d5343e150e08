"""What runs in pipelines, held by those who know: schemas, Tekton's own validation, and a search for credentials."""

import os
import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.peers.peers import executable
from tests.support.pipelines.elsewhere import GITLAB, TEKTON
from tests.support.places import ROOT

pytestmark = pytest.mark.interop
SCHEMAS = {
    "gitlab-ci": [GITLAB],
    "dependabot": [ROOT / ".github" / "dependabot.yml"],
    "github-actions": [ROOT / "action.yml", *(ROOT / ".github" / "actions").glob("*/action.yml")],
    "github-workflows": sorted((ROOT / ".github" / "workflows").glob("*.yml")),
}


def ran(*command, cwd=ROOT, **variables):
    return subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("schema", SCHEMAS)
def test_what_has_a_schema_fits_it(schema):
    checker = executable("check-jsonschema", "CHECK_JSONSCHEMA")
    done = ran(checker, "--builtin-schema", f"vendor.{schema}", *SCHEMAS[schema])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("was", "becomes"), [("when: always", "when: sometimes"), ("junit: reports", "junits: reports")]
)
def test_the_schema_of_gitlab_would_find_what_is_wrong(tmp_path, was, becomes):
    changed = tmp_path / ".gitlab-ci.yml"
    changed.write_text(GITLAB.read_text().replace(was, becomes))
    checker = executable("check-jsonschema", "CHECK_JSONSCHEMA")
    assert ran(checker, "--builtin-schema", "vendor.gitlab-ci", changed).returncode == 1


def test_tekton_accepts_the_tasks_and_the_pipeline():
    done = ran(executable("tekton-check", "TEKTON_CHECK"), TEKTON)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("$(params.ledger)", "$(params.leger)"),
        ("runAfter: [verify]", "runAfter: [verfy]"),
        ("computeResources:", "resources:"),
        ("apiVersion: tekton.dev/v1", "apiVersion: tekton.dev/v2"),
    ],
)
def test_tekton_would_refuse_what_is_wrong(tmp_path, was, becomes):
    assert was in TEKTON.read_text()
    changed = tmp_path / "changed.yaml"
    changed.write_text(TEKTON.read_text().replace(was, becomes))
    assert ran(executable("tekton-check", "TEKTON_CHECK"), changed).returncode == 1


@pytest.fixture(scope="session")
def fresh_key():
    """A private key that nobody has seen."""
    key = ec.generate_private_key(ec.SECP256R1())
    forms = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*forms).decode()


class TestSecrets:
    """`.ci/secrets`, with the list of what is none."""

    @pytest.fixture
    def gitleaks(self):
        return {"GITLEAKS": executable("gitleaks", "GITLEAKS")}

    @pytest.fixture
    def checkout(self, tmp_path):
        """A repository with this one's list and script, and the keys that the list is about."""
        for path in (".gitleaks.toml", ".ci/secrets", "fixtures/keys/release.pem"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, tmp_path / path)
        for command in (["init", "-q"], ["add", "-A"]):
            subprocess.run(["git", *command], cwd=tmp_path, check=True)
        return tmp_path

    def test_nothing_that_is_tracked_is_a_credential(self, gitleaks):
        done = ran(ROOT / ".ci" / "secrets", **gitleaks)
        assert done.returncode == 0, done.stdout + done.stderr

    def test_the_keys_of_the_fixtures_are_none(self, gitleaks, checkout):
        assert ran(checkout / ".ci" / "secrets", cwd=checkout, **gitleaks).returncode == 0

    @pytest.mark.parametrize("place", ["fixtures/keys/release.pem", "fixtures/keys/new.pem", "tests/x.py", "keys/ci"])
    def test_any_other_key_is_found_wherever_it_lies_and_is_not_shown(self, gitleaks, checkout, place, fresh_key):
        file = checkout / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(fresh_key)
        subprocess.run(["git", "add", "-A"], cwd=checkout, check=True)
        for how in ((), ("--staged",)):
            done = ran(checkout / ".ci" / "secrets", *how, cwd=checkout, **gitleaks)
            assert done.returncode == 1, (how, done.stdout, done.stderr)
            assert fresh_key.splitlines()[1] not in done.stdout + done.stderr

    def test_what_is_not_staged_is_not_looked_at(self, gitleaks, checkout, fresh_key):
        (checkout / "key.pem").write_text(fresh_key)
        assert ran(checkout / ".ci" / "secrets", "--staged", cwd=checkout, **gitleaks).returncode == 0
