"""What a genuine lock pins by our list, and by those of uv, cyclonedx-py, cdxgen, syft: every difference is explained.

A row of `EXPLAINED` says what a tool leaves out, or why its document cannot be read; without a row there is no
difference at all, and a row that no longer holds fails.
"""

import json
import os
import shutil
import subprocess

import pytest

from tests.support.material import corpus
from tests.support.peers.peers import executable
from tests.support.sboms.installed import wheel
from tests.support.sboms.locks import GENUINE, keyed
from verifier.core.errors import Refused
from verifier.engine.targets.target import Target, contents_of
from verifier.formats.bom.component import FILE
from verifier.sbom.catalog.table import catalog_of
from verifier.sbom.compare.compare import compare
from verifier.sbom.reading import read_bom

pytestmark = [pytest.mark.interop, pytest.mark.corpus]

ALL, DEVELOP = "all", "every group but `default`"
EXPLAINED = {
    ("syft", "uv-benchmark"): (ALL, "1.18.1 has no reader for uv.lock, and says nothing"),
    ("syft", "pdm"): (ALL, "1.18.1 has no reader for pdm.lock, and says nothing"),
    ("syft", "pylock-pipenv"): (ALL, "no reader for pylock.toml, and says nothing"),
    ("syft", "pipenv"): (DEVELOP, "reads `default` alone, and does not say so"),
    ("syft-1.57", "pylock-pipenv"): (ALL, "no reader for pylock.toml, and says nothing"),
    ("syft-1.57", "pipenv"): (DEVELOP, "reads `default` alone, and does not say so"),
    ("cyclonedx-py", "pipenv"): (
        {"exceptiongroup", "packaging", "pygments", "tomli"},
        "of a package that two groups pin at two versions it lists one, now this and now that",
    ),
    ("cyclonedx-py", "poetry"): ("fails", "it cannot read the pyproject.toml of a PEP 621 project: 'name'"),
    ("cyclonedx-py", "poetry-conflicting"): ("fails", "it wants a pyproject.toml beside the lock"),
    ("cdxgen", "requirements-warehouse"): ({"setuptools"}, "it drops setuptools"),
    ("cdxgen", "pylock-pipenv"): ("refused", "two of its components have one bom-ref"),
}
COMMANDS = {
    "uv-1": ("uv-1", "export", "-q", "--frozen", "--offline", "--all-groups", "--all-extras", "--format=cyclonedx1.5"),
    "syft": ("syft", "-q", "scan", "dir:.", "-o", "cyclonedx-json"),
    "syft-1.57": ("syft-1.57", "-q", "scan", "dir:.", "-o", "cyclonedx-json"),
    "cdxgen": ("cdxgen", "-t", "python", "--no-install-deps", "--spec-version", "1.6", "-o", "out.json", "."),
    "cyclonedx-py": ("cyclonedx-py",),
}
BY_FORMAT = {
    "Pipfile.lock": ("pipenv", "--dev", "."),
    "poetry.lock": ("poetry", "--all-extras", "."),
    "requirements.txt": ("requirements", "requirements.txt"),
}
"""What cyclonedx-py is asked for; it reads no other lock."""
PAIRS = [
    ("uv-1", "uv-benchmark"),
    *(("cyclonedx-py", name) for name, (file, _, _) in GENUINE.items() if file in BY_FORMAT),
    *((tool, name) for tool in ("cdxgen", "syft") for name in GENUINE),
    *(pytest.param("syft-1.57", name, marks=pytest.mark.nightly) for name in GENUINE),
]


@pytest.fixture
def project(tmp_path):
    def laid_out(name):
        folder = corpus("sbom") / "locks" / name
        for each in folder.iterdir():
            if each.name != "expected.json":
                shutil.copyfile(each, tmp_path / each.name)
        return tmp_path

    return laid_out


