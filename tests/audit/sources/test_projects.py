"""A project: its folder with all locks, its pyproject.toml, and locks held against what it asks for."""

from datetime import UTC, datetime

import pytest

from tests.support.audit.sources import collected, one, pins, refusal, said
from tests.support.sboms.locks import UV
from verifier.audit.sources.poetry_ranges import ranges_of

UNKNOWN, OUTDATED = "vulnerability.unknown-dependency", "dependency.lock-outdated"
ASKS = """\
[project]
name = "acme"
version = "1"
requires-python = ">=3.11"
dependencies = [
    "jinja2>=2.10",
    "tomli; python_version < '3.11'",
]

[project.optional-dependencies]
fast = ["speed==1.2", "acme[fast]"]

[dependency-groups]
test = ["checks>=3", {include-group = "docs"}]
docs = ["pages @ git+https://git.acme.example/pages"]
"""
TWO_FORKS = """\
version = 1
revision = 5

[[package]]
name = "acme"
version = "1"
source = { virtual = "." }
dependencies = [
    { name = "numpy", version = "1.26.0", source = { registry = "https://pypi.org/simple" } },
    { name = "numpy", version = "2.1.0", source = { registry = "https://pypi.org/simple" } },
]

[[package]]
name = "numpy"
version = "1.26.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "deep" }]
wheels = [
    { url = "https://files.pythonhosted.org/numpy-1.26.0-py3-none-any.whl", upload-time = "2024-01-01T00:00:00Z" },
    { url = "https://files.pythonhosted.org/numpy-1.26.0-cp3-none-any.whl", upload-time = "2024-03-01T00:00:00.5Z" },
]

[[package]]
name = "numpy"
version = "2.1.0"
source = { registry = "https://pypi.org/simple" }
wheels = [
    { url = "https://files.pythonhosted.org/numpy-2.1.0-py3-none-any.whl", upload-time = "2024-08-01T00:00:00Z" },
    { url = "https://files.pythonhosted.org/numpy-2.1.0-cp3-none-any.whl" },
]

[[package]]
name = "deep"
version = "1"
source = { registry = "https://pypi.org/simple" }
"""


def poetry(dependencies):
    return f'[tool.poetry]\nname = "acme"\n[tool.poetry.dependencies]\npython = "^3.9"\n{dependencies}\n'


def test_a_pyproject_alone_is_never_enough(tmp_path):
    found = collected(tmp_path, {"pyproject.toml": ASKS}, "pyproject.toml")
    assert said(found) == [(UNKNOWN, "error", "pyproject.toml")]
    told = {each.name: (each.version, each.asked, each.groups, each.extras, each.source) for each in found.packages}
    assert told == {
        "jinja2": (None, ">=2.10", (), (), "index"),
        "tomli": (None, "", (), (), "index"),
        "speed": ("1.2", "", (), ("fast",), "index"),
        "checks": (None, ">=3", ("test",), (), "index"),
        "pages": (None, "", ("docs",), (), "git"),
    }
    assert [each.places[0].line for each in found.packages] == [14, 6, 15, 11, 7]
    assert all(each.direct for each in found.packages)


def test_a_lock_beside_a_pyproject_is_used_and_held_against_it(tmp_path):
    files = {"pyproject.toml": ASKS, "requirements.txt": "jinja2==2.9\nspeed==1.2\nmarkupsafe==2\n"}
    found = collected(tmp_path, files, "pyproject.toml")
    assert pins(found) == {
        *{("jinja2", "2.9"), ("speed", "1.2"), ("markupsafe", "2")},
        *{("checks", None), ("pages", None)},  # which the lock does not pin
    }
    messages = {each.message for each in found.reasons if each.code == OUTDATED}
    assert messages == {
        "pyproject.toml:6 asks for jinja2>=2.10, and it pins 2.9",
        "pyproject.toml:14 asks for checks>=3, and it pins no checks",
        "pyproject.toml:15 asks for pages, and it pins no pages",
    }
    assert {each.subject for each in found.reasons} == {"requirements.txt"}
    assert (one(found, "jinja2").direct, one(found, "markupsafe").direct) == (True, False)


def test_a_lock_that_is_named_alone_is_held_against_the_project_beside_it_too(tmp_path):
    project = '[project]\nname = "acme-app"\ndependencies = ["acme-core<2", "missing"]\n'
    found = collected(tmp_path, {"uv.lock": UV, "pyproject.toml": project}, "uv.lock")
    assert said(found) == [(OUTDATED, "error", "uv.lock")] * 2
    assert found.files == ("uv.lock", "pyproject.toml")
    of_requirements = collected(
        tmp_path, {"requirements/dev.txt": "acme-core==2.1\nmissing==1\n"}, "requirements/dev.txt"
    )
    assert said(of_requirements) == [(OUTDATED, "error", "requirements/dev.txt")]


