"""What is in a genuine target by our list, and by those of osv-scanner, pip-audit, uv, npm and Go.

What another tool lists, we list; what we list and it does not is of a kind that is named here.
"""

import json
import shutil
import zipfile
from itertools import chain

import pytest

from tests.support.audit.peers import peer, pip_audit, uv
from tests.support.audit.services.osv import osv
from tests.support.audit.sources import laid
from tests.support.material import corpus
from tests.support.peers.peers import executable, run
from verifier.core.errors import Refused
from verifier.engine.audits.opening import collect
from verifier.formats.pypi.names import normalised

pytestmark = [pytest.mark.interop, pytest.mark.corpus]

LOCKS = {
    "locks/flask/uv.lock": "uv.lock",
    "locks/uv-benchmark/uv.lock": "uv.lock",
    "locks/ichnaea/requirements.txt": "requirements.txt",
    "locks/kuma/poetry.lock": "poetry.lock",
    "locks/pdm/pdm.lock": "pdm.lock",
    "locks/pipenv/Pipfile.lock": "Pipfile.lock",
    "locks/pipenv/pylock.toml": "pylock.toml",
    "locks/requests-html/Pipfile.lock": "Pipfile.lock",
    "locks/warehouse/main.txt": "requirements.txt",
    "locks/osv-scanner/package-lock.json": "package-lock.json",
    "locks/osv-schema/go.mod": "go.mod",
    "one-project/poetry.lock": "poetry.lock",
    "one-project/pylock.toml": "pylock.toml",
    "one-project/requirements.pip-compile.txt": "requirements.txt",
    "one-project/uv.lock": "uv.lock",
}
"""Each with the name of its format, as osv-scanner has it."""
LEFT_OUT = {
    "locks/requests-html/Pipfile.lock": ({"requests-html"}, "a row without a version is passed over"),
    "one-project/uv.lock": ({"demo"}, "a project that is virtual is passed over"),
}
"""What osv-scanner does not list, and why."""
GO_MODS = {
    "blocks": "require a.example/a v1.0.0 // indirect\nrequire (\n\tb.example/b/v2 v2.1.0\n\n\t// none\n)\n",
    "replaced": "require a.example/a v1.0.0\nreplace a.example/a => b.example/b v1.5.0\n",
    "replaced in one version": "require a.example/a v1.0.0\nreplace a.example/a v0.9.0 => b.example/b v1.5.0\n",
    "replaced by a folder": "require a.example/a v1.0.0\nreplace a.example/a => ../a\n",
    "quoted": 'require "a.example/a" v1.0.0\n',
    "pseudo-version": "require a.example/a v0.0.0-20200101000000-abcdefabcdef\n",
    "incompatible": "require a.example/a v2.0.0+incompatible\n",
    "everything": "toolchain go1.22.3\nretract [v1.0.0, v1.1.0]\ngodebug default=go1.21\nexclude a.example/a v1.0.0\n",
    "empty block": "require ()\n",
    "windows": "require a.example/a v1.0.0\r\n",
}
NO_GO_MODS = {
    "open block": "require (\n\ta.example/a v1.0.0\n",
    "no version": "require a.example/a\n",
    "two versions": "require a.example/a v1.0.0 v2.0.0\n",
    "another directive": "demand a.example/a v1.0.0\n",
    "raw string": "require a.example/a `v1.0.0`\n",
    "open string": 'require "a.example/a v1.0.0\n',
    "replaced by nothing": "replace a.example/a =>\n",
    "folder with a version": "replace a.example/a => ./a v1.0.0\n",
    "module without a version": "replace a.example/a => b.example/b\n",
}


def listed(path):
    """Full name and version of every package."""
    found = collect(str(path)).packages
    return {(f"{each.namespace}/{each.name}" if each.namespace else each.name, each.version) for each in found}


