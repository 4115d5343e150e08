"""Projects as targets: a folder with locks, or one lock, and nothing beyond them."""

import os

import pytest

from tests.support.sboms.installed import laid_out
from tests.support.sboms.locks import SMALL
from verifier.core.errors import ConfigurationError, Refused
from verifier.engine.targets.recognise import kind_of_target
from verifier.engine.targets.target import Target, contents_of
from verifier.sbom.catalog.table import catalog_of


@pytest.fixture
def project(tmp_path):
    files = {
        "pyproject.toml": b'[project]\nname = "acme-app"\n',
        "uv.lock": SMALL["uv.lock"].encode(),
        "base.txt": b"tree==2\n",
        "requirements/main.txt": b"-r ../base.txt\npages==4.0\n",
        "node_modules/deep/uv.lock": b"<<<<<<<",
        "src/app.py": b"",
    }
    return laid_out(tmp_path / "app", files)


def listed(reference, kind=None):
    catalog = catalog_of(contents_of(Target(reference=str(reference), kind=kind)))
    return catalog, [each.name for each in catalog.components]


def refused(reference, kind="project"):
    with pytest.raises(Refused) as caught:
        listed(reference, kind)
    return caught.value.reasons[0]


def test_a_folder_with_locks_is_a_project_of_all_of_them(project):
    catalog, names = listed(project)
    assert (catalog.kind, catalog.subject.name) == ("project", "acme-app")
    assert names == ["acme-app", "acme-core", "checks", "colour", "pages", "speed", "tree"]


@pytest.mark.parametrize("name", SMALL)
def test_each_lock_is_a_project_by_its_name(tmp_path, name):
    laid_out(tmp_path, {name: SMALL[name].encode()})
    assert kind_of_target(str(tmp_path / name)) == "project"
    assert listed(tmp_path / name)[1] == listed(tmp_path)[1]


def test_a_lock_that_is_named_is_read_alone_with_what_it_includes(project):
    assert listed(project / "requirements" / "main.txt")[1] == ["pages", "tree"]


def test_a_file_of_any_name_is_a_lock_where_the_kind_is_said(project):
    assert listed(project / "base.txt", "project")[1] == ["tree"]


def test_an_include_that_climbs_out_of_the_folder_of_a_named_file_is_refused(project):
    (project / "requirements.txt").write_text("-r ../secret.txt\n")
    (project.parent / "secret.txt").write_text("secret==1\n")
    assert refused(project / "requirements.txt").code == "dependency.lock-invalid"


def test_a_lock_that_is_a_link_out_of_the_project_is_refused(project):
    (project.parent / "other.lock").write_bytes((project / "uv.lock").read_bytes())
    (project / "uv.lock").unlink()
    (project / "uv.lock").symlink_to("../other.lock")
    assert refused(project).code == "input.unreadable"


def test_an_include_that_is_a_link_out_of_the_project_is_refused(project):
    (project.parent / "secret.txt").write_text("secret==1\n")
    (project / "base.txt").unlink()
    (project / "base.txt").symlink_to("../secret.txt")
    assert refused(project).code == "input.unreadable"


def test_a_lock_that_is_a_pipe_is_never_waited_for(project):
    (project / "uv.lock").unlink()
    os.mkfifo(project / "uv.lock")
    assert refused(project).code == "input.unreadable"


def test_a_project_that_is_not_locked_is_an_error_that_says_what_is_missing(tmp_path):
    laid_out(tmp_path, {"pyproject.toml": b"", "sub/poetry.lock": b"x"})
    with pytest.raises(ConfigurationError, match=r"no lock file in this folder; below it are sub/poetry\.lock"):
        listed(tmp_path)


def test_what_is_not_there_is_refused(tmp_path):
    assert refused(tmp_path / "gone").code == "input.unreadable"


def test_what_nobody_can_tell_apart_is_told_how_to_name_it(tmp_path):
    (tmp_path / "app.tar").write_bytes(b"")
    with pytest.raises(ConfigurationError) as archive:
        kind_of_target(str(tmp_path / "app.tar"))
    assert "docker-archive:FILE" in archive.value.hint
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigurationError, match="no bundle, image, lock file or installed package") as folder:
        kind_of_target(str(tmp_path / "empty"))
    assert "oci-layout:DIR" in folder.value.hint


def test_an_sbom_in_the_place_of_what_it_is_about_is_told_its_own(tmp_path):
    (tmp_path / "sbom.json").write_text("{}")
    with pytest.raises(ConfigurationError) as sbom:
        kind_of_target(str(tmp_path / "sbom.json"))
    assert "verify sbom check SBOM --against TARGET" in sbom.value.hint