def test_a_whole_lock_must_pin_all_that_is_asked_for_and_one_for_less_need_not(tmp_path):
    project = '[project]\nname = "acme-app"\ndependencies = ["acme-core", "other"]\n'
    files = {"uv.lock": UV, "pyproject.toml": project, "requirements-docs.txt": "other==1\n"}
    found = collected(tmp_path, files, ".")
    assert said(found) == [(OUTDATED, "error", "uv.lock")]
    assert ("other", None) not in pins(found)


def test_a_requirement_that_cannot_hold_here_may_be_left_out_and_one_that_can_is_a_warning(tmp_path):
    project = '[project]\nname = "acme-app"\nrequires-python = ">=3.11"\ndependencies = [%s]\n'
    never = collected(
        tmp_path, {"uv.lock": UV, "pyproject.toml": project % "'tomli; python_version < \"3.11\"'"}, "uv.lock"
    )
    assert never.reasons == ()
    perhaps = collected(tmp_path, {"pyproject.toml": project % "'tomli; sys_platform == \"win32\"'"}, "uv.lock")
    assert said(perhaps) == [(OUTDATED, "warning", "uv.lock")]


@pytest.mark.parametrize(
    "override",
    ["[tool.uv]\noverride-dependencies = ['acme_core>=2']\n", "[tool.pdm.resolution.overrides]\nacme-core = '2.1'\n"],
)
def test_a_version_that_the_project_overrides_is_no_fault_of_the_lock(tmp_path, override):
    project = '[project]\nname = "acme-app"\ndependencies = ["acme-core<2"]\n'
    assert collected(tmp_path, {"uv.lock": UV, "pyproject.toml": project + override}, "uv.lock").reasons == ()


def test_what_only_a_build_finds_out_is_unknown(tmp_path):
    found = collected(tmp_path, {"pyproject.toml": "[project]\nname='a'\ndynamic=['version', 'dependencies']\n"}, ".")
    assert found.packages == ()
    assert said(found) == [(UNKNOWN, "error", "pyproject.toml")]


def test_poetrys_own_tables_are_read(tmp_path):
    asks = poetry(
        'a = "^1.2"\nb = {git = "https://git.acme.example/b.git"}\nc = [{version = "~1.2"}, {version = "^2"}]'
    )
    asks += '[tool.poetry.group.dev.dependencies]\nd = {version = "*", python = "<3.8"}\n'
    files = {"pyproject.toml": asks, "requirements.txt": "a==2.0\nb @ git+https://git.acme.example/b.git\nc==2.3\n"}
    found = collected(tmp_path, files, ".")
    assert [each.message.partition(", and")[0].partition("asks for ")[2] for each in found.reasons] == [
        *("a^1.2", "c~1.2", "d*"),
    ]
    assert [each.severity.value for each in found.reasons] == ["error", "error", "warning"]


@pytest.mark.parametrize(
    ("written", "ranges"),
    [
        ("^1.2.3", (">=1.2.3,<2",)),
        ("^0.2.3", (">=0.2.3,<0.3",)),
        ("^0.0.3", (">=0.0.3,<0.0.4",)),
        ("^0", (">=0,<1",)),
        ("^0.0", (">=0.0,<0.1",)),
        ("~1.2.3", (">=1.2.3,<1.3",)),
        ("~1", (">=1,<2",)),
        ("1.2.*", ("==1.2.*",)),
        ("*", ("",)),
        ("", ("",)),
        (">=1, <2 !=1.5", (">=1,<2,!=1.5",)),
        ("^1 || ^2", (">=1,<2", ">=2,<3")),
        ("~=1.4.2", ("~=1.4.2",)),
        ("what is this", ()),
        ("^x", ()),
    ],
)
def test_poetrys_constraints_mean_ranges(written, ranges):
    assert ranges_of(written) == ranges


@pytest.mark.parametrize(
    ("content", "said_of_it"),
    [
        ("[project]\nname = 'a'\ndependencies = ['a b']\n", "no requirement"),
        ("[project]\nname = 'a'\ndependencies = 'b'\n", "expected an array"),
        ("[project]\nname = 'a'\ndependencies = [1]\n", "expected a string"),
        ("[dependency-groups]\nx = [1]\n", "no requirement and no other group"),
        ("[project\n", "not TOML"),
        ("<<<<<<< HEAD\n[project]\n=======\n>>>>>>> b\n", "merge"),
    ],
)
def test_a_pyproject_that_is_none_is_refused_by_its_line(tmp_path, content, said_of_it):
    reason = refusal(tmp_path, {"pyproject.toml": content}, "pyproject.toml")
    assert reason.code == "dependency.lock-invalid"
    assert said_of_it in reason.message