@pytest.fixture(scope="module")
def databases(tmp_path_factory):
    """A room with a database for each ecosystem, without which osv-scanner lists nothing."""
    room = tmp_path_factory.mktemp("osv")
    for ecosystem in ("PyPI", "npm", "Go"):
        (folder := room / "osv-scanner" / ecosystem).mkdir(parents=True)
        affected = [{"package": {"name": "zzz", "ecosystem": ecosystem}, "versions": ["1"]}]
        record = {"id": "X-1", "modified": "2024-01-01T00:00:00Z", "affected": affected}
        with zipfile.ZipFile(folder / "all.zip", "w") as archive:
            archive.writestr("X-1.json", json.dumps(record))
    return room


@pytest.mark.parametrize("name", LOCKS)
def test_whatever_osv_scanner_lists_is_listed(name, databases):
    path = corpus("audit") / name
    options = ("--offline", "--all-packages", "--format", "json", "-L", f"{LOCKS[name]}:{path}")
    there = {"OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY": str(databases), "HOME": str(databases)}
    report = peer("osv-scanner", "OSV_SCANNER", "scan", "source", *options, cwd=databases, environment=there).report
    theirs = {
        (each["package"]["name"], each["package"]["version"])
        for result in report["results"]
        for each in result["packages"]
    }
    if LOCKS[name] not in {"package-lock.json", "go.mod"}:
        theirs = {(normalised(each), version) for each, version in theirs}
    ours = {(each, (version or "").removeprefix("v")) for each, version in listed(path)}
    expected, why = LEFT_OUT.get(name, (set(), "the same"))
    assert theirs - ours == set()
    assert {each for each, _ in ours - theirs} == expected, why


REQUIREMENTS = """\
Jinja2==2.10
jinja2==2.10
pywin32==305 ; sys_platform == "win32"
-e git+https://git.acme.example/foo.git#egg=foo
acme @ https://files.acme.example/acme-1.0.tar.gz
-r more.txt
"""


def audited(folder, *arguments):
    """What pip-audit says of every dependency, the skipped ones too."""
    with osv() as service:
        said = pip_audit("-s", "osv", "--osv-url", f"{service.url}/v1/query", "-f", "json", *arguments, cwd=folder)
    return said.report["dependencies"]


def test_whatever_pip_audit_lists_of_requirements_is_listed_and_what_it_drops_too(tmp_path):
    laid(tmp_path, {"r.txt": REQUIREMENTS, "more.txt": "markupsafe==1.0\n"})
    theirs = audited(tmp_path, "--disable-pip", "--no-deps", "-r", tmp_path / "r.txt")
    names = {normalised(each["name"]) for each in theirs}
    ours = {name for name, _ in listed(tmp_path / "r.txt")}
    assert ours == {"jinja2", "pywin32", "foo", "acme", "markupsafe"}
    assert names <= ours
    assert ours - names >= {"pywin32", "markupsafe"}  # by the marker; by the include
    assert {normalised(each["name"]) for each in theirs if "skip_reason" in each} <= {
        each.name
        for each in collect(str(tmp_path / "r.txt")).packages
        if each.version is None or each.source != "index"
    }


@pytest.mark.parametrize("name", ["locks/pip-audit/pylock.basic.toml", "locks/pip-audit/pylock.skipped.toml"])
def test_whatever_pip_audit_lists_of_a_pylock_is_listed(tmp_path, name):
    folder = laid(tmp_path / "project", {})
    folder.mkdir(exist_ok=True)
    shutil.copyfile(corpus("audit") / name, folder / "pylock.toml")
    theirs = audited(folder, "--locked", folder)
    ours = {each.name: each for each in collect(str(folder / "pylock.toml")).packages}
    assert {each["name"] for each in theirs} == ours.keys()
    assert all(ours[each["name"]].version is None for each in theirs if "skip_reason" in each)