def document(tool, folder, file):
    """What the tool writes about the folder; None where it writes nothing."""
    program, *options = COMMANDS[tool]
    extra = BY_FORMAT[file] if tool == "cyclonedx-py" else ()
    ran = subprocess.run(
        [executable(program, f"VERIFIER_{program.upper().replace('-', '_')}"), *options, *extra],
        cwd=folder,
        env=os.environ
        | {"FETCH_LICENSE": "false", "SYFT_CHECK_FOR_APP_UPDATE": "false", "CDXGEN_TEMP_DIR": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=600,
        check=False,
    )
    if (folder / "out.json").exists():
        return (folder / "out.json").read_bytes()
    return ran.stdout or None


def packages(components):
    """Normalised names and versions, without files."""
    return {key for key, each in keyed(components).items() if each.ecosystem != FILE}


def missing(said, catalog):
    """What `EXPLAINED` means, as names: once for each component."""
    if said == ALL:
        return names(packages(catalog.components))
    if said == DEVELOP:
        default = ("verifier:lock:group", "default")
        return names(packages(each for each in catalog.components if default not in each.properties))
    return sorted(said)


def names(keys):
    return sorted(name for name, _ in keys)


@pytest.mark.parametrize(("tool", "name"), PAIRS)
def test_every_difference_from_another_tool_is_explained_and_what_we_report_is_no_more(project, tool, name):
    folder = project(name)
    expected, why = EXPLAINED.get((tool, name), (set(), "the same"))
    content = document(tool, folder, GENUINE[name][0])
    if expected == "fails":
        assert content is None, why
        return
    if expected == "refused":
        with pytest.raises(Refused):
            read_bom(content, subject=name)
        return
    bom = read_bom(content, subject=name)
    with_files = any(each.ecosystem == FILE for each in bom.components)
    catalog = catalog_of(contents_of(Target(reference=str(folder), kind="project")), files=with_files)
    own = packages(catalog.components)
    theirs = packages((*bom.components, *([bom.subject] if bom.subject is not None else [])))
    left_out = missing(expected, catalog)
    assert names(own - theirs) == left_out, why
    assert packages(bom.components) - own == set()
    counts = compare(bom, catalog).counts
    assert sum(each.missing for each in counts) == len(left_out)
    assert sum(each.surplus + each.altered for each in counts) == 0


def test_a_lock_that_uv_just_made_comes_to_what_uv_exports(tmp_path):
    """Offline: wheels made here, found by their folder."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for name, version in (("acme-core", "2.1"), ("speed", "1.2"), ("speed", "2.0"), ("checks", "3.0")):
        wheel(wheels, name, version, headers="Requires-Dist: speed>=1\n" if name == "acme-core" else "")
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.11"\n'
        'dependencies = ["acme-core", "speed<2; sys_platform == \'win32\'", "speed>=2; sys_platform != \'win32\'"]\n'
        '[project.optional-dependencies]\nfast = ["speed"]\n[dependency-groups]\ntest = ["checks"]\n'
        "[tool.uv]\npackage = false\n"
    )
    uv = executable("uv-1", "VERIFIER_UV_1")
    locking = [uv, "lock", "-q", "--offline", "--no-index", "--find-links", "wheels"]
    environment = os.environ | {"UV_PYTHON_DOWNLOADS": "never", "UV_CACHE_DIR": str(tmp_path / "cache")}
    subprocess.run(locking, cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=120)
    exported = subprocess.run(
        [uv, *COMMANDS["uv-1"][1:]], cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=120
    ).stdout
    catalog = catalog_of(contents_of(Target(reference=str(tmp_path), kind="project")))
    assert keyed(catalog.components).keys() == {
        ("app", "1"), ("acme-core", "2.1"), ("speed", "1.2"), ("speed", "2.0"), ("checks", "3.0"),
    }  # fmt: skip
    assert compare(read_bom(exported, subject="uv"), catalog).reasons() == ()
    theirs = {(each["name"], each["version"]) for each in json.loads(exported)["components"]}
    assert theirs | {("app", "1")} == set(keyed(catalog.components))