def test_a_folder_is_all_locks_at_its_top_and_in_requirements(tmp_path):
    files = {"requirements/main.txt": "-r base.txt\na==1\n", "requirements/base.txt": "b==1\n", "uv.lock": UV}
    files |= {"requirements/main.in": "a\n", "package-lock.json": '{"lockfileVersion": 3, "packages": {"": {}}}'}
    files |= {"go.mod": "module acme.example/a\n\ngo 1.22\n"}
    found = collected(tmp_path, files, ".")
    assert [each.path for each in found.sources] == [
        *("go.mod", "package-lock.json", "requirements/base.txt", "requirements/main.txt", "uv.lock")
    ]


def test_a_lock_that_nobody_reads_is_an_error_and_a_deeper_one_a_warning(tmp_path):
    files = {"uv.lock": UV, "yarn.lock": "x", "web/package-lock.json": "{}", "node_modules/a/yarn.lock": "x"}
    assert said(collected(tmp_path, files, ".")) == [
        (UNKNOWN, "error", "yarn.lock"),
        (UNKNOWN, "warning", "web/package-lock.json"),
    ]
    (tmp_path / "uv.lock").unlink()
    assert said(collected(tmp_path, {}, "."))[0] == (UNKNOWN, "error", "yarn.lock")


def test_what_is_still_to_be_locked_is_told(tmp_path):
    files = {"uv.lock": UV, "package.json": "{}", "requirements/dev.in": "a\n", "requirements/main.in": "b\n"}
    files |= {"requirements/main.txt": "b==1\n", "MANIFEST.in": "include a\n", "docs/requirements.in": "c\n"}
    assert said(collected(tmp_path, files, ".")) == [
        (UNKNOWN, "warning", "package.json"),
        (UNKNOWN, "warning", "requirements/dev.in"),
    ]


@pytest.mark.parametrize("name", ["Requirements.txt", "REQUIREMENTS.TXT", "Requirements/dev.txt", "UV.lock"])
def test_the_case_of_a_name_hides_no_lock(tmp_path, name):
    found = collected(tmp_path, {name: UV if name == "UV.lock" else "acme-core==2.1\n"}, ".")
    assert ("acme-core", "2.1") in pins(found)
    assert collected(tmp_path, {}, name).packages == found.packages


@pytest.mark.parametrize("files", [{}, {"setup.py": "x"}, {"package.json": "{}"}, {"requirements.in": "a\n"}])
def test_a_folder_without_a_lock_is_no_empty_list(tmp_path, files):
    assert refusal(tmp_path, files, ".").code == "input.empty"


def test_two_versions_of_one_name_are_two_packages_with_their_ways(tmp_path):
    found = collected(tmp_path, {"uv.lock": TWO_FORKS}, "uv.lock")
    assert pins(found) == {("acme", "1"), ("numpy", "1.26.0"), ("numpy", "2.1.0"), ("deep", "1")}
    deep = one(found, "deep")
    assert (deep.direct, deep.paths) == (False, (("pkg:pypi/numpy@1.26.0", "pkg:pypi/deep@1"),))
    assert ("pkg:pypi/numpy@1.26.0", "pkg:pypi/deep@1") in found.edges
    assert [(each.version, each.direct) for each in found.packages if each.name == "numpy"] == [
        ("1.26.0", True),
        ("2.1.0", True),
    ]


def test_a_package_was_uploaded_when_its_newest_file_was_and_unless_each_says_nobody_knows(tmp_path):
    found = collected(tmp_path, {"uv.lock": TWO_FORKS}, "uv.lock")
    old, new = (each for each in found.packages if each.name == "numpy")
    assert (old.uploaded, new.uploaded) == (datetime(2024, 3, 1, 0, 0, 0, 500_000, UTC), None)


def test_the_project_itself_is_a_local_package(tmp_path):
    acme = one(collected(tmp_path, {"uv.lock": TWO_FORKS}, "uv.lock"), "acme")
    assert (acme.source, acme.local, acme.location, acme.direct) == ("path", True, ".", None)


def test_develop_groups_are_read(tmp_path):
    lock = '{"_meta": {"pipfile-spec": 6, "sources": []}, "default": {"a": {"version": "==1"}}, "develop": %s}'
    found = collected(tmp_path, {"Pipfile.lock": lock % '{"b": {"version": "==2"}, "a": {"version": "==1"}}'}, ".")
    assert [(each.name, each.groups) for each in found.packages] == [("a", ("default", "develop")), ("b", ("develop",))]