@pytest.mark.parametrize("form", ["requirements-txt", "pylock.toml", "cyclonedx1.5"])
@pytest.mark.parametrize("name", ["one-project", "locks/uv-benchmark"])
def test_an_export_of_uv_is_the_lock_without_the_project(tmp_path, name, form):
    lock = corpus("audit") / name / "uv.lock"
    own = {each for each in collect(str(lock)).packages if each.local}
    project = f'[project]\nname = "{next(iter(own)).name}"\nversion = "0"\nrequires-python = ">=3.8"\n'
    folder = laid(tmp_path / "project", {"uv.lock": lock.read_bytes(), "pyproject.toml": project})
    file = {"requirements-txt": "requirements.txt", "pylock.toml": "pylock.toml"}.get(form, "bom.json")
    options = ("--frozen", "--offline", "--all-groups", "--all-extras", "--no-emit-project", "--format", form)
    said = uv("export", "-q", *options, cwd=folder)
    assert said.status == 0, said.err
    exported = laid(tmp_path / "exported", {file: said.out})
    assert listed(exported / file) == listed(lock) - {(each.name, each.version) for each in own}


def of_npm(tree):
    """Name and version of everything in npm's tree."""
    found = set()
    for name, each in tree.get("dependencies", {}).items():
        if "version" in each:
            found.add((name, each["version"]))
        found |= of_npm(each)
    return found


@pytest.mark.parametrize("version", [1, 2, 3])
def test_whatever_npm_reads_from_its_lock_is_listed(tmp_path, version):
    executable("npm", "NPM")
    lock = json.loads((corpus("audit") / "locks/osv-scanner/package-lock.json").read_text())
    asked = lock["packages"][""]
    lock["lockfileVersion"] = version
    if version == 1:
        del lock["packages"]
    if version == 3:
        lock.pop("dependencies", None)
    files = {
        "package-lock.json": json.dumps(lock),
        "package.json": json.dumps({"name": "a", "version": "1.0.0", **asked}),
    }
    laid(tmp_path, files)
    said = peer("npm", "NPM", "ls", "--package-lock-only", "--all", "--json", cwd=tmp_path)
    theirs = of_npm(json.loads(said.out))
    assert len(theirs) == 4
    assert listed(tmp_path / "package-lock.json") == theirs


def of_go(folder):
    """What Go reads from go.mod: the modules as they are replaced, with their versions; None for a folder."""
    said = json.loads(run(executable("go", "GO"), "mod", "edit", "-json", cwd=folder))
    replaced = {(each["Old"]["Path"], each["Old"].get("Version")): each["New"] for each in said["Replace"] or ()}
    excluded = {(each["Path"], each["Version"]) for each in said["Exclude"] or ()}
    found = set()
    for each in said["Require"] or ():
        key = (each["Path"], each["Version"])
        new = replaced.get(key) or replaced.get((each["Path"], None))
        if new is None:
            found.add((each["Path"], None if key in excluded else each["Version"]))
        else:
            found.add((new["Path"], new["Version"]) if "Version" in new else (each["Path"], None))
    return found


@pytest.mark.parametrize("name", GO_MODS)
def test_a_go_mod_is_read_as_go_reads_it(tmp_path, name):
    laid(tmp_path, {"go.mod": f"module acme.example/app\n\ngo 1.22\n\n{GO_MODS[name]}"})
    ours = {each for each in listed(tmp_path / "go.mod") if each[0] != "stdlib"}
    assert ours == of_go(tmp_path)


@pytest.mark.parametrize("name", NO_GO_MODS)
def test_what_go_does_not_read_is_refused(tmp_path, name):
    laid(tmp_path, {"go.mod": f"module acme.example/app\n\ngo 1.22\n\n{NO_GO_MODS[name]}"})
    said = peer("go", "GO", "mod", "edit", "-json", cwd=tmp_path)
    assert (said.status, "errors parsing go.mod" in said.err) == (1, True)
    with pytest.raises(Refused):
        collect(str(tmp_path / "go.mod"))


def test_every_lock_of_the_corpus_that_osv_scanner_reads_is_tried():
    folder = corpus("audit")
    found = chain(folder.glob("locks/*/*.lock"), folder.glob("one-project/*.lock"))
    assert {path.relative_to(folder).as_posix() for path in found} - {"one-project/Pipfile.lock"} <= LOCKS.keys()
