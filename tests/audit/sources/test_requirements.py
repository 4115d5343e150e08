"""Requirements files by what was typed: any name, includes within the root, constraints, spellings, sources."""

from pathlib import Path

import pytest

from tests.support.audit.sources import collected, one, pins, places, refusal, told
from verifier.core.errors import ConfigurationError
from verifier.formats.audit.package import Place

SHA = "a" * 64


@pytest.mark.parametrize("name", ["main.txt", "what-we-need.in", "requirements.txt", "lock.requirements.in"])
def test_a_file_that_is_named_is_requirements_by_its_ending(tmp_path, name):
    assert told(collected(tmp_path, {name: "jinja2==2.10\n"}, name)) == [("jinja2", "2.10", "index")]


def test_any_other_file_is_read_as_what_somebody_says_that_it_is(tmp_path):
    files = {"pins.lock": "jinja2==2.10\n"}
    with pytest.raises(ConfigurationError, match="of an unknown kind"):
        collected(tmp_path, files, "pins.lock")
    assert pins(collected(tmp_path, files, "pins.lock", form="requirements")) == {("jinja2", "2.10")}


def test_an_unknown_format_is_a_usage_error_that_names_the_known(tmp_path):
    with pytest.raises(ConfigurationError, match="expected one of uv, poetry") as raised:
        collected(tmp_path, {"a.txt": "a==1\n"}, "a.txt", form="dparse")
    assert raised.value.where == "--source"


def test_two_spellings_of_one_name_are_one_package_at_both_places(tmp_path):
    found = collected(tmp_path, {"r.txt": "Jinja2==2.10\nother==1\njinja2==2.10 ; python_version < '3'\n"}, "r.txt")
    assert places(one(found, "jinja2")) == ["r.txt:1", "r.txt:3"]
    assert one(found, "jinja2").purl == "pkg:pypi/jinja2@2.10"
    dotted = collected(tmp_path, {"d.txt": "zope.interface==5\nZope_Interface==5\n"}, "d.txt")
    assert [(each.name, len(each.places)) for each in dotted.packages] == [("zope-interface", 2)]


def test_one_version_from_two_sources_is_two_packages(tmp_path):
    lines = "acme==1.0\nacme @ https://files.acme.example/acme-1.0.tar.gz\n"
    assert told(collected(tmp_path, {"r.txt": lines}, "r.txt")) == [("acme", "1.0", "index"), ("acme", "1.0", "url")]


def test_a_marker_leaves_nothing_out(tmp_path):
    found = collected(tmp_path, {"r.txt": "pywin32==305; sys_platform == 'win32'\n"}, "r.txt")
    assert one(found, "pywin32").markers == ('sys_platform == "win32"',)


def test_an_include_is_read_and_its_packages_stand_in_their_own_file(tmp_path):
    files = {"a.txt": "-r sub/b.txt\none==1\n", "sub/b.txt": "-r ../c.txt\ntwo==2\n", "c.txt": "three==3\n"}
    found = collected(tmp_path, files, "a.txt")
    assert found.files == ("a.txt", "sub/b.txt", "c.txt")
    assert {each.name: places(each) for each in found.packages} == {
        "one": ["a.txt:2"],
        "two": ["sub/b.txt:2"],
        "three": ["c.txt:1"],
    }


def test_includes_may_go_up_to_the_top_of_gits_working_tree_and_no_further(tmp_path):
    files = {"base.txt": "two==2\n", "secret.txt": "three==3\n", "sub/r.txt": "-r ../base.txt\none==1\n"}
    assert refusal(tmp_path, files, "sub/r.txt").message == "includes '../base.txt', which is not below the root"
    found = collected(tmp_path, {".git/HEAD": "ref: refs/heads/main\n"}, "sub/r.txt")
    assert found.files == ("sub/r.txt", "base.txt")
    beyond = {"sub/.git": "gitdir: ../.git/worktrees/sub\n"}  # a working tree of its own
    assert refusal(tmp_path, beyond, "sub/r.txt").code == "dependency.lock-invalid"


def test_the_root_is_what_somebody_says(tmp_path):
    files = {"base.txt": "two==2\n", "sub/r.txt": "-r ../base.txt\none==1\n", ".git/HEAD": ""}
    assert len(collected(tmp_path, files, "sub/r.txt", root=Path()).packages) == 2
    assert refusal(tmp_path, files, "sub/r.txt", root=Path("sub")).subject == "sub/r.txt:1"
    for other, said in (("elsewhere", "there is no such folder"), (".git", "is not below it")):
        with pytest.raises(ConfigurationError, match=said):
            collected(tmp_path, files, "sub/r.txt", root=Path(other))


def test_names_in_reports_are_relative_to_where_they_were_typed(tmp_path):
    files = {"base.txt": "two==2\n", "sub/r.txt": "-r ../base.txt\none==1\n", ".git/HEAD": ""}
    found = collected(tmp_path, files, "./sub/r.txt")
    assert {place for each in found.packages for place in each.places} == {
        Place("./sub/r.txt", 2),
        Place("base.txt", 1),
    }
    from_below = collected(tmp_path / "sub", {}, "r.txt")
    assert from_below.files == ("r.txt", "../base.txt")
    absolute = collected(tmp_path, {}, str(tmp_path / "sub/r.txt"))
    assert absolute.files == (f"{tmp_path}/sub/r.txt", f"{tmp_path}/base.txt")


def test_a_refusal_names_the_file_as_it_was_typed(tmp_path):
    files = {"base.txt": "two==2\na b c\n", "sub/r.txt": "-r ../base.txt\n", ".git/HEAD": ""}
    assert refusal(tmp_path, files, "sub/r.txt").subject == "base.txt:2"
    assert refusal(tmp_path / "sub", {}, "r.txt").subject == "../base.txt:2"
    assert refusal(tmp_path, {"b": "-r base.txt\n"}, "b", form="requirements").subject == "base.txt:2"
    missing = {"sub/r.txt": "-r ../nothing.txt\n"}
    assert refusal(tmp_path, missing, "./sub/r.txt").subject == "nothing.txt"


