"""The project's own row in a lock: unknown, as the corpus has it, and accepted where somebody says that it is what is
audited; never left out in silence, and never all there is."""

import json
from pathlib import Path

import pytest

from tests.support.audit.scene import audited, database, osv, statuses

pytestmark = pytest.mark.usefixtures("place")
OWN = '[[package]]\nname = "app"\nversion = "1.0"\nsource = { virtual = "." }\n'
NEED = 'dependencies = [{ name = "canary" }]\n\n[[package]]\nname = "canary"\nversion = "1.0"\n'
INDEX = 'source = { registry = "https://pypi.org/simple" }\n'
OPTION = ("--without-project",)


@pytest.fixture
def lock():
    database(osv("PYSEC-2019-217", "jinja2", fixed="2.10.1"))
    return Path("uv.lock")


def test_the_project_itself_is_unknown(lock):
    lock.write_text(f"version = 1\n\n{OWN}{NEED}{INDEX}")
    answer = audited(lock)
    assert (answer.status, answer.codes) == (3, ["vulnerability.unknown-dependency"])


def test_who_says_that_it_is_what_is_audited_is_done_and_it_is_still_said(lock):
    lock.write_text(f"version = 1\n\n{OWN}{NEED}{INDEX}")
    answer = audited(lock, options=OPTION)
    assert (answer.status, answer.codes) == (0, [])
    assert statuses(answer) == {"pkg:pypi/app@1.0": "unknown", "pkg:pypi/canary@1.0": "audited"}
    (row,) = (each for each in answer.report["audit"]["packages"] if each["status"] == "unknown")
    assert row["accepted"] == "--without-project"
    assert "pkg:pypi/app@1.0" in json.dumps(
        [each for each in answer.report["reasons"] if each["severity"] == "warning"]
    )


def test_a_project_that_needs_nothing_is_an_audit_of_nothing(lock):
    lock.write_text(f"version = 1\n\n{OWN}")
    answer = audited(lock, options=OPTION)
    assert (answer.status, answer.codes) == (3, ["input.empty"])


def test_what_comes_from_a_repository_is_not_the_project_itself(lock):
    source = f'source = {{ git = "https://git.acme.example/canary?rev=main#{"0" * 40}" }}\n'
    lock.write_text(f"version = 1\n\n{OWN}{NEED}{source}")
    assert audited(lock, options=OPTION).status == 3


@pytest.mark.parametrize("kind", ["directory", "editable"])
def test_a_copy_of_somebodys_package_in_a_folder_is_not_the_project_itself(lock, kind):
    lock.write_text(f'version = 1\n\n{OWN}{NEED}source = {{ {kind} = "vendor/canary" }}\n')
    answer = audited(lock, options=OPTION)
    assert (answer.status, answer.codes) == (3, ["vulnerability.unknown-dependency"])


def test_a_member_of_the_workspace_is_the_project_itself(lock):
    member = '[[package]]\nname = "lib"\nversion = "1.0"\nsource = { editable = "packages/lib" }\n'
    lock.write_text(f'version = 1\n\n[manifest]\nmembers = ["app", "lib"]\n\n{OWN}{NEED}{INDEX}\n{member}')
    assert audited(lock, options=OPTION).status == 0
