"""A project's locks as one catalogue: which are read, where they disagree, and what is the subject."""

import pytest

from tests.support.material import codes
from tests.support.sboms.locks import SMALL, A, B, said
from tests.support.sboms.made import contents
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.severity import Severity
from verifier.sbom.catalog.table import catalog_of
from verifier.sbom.locks.rows.disagreeing import disagreements
from verifier.sbom.locks.table import read_lock


def project(files, **given):
    return contents({name: text.encode() for name, text in files.items()}, kind="project", version=None, **given)


def pinned(version, digest=A):
    return f"speed=={version} --hash=sha256:{digest}\n"


def test_every_lock_of_a_folder_is_read_and_named():
    catalog = catalog_of(project({"uv.lock": SMALL["uv.lock"], "requirements/docs.txt": "pages==4.0\n"}))
    assert {each.name for each in catalog.components} == {"acme-app", "acme-core", "checks", "colour", "pages", "speed"}
    read = [value for name, value in catalog.properties if name == "verifier:included:lock"]
    assert read == ["requirements/docs.txt (requirements, 1 component)", "uv.lock (uv 1.3, 5 components)"]


def test_the_groups_and_extras_that_are_in_are_said():
    properties = catalog_of(project({"uv.lock": SMALL["uv.lock"]})).properties
    assert ("verifier:included:group", "test") in properties
    assert ("verifier:included:extra", "fast") in properties


@pytest.mark.parametrize("name", SMALL)
def test_a_recognised_lock_that_cannot_be_read_is_an_error_though_others_can(name):
    other = "uv.lock" if name != "uv.lock" else "pdm.lock"
    with pytest.raises(Refused) as refused:
        catalog_of(project({other: SMALL[other], name: "<<<<<<< HEAD\n"}))
    assert codes(refused) == ["dependency.lock-invalid"]


@pytest.mark.parametrize(
    "files", [{}, {"README.md": "x"}, {"pyproject.toml": '[project]\nname = "a"\n'}, {"requirements.in": "speed\n"}]
)
def test_a_folder_without_any_lock_is_an_error_and_no_empty_list(files):
    with pytest.raises(ConfigurationError, match="there is no lock file in this folder"):
        catalog_of(project(files))


def test_locks_that_lie_deeper_are_named_and_not_taken_for_those_of_the_folder():
    with pytest.raises(ConfigurationError, match=r"below it are backend/uv\.lock"):
        catalog_of(project({"backend/uv.lock": SMALL["uv.lock"]}))


def test_a_lock_that_is_named_is_read_alone():
    files = {"uv.lock": SMALL["uv.lock"], "requirements.txt": "pages==4.0\n"}
    assert [each.name for each in catalog_of(project(files, named=("requirements.txt",))).components] == ["pages"]


def test_a_requirements_file_of_any_name_is_read_where_it_is_named():
    assert len(catalog_of(project({"main.txt": "pages==4.0\n"}, named=("main.txt",))).components) == 1


def test_another_file_that_is_named_is_no_lock():
    with pytest.raises(ConfigurationError, match="this is no lock file"):
        catalog_of(project({"pyproject.toml": ""}, named=("pyproject.toml",)))


def test_a_named_lock_that_is_not_there_is_refused():
    with pytest.raises(Refused) as refused:
        catalog_of(project({}, named=("uv.lock",)))
    assert codes(refused) == ["input.unreadable"]


@pytest.mark.parametrize(
    ("one", "other", "seen"),
    [
        (pinned("1.0"), pinned("2.0"), r"docs-requirements.txt pins 2.0; requirements.txt pins 1.0"),
        (pinned("1.0"), pinned("1.0", B), r"requirements.txt has other digests of 1.0 than docs-requirements.txt"),
        ("Speed>=1\n", pinned("1.0"), r"docs-requirements.txt pins 1.0; requirements.txt pins no version"),
    ],
)
def test_locks_that_disagree_are_told_as_a_warning_of_an_error(one, other, seen):
    files = {"requirements.txt": one, "docs-requirements.txt": other}
    (reason,) = catalog_of(project(files)).findings
    assert (reason.code, reason.subject, reason.severity) == (
        "dependency.locks-disagree",
        "pkg:pypi/speed",
        Severity.WARNING,
    )
    assert reason.message == seen
    (error,) = disagreements([read_lock(name, text.encode()) for name, text in sorted(files.items())])
    assert error.is_error


@pytest.mark.parametrize("other", [pinned("1.0"), "speed==1.0\n", pinned("1.0").rstrip() + f" --hash=sha256:{B}\n"])
def test_locks_that_agree_are_not_told(other):
    assert catalog_of(project({"requirements.txt": pinned("1.0"), "dev-requirements.txt": other})).findings == ()