def test_a_link_that_leads_out_of_the_root_is_no_file_to_include(tmp_path):
    (tmp_path / "secret.txt").write_text("three==3\n")
    project = tmp_path / "project"
    project.mkdir()
    (project / "b.txt").symlink_to("../secret.txt")
    assert refusal(project, {"r.txt": "-r b.txt\n"}, "r.txt").code == "input.unreadable"


def test_a_constraint_installs_nothing_and_pins_what_is_left_open(tmp_path):
    files = {"r.txt": "-c c.txt\njinja2>=2\n", "c.txt": f"jinja2==2.10 --hash=sha256:{SHA}\nunused==1\n"}
    found = collected(tmp_path, files, "r.txt")
    assert pins(found) == {("jinja2", "2.10")}
    assert one(found, "jinja2").distributions[0].hashes[0].value == SHA


def test_constraints_by_marker_pin_a_package_once_a_machine(tmp_path):
    constraints = "jinja2==2.10; python_version < '3.7'\njinja2==3.1.6; python_version >= '3.7'\n"
    found = collected(tmp_path, {"r.txt": "jinja2\n-c c.txt\n", "c.txt": constraints}, "r.txt")
    assert pins(found) == {("jinja2", "2.10"), ("jinja2", "3.1.6")}


@pytest.mark.parametrize("marker", ["", "; sys_platform == 'linux'"])
def test_a_constraint_that_holds_elsewhere_leaves_a_package_open_here(tmp_path, marker):
    files = {"r.txt": f"jinja2{marker}\n-c c.txt\n", "c.txt": "jinja2==3.1.6; sys_platform == 'win32'\n"}
    assert pins(collected(tmp_path, files, "r.txt")) == {("jinja2", "3.1.6"), ("jinja2", None)}


def test_indexes_are_kept_for_every_package_and_nothing_that_opens_them(tmp_path):
    lines = "--index-url https://u:secret@pypi.acme.example/simple\n--extra-index-url https://b.acme.example/s\na==1\n"
    package = one(collected(tmp_path, {"r.txt": lines}, "r.txt"), "a")
    assert (package.index, package.indexes) == ("https://pypi.acme.example/simple", ("https://b.acme.example/s",))


@pytest.mark.parametrize(
    ("options", "index", "others"),
    [
        ("--find-links /opt/wheels", "", ("/opt/wheels",)),
        ("--no-index --find-links ./wheels", "./wheels", ()),
        ("--no-index", "", ()),
        ("--extra-index-url https://b.acme.example/s", "", ("https://b.acme.example/s",)),
    ],
)
def test_without_an_index_what_is_found_elsewhere_is_no_package_of_the_public_one(tmp_path, options, index, others):
    lines = "".join(f"--{each}\n" for each in options.removeprefix("--").split(" --"))
    package = one(collected(tmp_path, {"r.txt": f"{lines}a==1\n"}, "r.txt"), "a")
    assert (package.index, package.indexes) == (index, others)


def test_what_is_no_package_of_an_index_says_so(tmp_path):
    lines = (
        "git+https://git.acme.example/foo.git@main#egg=foo\n-e .\n-e ../outside\n"
        "./wheels/a-1.0-py3-none-any.whl\nbar @ https://files.acme.example/bar-2.0.tar.gz\n"
    )
    found = collected(tmp_path, {"r.txt": lines}, "r.txt")
    assert {(each.name, each.version, each.source, each.local) for each in found.packages} == {
        ("foo", None, "git", False),
        (".", None, "path", True),
        ("../outside", None, "path", False),
        ("a", "1.0", "path", False),
        ("bar", "2.0", "url", False),
    }
    assert one(found, ".").ecosystem == ""
    assert one(found, "foo").location == "https://git.acme.example/foo.git@main"


@pytest.mark.parametrize(
    ("line", "version", "asked"),
    [
        ("a===1.0.whatever", "1.0.whatever", ""),
        ("a==2.*", None, "==2.*"),
        ("a>=1,<3", None, "<3,>=1"),
        ("a", None, ""),
        ("a==1.0,!=1.1", "1.0", ""),
        ("a==1.0,==1.1", None, "==1.0,==1.1"),
        ("a==2.0+cu118", "2.0+cu118", ""),
        ("a[extra]==1", "1", ""),
    ],
)
def test_only_what_is_pinned_has_a_version(tmp_path, line, version, asked):
    package = one(collected(tmp_path, {"r.txt": f"{line}\n"}, "r.txt"), "a")
    assert (package.version, package.asked) == (version, asked)
    assert package.purl == ("pkg:pypi/a" if version is None else f"pkg:pypi/a@{version.replace('+', '%2B')}")


@pytest.mark.parametrize("content", ["", "# nothing\n\n", "--index-url https://pypi.acme.example/simple\n"])
def test_a_file_that_pins_nothing_is_refused_or_comes_to_no_package(tmp_path, content):
    if not content:
        assert refusal(tmp_path, {"r.txt": content}, "r.txt").message == "the file is empty"
        return
    found = collected(tmp_path, {"r.txt": content}, "r.txt")
    assert found.packages == ()
    assert [each.code for each in found.reasons] == ["dependency.lock-irregular"]


def test_what_is_not_there_is_refused(tmp_path):
    assert refusal(tmp_path, {}, "nothing.txt").code == "input.unreadable"
    assert refusal(tmp_path, {}, "nothing").code == "input.unreadable"
