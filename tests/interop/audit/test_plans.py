"""What a plan says to run, run: the tools that own the files take it, and what was found is gone."""

import os
import shlex
import subprocess
import sys
import zipfile

import pytest

from tests.support.audit.judged import findings
from tests.support.audit.made import record
from tests.support.peers.peers import executable, run
from verifier.audit.findings.plan import fix_plan
from verifier.cli.audits.findings import heads
from verifier.engine.audits.opening import collect

pytestmark = pytest.mark.interop

PROJECT = '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["parent"]\n'
RECORDS = [record("PYSEC-2099-1", "child", fixed="1.1"), record("PYSEC-2099-2", "child", fixed="1.2")]


def wheel(folder, name, version, requires=""):
    """A wheel with nothing in it."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + (
        f"Requires-Dist: {requires}\n" if requires else ""
    )
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{info}/METADATA", metadata)
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", f"{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project whose one index has the vulnerable versions only, until `released`."""
    (tmp_path / "wheels").mkdir()
    wheel(tmp_path / "wheels", "parent", "1.0", "child")
    wheel(tmp_path / "wheels", "child", "1.0")
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "uv.toml").write_text('no-index = true\nfind-links = ["./wheels"]\n')
    (tmp_path / "requirements.in").write_text("parent\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").symlink_to(executable("uv-1", "UV_1"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("UV_PYTHON", sys.executable)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def released(project):
    """Later versions come out: one that mends half of it, the one that mends all, and a later one."""
    for version in ("1.1", "1.2", "2.0"):
        wheel(project / "wheels", "child", version)


def found(collected):
    (child,) = [each for each in collected.packages if each.name == "child"]
    return child.version, findings(RECORDS, child)


def mended(project, path):
    """The version of the package once the plan for `path` was run."""
    before = collect(path)
    version, told = found(before)
    assert version == "1.0"
    for line in fix_plan(told, before, contents=heads(before.files)):
        if not line.startswith("#"):
            run("bash", "-c", line, cwd=project)
    version, told = found(collect(path))
    assert told == ()
    return version


def test_uv_takes_the_upgrade_of_a_lock(project):
    run("uv", "lock", cwd=project)
    released(project)
    assert mended(project, "uv.lock") == "1.2"


def test_uv_compiles_requirements_again_as_the_file_says(project):
    run("uv", "pip", "compile", "requirements.in", "--output-file", "requirements.txt", cwd=project)
    released(project)
    assert mended(project, "requirements.txt") == "1.2"


def test_uv_exports_again_what_was_exported(project):
    run("uv", "lock", cwd=project)
    for path in ("requirements.txt", "pylock.toml"):
        run("uv", "export", "--no-emit-project", "--format", path, "-o", path, cwd=project)
    released(project)
    for path in ("requirements.txt", "pylock.toml"):
        if path == "pylock.toml":
            run("uv", "lock", "--upgrade-package", "child==1.0", cwd=project)
            run("uv", "export", "--no-emit-project", "--format", path, "-o", path, cwd=project)
        assert mended(project, path) == "1.2"


def test_pip_takes_the_upgrade_of_an_environment(project):
    run(sys.executable, "-m", "venv", "env", cwd=project)
    python = project / "env" / "bin" / "python"
    run(str(python), "-m", "pip", "install", "parent", cwd=project)
    released(project)
    assert mended(project, str(python)) == "1.2"


def test_a_lock_elsewhere_is_upgraded_there(project):
    run("uv", "lock", cwd=project)
    released(project)
    os.chdir(project.parent)
    assert mended(project.parent, f"{project.name}/uv.lock") == "1.2"


def test_every_line_is_a_remark_or_one_command(project):
    run("uv", "lock", cwd=project)
    collected = collect("uv.lock")
    lines = fix_plan(found(collected)[1], collected)
    assert [shlex.split(each)[:2] for each in lines] == [["uv", "lock"]]
    subprocess.run(["bash", "-n", "-c", "\n".join(lines)], check=True)
