"""A true document of an environment, and what becomes of it when somebody changes the environment: each lie is told by
the purl or the path that it is about."""

import shutil

import pytest

from tests.support.sboms.installed import dist_info, go_program, laid_out, node_package
from verifier.engine.targets.target import Target, contents_of
from verifier.sbom.catalog.table import catalog_of
from verifier.sbom.compare.compare import compare
from verifier.sbom.generate import generate
from verifier.sbom.reading import read_bom

SITE = "lib/python3.11/site-packages"
PROGRAM = [("path", "acme.example/tool"), ("mod", "acme.example/tool", "v1.0.0"), ("dep", "acme.example/dep", "v1.0.0")]
FILES = {
    "pyvenv.cfg": b"version = 3.11.2\n",
    **dist_info("acme", "1.0", site=SITE),
    **dist_info("other", "2.0", site=SITE),
    **node_package("lib/node_modules/a", "a", "1.0.0"),
    "bin/tool": go_program(PROGRAM),
}


def listed(place, *, files=False):
    return catalog_of(contents_of(Target(reference=str(place), kind="environment")), files=files)


@pytest.fixture
def venv(tmp_path):
    return laid_out(tmp_path / "venv", FILES)


def told(venv, *, files=False):
    """What a document that was made before says, held against the environment as it is now: outcomes and subjects."""
    before = venv.parent / "before"
    before.mkdir()
    document = read_bom(generate(listed(laid_out(before / "venv", FILES), files=files), files=files), subject="bom")
    return {(each.outcome, each.subject) for each in compare(document, listed(venv, files=files)).discrepancies}


@pytest.mark.parametrize("files", [False, True])
def test_the_truth_is_no_lie(venv, files):
    assert told(venv, files=files) == set()


def test_a_package_that_was_added_is_told_by_its_purl(venv):
    laid_out(venv / SITE, dist_info("evil", "6.6", site=""))
    laid_out(venv, node_package("lib/node_modules/a/node_modules/evil", "evil", "6.6.6"))
    assert told(venv) == {("missing", "pkg:pypi/evil@6.6"), ("missing", "pkg:npm/evil@6.6.6")}


def test_a_package_that_was_hidden_is_told_by_its_purl(venv):
    shutil.rmtree(venv / SITE / "acme-1.0.dist-info")
    (venv / "lib" / "node_modules" / "a" / "package.json").unlink()
    assert told(venv) == {("surplus", "pkg:pypi/acme@1.0"), ("surplus", "pkg:npm/a@1.0.0")}


def test_another_version_is_told_by_its_purl(venv):
    shutil.rmtree(venv / SITE / "acme-1.0.dist-info")
    laid_out(venv / SITE, dist_info("acme", "0.9", site=""))
    assert {(outcome, subject.partition("@")[0]) for outcome, subject in told(venv)} == {("altered", "pkg:pypi/acme")}


def test_a_module_that_was_swapped_is_told_by_its_path(venv):
    (venv / SITE / "acme" / "__init__.py").write_bytes(b"evil = 1\n")
    assert told(venv, files=True) == {("altered", f"{SITE}/acme/__init__.py")}
    assert [reason.code for reason in listed(venv).findings] == ["package.altered"]


def test_a_program_that_was_built_anew_is_told_by_its_module(venv):
    (venv / "bin" / "tool").write_bytes(go_program([*PROGRAM[:2], ("dep", "acme.example/dep", "v0.9.0")]))
    subjects = {subject.partition("@")[0] for _, subject in told(venv)}
    assert subjects == {"pkg:golang/acme.example/tool", "pkg:golang/acme.example/dep"}


def test_a_file_that_was_added_and_one_that_was_hidden_are_told_by_their_paths(venv):
    (venv / SITE / "evil.py").write_bytes(b"")
    (venv / SITE / "other" / "__init__.py").unlink()
    assert told(venv, files=True) == {("missing", f"{SITE}/evil.py"), ("surplus", f"{SITE}/other/__init__.py")}


def test_the_document_of_another_environment_is_told_first(venv, tmp_path):
    other = laid_out(tmp_path / "elsewhere", dist_info("unlike", "1", site=SITE) | {"pyvenv.cfg": b""})
    document = read_bom(generate(listed(other)), subject="bom")
    compared = compare(document, listed(venv))
    assert compared.other is not None
    assert compared.discrepancies == ()
