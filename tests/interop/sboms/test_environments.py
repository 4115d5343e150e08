"""Environments against the tools that list them: pip, cyclonedx-py, syft, Go and npm themselves."""

import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.peers.peers import executable, missing
from tests.support.sboms.installed import wheel
from verifier.engine.targets.target import Target, contents_of
from verifier.formats.pypi.names import normalised
from verifier.sbom.catalog.table import catalog_of
from verifier.sbom.compare.compare import compare
from verifier.sbom.reading import read_bom

pytestmark = pytest.mark.interop

NAMES = {
    "Ruamel.yaml_Like": "0.18.6",
    "acme-tool": "1.0.0",
    "Acme_Under.score": "2!1.0rc1",
    "plain": "2023.7.22+local.1",
}


def printed(*command):
    """What a program prints to its standard output."""
    return subprocess.run([str(each) for each in command], capture_output=True, check=True, timeout=300).stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A virtual environment that pip has filled: from an index that is a folder, and one from its file."""
    place = tmp_path_factory.mktemp("environment")
    printed(sys.executable, "-m", "venv", place / "venv")
    for name, version in NAMES.items():
        wheel(place, name, version)
    direct = wheel(place, "direct", "3.0")
    needy = wheel(place, "needy", "1.0", headers="Requires-Dist: acme.tool\nRequires-Dist: absent; extra == 'x'\n")
    pip = [place / "venv" / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install", "--no-index"]
    printed(*pip, "--find-links", place, *(name for name in NAMES if name != "acme-tool"), "needy", direct)
    assert needy.exists()
    return place / "venv"


def listed(place):
    return catalog_of(contents_of(Target(reference=str(place), kind="environment")))


def named(components):
    return sorted((normalised(each.name), each.version) for each in components)


def top(catalog, ecosystem="pypi"):
    """What is installed, without what is nested in it."""
    return [each for each in catalog.components if each.ecosystem == ecosystem and not each.parent]


def test_the_list_of_pip_is_ours(environment):
    said = json.loads(printed(environment / "bin" / "python", "-m", "pip", "list", "--format", "json"))
    catalog = listed(environment)
    assert named(top(catalog)) == sorted((normalised(each["name"]), each["version"]) for each in said)
    assert len(said) >= len(NAMES) + 2


def test_what_pip_has_installed_is_as_it_has_recorded(environment):
    catalog = listed(environment)
    assert catalog.integrity.altered == catalog.integrity.missing == ()
    assert all(path.startswith(("bin/", "pyvenv.cfg", ".gitignore")) for path in catalog.integrity.unowned)
    assert catalog.findings == ()


def test_what_uv_has_installed_is_as_it_has_recorded(environment, tmp_path):
    uv = executable("uv-1", "VERIFIER_UV_1")
    printed(uv, "venv", "--offline", "--python", sys.executable, tmp_path / "venv")
    wheels = ["--offline", "--no-index", "--find-links", environment.parent, "--python", tmp_path / "venv"]
    printed(uv, "pip", "install", *wheels, "needy", "plain")
    said = json.loads(printed(uv, "pip", "list", "--format", "json", "--python", tmp_path / "venv"))
    catalog = listed(tmp_path / "venv")
    assert named(top(catalog)) == sorted((normalised(each["name"]), each["version"]) for each in said)
    assert {dict(each.properties)["verifier:python:installer"] for each in top(catalog)} == {"uv"}
    assert catalog.integrity.altered == catalog.integrity.missing == ()
    assert catalog.findings == ()


def test_where_pip_says_that_things_come_from_is_told(environment):
    by_name = {each.name: each for each in top(listed(environment))}
    assert by_name["direct"].origin.kind == "url"
    assert by_name["direct"].distributions[0].hashes[0].algorithm == "SHA-256"
    assert ("verifier:python:requested", "true") in by_name["needy"].properties


def test_what_a_distribution_needs_is_found_by_its_normalised_name(environment):
    assert dict(listed(environment).dependencies)["pkg:pypi/needy@1.0"] == ("pkg:pypi/acme-tool@1.0.0",)


def test_what_pip_carries_along_is_its_own_list(environment):
    (path,) = environment.glob("lib/python3*/site-packages/pip/_vendor/vendor.txt")
    expected = set(re.findall(r"^\s*([\w.-]+)==([\w.]+)", path.read_text(), re.MULTILINE))
    nested = [each for each in listed(environment).components if each.parent.startswith("pkg:pypi/pip@")]
    assert {(each.name, each.version) for each in nested} == expected
    assert len(expected) > 15


def test_the_document_of_cyclonedx_py_is_true(environment, tmp_path):
    tool = executable("cyclonedx-py", "CYCLONEDX_PY")
    printed(tool, "environment", environment / "bin" / "python", "--output-file", tmp_path / "bom.json")
    document = read_bom((tmp_path / "bom.json").read_bytes(), subject="bom.json")
    catalog = listed(environment)
    assert named(document.components) == named(top(catalog))
    # What pip installed from a file, cyclonedx-py gives no purl: nobody can say what that is.
    (unnamed,) = [each for each in document.components if not each.purl]
    assert unnamed.name == "direct"
    assert [each.subject for each in compare(document, catalog).discrepancies] in ([], ["pkg:pypi/direct@3.0"])


def test_the_document_of_syft_is_true_but_for_what_it_invents(environment):
    tool = executable("syft", "SYFT")
    document = read_bom(printed(tool, "--quiet", "scan", f"dir:{environment}", "-o", "cyclonedx-json"), subject="bom")
    catalog = listed(environment)
    python = [each for each in document.components if each.ecosystem == "pypi"]
    assert named(python) == named(top(catalog))
    invented = {each.name for each in document.components if each.ecosystem not in {"pypi", "file", "golang"}}
    assert invented <= {"Simple Launcher"}
    assert compare(document, catalog).discrepancies == ()


def test_a_document_is_no_longer_true_when_a_package_is_hidden_added_or_exchanged(environment, tmp_path):
    tool = executable("cyclonedx-py", "CYCLONEDX_PY")
    printed(tool, "environment", environment / "bin" / "python", "--output-file", tmp_path / "bom.json")
    document = read_bom((tmp_path / "bom.json").read_bytes(), subject="bom.json")
    other = tmp_path / "venv"
    shutil.copytree(environment, other, symlinks=True)
    (site,) = other.glob("lib/python3*/site-packages")
    shutil.rmtree(site / "acme_tool-1.0.0.dist-info")
    (site / "evil-6.6.dist-info").mkdir()
    (site / "evil-6.6.dist-info" / "METADATA").write_text("Name: evil\nVersion: 6.6\n")
    metadata = site / "needy-1.0.dist-info" / "METADATA"
    metadata.write_text(metadata.read_text().replace("Version: 1.0", "Version: 0.9"))
    seen = {(each.outcome, each.subject) for each in compare(document, listed(other)).discrepancies}
    assert {outcome for outcome, _ in seen} == {"missing", "surplus", "altered"}
    assert seen >= {
        ("surplus", "pkg:pypi/acme-tool@1.0.0"),
        ("missing", "pkg:pypi/evil@6.6"),
    }
    assert any(outcome == "altered" and "needy" in subject for outcome, subject in seen)


def test_the_environment_of_these_tests_is_what_python_says():
    site = Path(importlib.metadata.distribution("pytest").locate_file("")).resolve()
    expected = {
        (normalised(each.metadata["Name"]), each.version) for each in importlib.metadata.distributions(path=[str(site)])
    }
    catalog = listed(site)
    direct = [each for each in top(catalog) if each.path.count("/") <= 1]
    assert set(named(direct)) == expected
    assert len(expected) > 50


@pytest.mark.parametrize("name", ["opa", "crane"])
def test_a_go_program_has_the_modules_that_go_reads_in_it(name, tmp_path):
    program = executable(name, name.upper())
    go = shutil.which("go") or missing("no go on PATH")
    shutil.copy(program, tmp_path / "node_modules.bin")
    catalog = listed(tmp_path)
    expected = set()
    for line in printed(go, "version", "-m", program).decode().splitlines():
        fields = line.strip().split("\t")
        if fields[0] in {"dep", "mod"} and fields[2:]:
            expected.add((fields[1], fields[2], fields[3] if fields[3:] else ""))
    found = {
        (
            f"{each.namespace}/{each.name}".lstrip("/"),
            each.version or "(devel)",
            dict(each.properties).get("verifier:golang:h1", ""),
        )
        for each in top(catalog, "golang")
        if each.name != "stdlib"
    }
    assert found == expected
    assert len(expected) > 10


def test_what_npm_has_installed_is_its_own_list():
    cdxgen = Path(executable("cdxgen", "CDXGEN")).resolve()
    modules = next((each for each in cdxgen.parents if each.name == "node_modules"), None)
    if modules is None or not (modules / ".package-lock.json").exists():
        missing("cdxgen was not installed by npm")
    locked = json.loads((modules / ".package-lock.json").read_bytes())["packages"]
    expected = sorted((folder, row["version"]) for folder, row in locked.items())
    catalog = listed(modules)
    found = sorted(
        (each.path.removesuffix("/package.json"), each.version)
        for each in catalog.components
        if each.ecosystem == "npm"
    )
    assert found == expected
    assert [each for each in catalog.findings if each.code == "package.contradictory"] == []