def test_one_package_of_several_locks_is_one_component_with_every_source():
    files = {"uv.lock": SMALL["uv.lock"], "requirements.txt": "acme-core==2.1\n"}
    (core,) = [each for each in catalog_of(project(files)).components if each.name == "acme-core"]
    assert said(core, "path") == ["requirements.txt", "uv.lock"]
    assert said(core, "source") == ["registry https://pypi.acme.example/simple", "unrecorded"]


def test_the_project_is_the_subject_and_depends_on_what_it_asks_for():
    asks = '[project]\nname = "Acme.App"\nversion = "3"\ndependencies = ["ACME_Core>=2", "absent"]\n'
    catalog = catalog_of(project({"pyproject.toml": asks, "pdm.lock": SMALL["pdm.lock"]}))
    subject = catalog.subject
    assert (subject.name, subject.version, subject.type) == ("Acme.App", "3", "application")
    assert dict(catalog.dependencies)[subject.ref] == ("pkg:pypi/acme-core@2.1",)


def test_without_pyproject_the_subject_is_the_row_of_the_project_itself():
    catalog = catalog_of(project({"uv.lock": SMALL["uv.lock"]}))
    assert (catalog.subject.name, catalog.subject.version) == ("acme-app", "1.0.0")
    needed = dict(catalog.dependencies)[catalog.subject.ref]
    assert needed == (
        "pkg:pypi/acme-core@2.1",
        "pkg:pypi/checks@3.0",
        "pkg:pypi/colour@0.4",
        "pkg:pypi/speed@1.2%2Bfast",
    )


def test_without_any_name_the_subject_is_what_was_asked_for():
    subject = catalog_of(project({"requirements.txt": "speed==1\n"})).subject
    assert (subject.name, subject.version, subject.ecosystem) == ("acme/app", None, "")


def test_poetry_and_groups_say_what_a_project_asks_for():
    asks = (
        '[tool.poetry]\nname = "app"\n[tool.poetry.dependencies]\npython = "^3"\nspeed = "1"\n'
        '[tool.poetry.group.test.dependencies]\ntree = {git = "x"}\n'
        '[dependency-groups]\nd = ["acme-core", {include-group = "e"}]\n'
    )
    catalog = catalog_of(project({"pyproject.toml": asks, "poetry.lock": SMALL["poetry.lock"]}))
    assert len(dict(catalog.dependencies)[catalog.subject.ref]) == 3


def test_a_pyproject_that_cannot_be_read_is_an_error():
    with pytest.raises(Refused) as refused:
        catalog_of(project({"uv.lock": SMALL["uv.lock"], "pyproject.toml": "=======\n"}))
    assert refused.value.reasons[0].subject == "pyproject.toml:1"


def test_a_requirements_file_alone_may_be_incomplete_and_says_so():
    assert catalog_of(project({"requirements.txt": "speed==1\n"})).aggregate == "unknown"
    assert catalog_of(project({"pdm.lock": SMALL["pdm.lock"]})).aggregate == "complete"


def test_what_is_included_is_read_once_and_below_the_root_alone():
    files = {"requirements.txt": "-r base-requirements.txt\nspeed==1\n", "base-requirements.txt": "tree==2\n"}
    catalog = catalog_of(project(files))
    read = [value for name, value in catalog.properties if name == "verifier:included:lock"]
    assert read == ["requirements.txt (requirements, 2 components)"]
    assert said(next(each for each in catalog.components if each.name == "tree"), "path") == ["base-requirements.txt"]


def test_a_lock_is_read_through_a_link_below_the_root():
    linked = contents({"locks/real": SMALL["uv.lock"].encode(), "uv.lock": ("link", "locks/real")}, kind="project")
    assert len(catalog_of(linked).components) == 5


@pytest.mark.parametrize("target", ["nowhere", "uv.lock", "locks"])
def test_a_link_that_leads_to_no_file_is_an_error(target):
    with pytest.raises(Refused) as refused:
        catalog_of(contents({"locks/real": b"x", "uv.lock": ("link", target)}, kind="project"))
    assert codes(refused) == ["input.unreadable"]


def test_a_folder_that_has_the_name_of_a_lock_is_not_passed_over():
    with pytest.raises(Refused) as refused:
        catalog_of(project({"uv.lock/x": "", "pdm.lock": SMALL["pdm.lock"]}))
    assert codes(refused) == ["input.unreadable"]


def test_the_locks_themselves_are_listed_where_files_are():
    catalog = catalog_of(project({"uv.lock": SMALL["uv.lock"]}), files=True)
    (file,) = [each for each in catalog.components if each.type == "file"]
    assert (file.path, [each.algorithm for each in file.hashes]) == ("uv.lock", ["SHA-256", "SHA-512"])
    assert "file" not in catalog.ecosystems
