"""Targets that somebody has prepared, or that broke: each is refused by its line, or told for what it is."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.audit.sources import collected, laid, one, pins, refusal, said
from tests.support.sboms.locks import SMALL
from verifier.audit.sources.table import SOURCES, Reading, format_named, read_source
from verifier.core.errors import ConfigurationError, VerifierError
from verifier.engine.audits.opening import Opening, collect

INVALID = "dependency.lock-invalid"
NPM = json.dumps({"lockfileVersion": 3, "packages": {"": {}, "node_modules/a": {"version": "1.0.0"}}}, indent=1)
GO = "module acme.example/a\n\ngo 1.22\n\nrequire (\n\tb.example/b v1.0.0\n)\n"
PROJECT = '[project]\nname = "acme"\ndependencies = ["jinja2>=2"]\n'
SOUND = {"package-lock.json": NPM, "go.mod": GO, "pyproject.toml": PROJECT, "what.txt": "a==1\nb==2\n", **SMALL}
MANY = 20_000
LONG = "9" * 5_000
"""More digits than `int` reads."""


@pytest.mark.parametrize("name", SOUND)
def test_the_marks_of_an_unfinished_merge_refuse_the_whole_file(tmp_path, name):
    lines = SOUND[name].splitlines()
    marked = "\n".join([*lines[:2], "<<<<<<< HEAD", lines[2] if len(lines) > 2 else "", "=======", ">>>>>>> other"])
    reason = refusal(tmp_path, {name: marked}, name)
    assert (reason.code, reason.subject) == (INVALID, f"{name}:3")


@pytest.mark.parametrize("name", SOUND)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "cp037"])
def test_another_encoding_is_never_half_read(tmp_path, name, encoding):
    if encoding == "utf-8-sig" and name.endswith(".txt"):
        return  # as pip has it: the test below
    assert refusal(tmp_path, {name: SOUND[name].encode(encoding)}, name).code == INVALID


@pytest.mark.parametrize("name", SOUND)
def test_lines_that_end_as_windows_ends_them_are_lines(tmp_path, name):
    folder = laid(tmp_path, {name: SOUND[name]})
    plain = collect(str(folder / name))
    (folder / name).write_bytes(SOUND[name].replace("\n", "\r\n").encode())
    assert collect(str(folder / name)).packages == plain.packages


@pytest.mark.parametrize("name", ["package-lock.json", "go.mod", "uv.lock", "Pipfile.lock"])
def test_a_file_that_was_cut_short_is_refused_wherever(tmp_path, name):
    text = SOUND[name].rstrip("\n")
    last = text.rindex("}" if name != "go.mod" else ")")
    for end in range(1, last, max(1, last // 40)):
        (tmp_path / name).write_text(text[:end])
        try:
            found = collect(str(tmp_path / name))
        except VerifierError:
            continue
        assert name == "go.mod", f"cut at {end}"
        assert len(found.packages) in (0, 1, 2)


@pytest.mark.parametrize("lines", [["-r a.txt"], ["-r b.txt"], ["-c b.txt"]])
def test_files_that_include_each_other_are_refused(tmp_path, lines):
    files = {"a.txt": "".join(f"{line}\n" for line in lines) + "x==1\n", "b.txt": "-r a.txt\n"}
    reason = refusal(tmp_path, files, "a.txt")
    assert (reason.code, "which includes this file" in reason.message) == (INVALID, True)


@pytest.mark.parametrize(
    "line",
    [
        "-r /etc/passwd",
        "-r ~/x.txt",
        "-r ${HOME}/x.txt",
        "-r https://files.acme.example/x.txt",
        "-r ../x.txt",
    ],
)
def test_an_include_beyond_the_root_is_refused(tmp_path, line):
    (tmp_path / "x.txt").write_text("secret==1\n")
    assert refusal(tmp_path / "project", {"a.txt": f"{line}\n"}, "a.txt").code == INVALID


@pytest.mark.parametrize("name", [".netrc", "sub/.env", ".git/config", "sub/.GIT/x.txt"])
def test_a_hidden_file_is_not_included_and_nothing_of_it_is_shown(tmp_path, name):
    reason = refusal(tmp_path, {"a.txt": f"-r {name}\n", name: "machine h.acme.example login u pass s3cr3t\n"}, "a.txt")
    assert (reason.code, reason.subject) == ("input.unreadable", name)
    assert "s3cr3t" not in reason.message


def test_a_link_to_a_hidden_file_is_not_included_either(tmp_path):
    laid(tmp_path, {".git/config": "token s3cr3t\n"})
    (tmp_path / "b.txt").symlink_to(".git/config")
    assert refusal(tmp_path, {"a.txt": "-r b.txt\n"}, "a.txt").code == "input.unreadable"


@pytest.mark.parametrize("name", ["jinja２", "jinja2\u0301", "ｊinja2", "jinja2\u200b", "jіnja2"])
def test_a_name_that_only_looks_like_one_is_refused(tmp_path, name):
    assert refusal(tmp_path, {"a.txt": f"{name}==2.10\n"}, "a.txt").code == INVALID
    asks = f'[project]\nname = "a"\ndependencies = ["{name}>=1"]\n'
    assert refusal(tmp_path, {"pyproject.toml": asks}, "pyproject.toml").code == INVALID


def test_variables_are_not_replaced_and_never_shown(tmp_path, monkeypatch):
    monkeypatch.setenv("TOKEN", "s3cr3t")
    lines = "foo @ https://${TOKEN}@h.acme.example/foo-1.0.tar.gz\n--index-url https://${TOKEN}@h.acme.example/simple\na==1\n"
    found = collected(tmp_path, {"a.txt": lines}, "a.txt")
    assert (one(found, "a").index, one(found, "foo").location) == (
        "https://h.acme.example/simple",
        "https://h.acme.example/foo-1.0.tar.gz",
    )
    assert refusal(tmp_path, {"b.txt": "${TOKEN}==1\n"}, "b.txt").code == INVALID


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", f"a=={LONG}\n"),
        ("a.txt", f"./a-{LONG}-py3-none-any.whl\n"),
        ("a.txt", f"a=={LONG} --hash=sha256:{'a' * 64}; python_version < '{LONG}'\n"),
        ("uv.lock", SMALL["uv.lock"].replace("acme_core-2.1-py3", f"acme_core-{LONG}-py3")),
        ("go.mod", GO.replace("1.22", f"1.{LONG}")),
        ("go.mod", GO.replace("v1.0.0", f"v1.0.{LONG}")),
        ("package-lock.json", NPM.replace("1.0.0", LONG)),
        ("pyproject.toml", PROJECT.replace(">=2", f">={LONG}")),
    ],
)
def test_a_number_that_nobody_reads_is_no_crash(tmp_path, name, content):
    try:
        found = collected(tmp_path, {name: content}, name)
    except VerifierError:
        return
    assert [each for each in found.packages if each.version is not None and LONG in each.version] == []


def test_constraints_that_multiply_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("verifier.sbom.locks.requirements.MAX_ROWS", 1_000)
    pins_of_it = "".join(f"p==1.{number}; python_version < '3.{number}'\n" for number in range(50))
    files = {"a.txt": "p\n" * 50 + "-c c.txt\n", "c.txt": pins_of_it}
    assert refusal(tmp_path, files, "a.txt").code == "input.too-large"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("uv.lock", "version = 2\n"),
        ("poetry.lock", 'package = []\n[metadata]\nlock-version = "3.0"\ncontent-hash = "x"\n'),
        ("pdm.lock", '[metadata]\nlock_version = "5.0"\n'),
        ("Pipfile.lock", '{"_meta": {"pipfile-spec": 7}}'),
        ("pylock.toml", 'lock-version = "2.0"\ncreated-by = "x"\npackages = []\n'),
        ("package-lock.json", '{"lockfileVersion": 4, "packages": {}}'),
    ],
)
def test_a_lock_of_a_newer_format_is_refused(tmp_path, name, content):
    assert refusal(tmp_path, {name: content}, name).code == INVALID


@pytest.mark.parametrize("name", ["x" * 5_000 + ".txt", "a\0b.txt", "folder/" * 2_000 + "a.txt"])
def test_a_name_that_no_file_has_is_refused(tmp_path, name):
    reason = refusal(tmp_path, {}, name)
    assert reason.code == "input.unreadable"
    assert len(reason.subject) <= 4_000


def test_an_empty_name_is_no_folder(tmp_path):
    with pytest.raises(ConfigurationError, match="is empty"):
        collected(tmp_path, {"uv.lock": SMALL["uv.lock"]}, "")


def test_what_is_no_file_is_never_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.txt")
    assert refusal(tmp_path, {}, "a.txt").code == "input.unreadable"
    assert refusal(tmp_path, {}, "/dev/zero", form="requirements").code == "input.unreadable"


def test_a_lock_that_is_a_link_out_of_the_folder_refuses_the_folder(tmp_path):
    (tmp_path / "uv.lock").write_text(SMALL["uv.lock"])
    project = laid(tmp_path / "project", {"requirements.txt": "a==1\n"})
    (project / "uv.lock").symlink_to("../uv.lock")
    assert refusal(project, {}, ".").code == "input.unreadable"


def test_a_rego_bundle_with_locks_is_a_project_and_an_image_beside_them_is_asked_about(tmp_path):
    files = {".manifest": "{}", "a.rego": "package a\n", "requirements.txt": "a==1\n"}
    assert pins(collected(tmp_path, files, ".")) == {("a", "1")}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("many.txt", "".join(f"p{number}==1.{number}\n" for number in range(MANY))),
        (
            "go.mod",
            GO + "require (\n" + "".join(f"a.example/p{number} v1.0.{number}\n" for number in range(MANY)) + ")\n",
        ),
    ],
)
def test_twenty_thousand_packages_are_as_many(tmp_path, name, content):
    assert len(collected(tmp_path, {name: content}, name).packages) >= MANY


_SEEDS = {"npm": NPM, "go": GO, "pyproject": PROJECT, "requirements": SOUND["what.txt"], "uv": SMALL["uv.lock"]}
_PIECES = [
    '"',
    "{",
    "}",
    "[",
    "]",
    "\n",
    "=",
    "null",
    "1e999",
    "\x00",
    "../",
    "(",
    "=>",
    "//",
    LONG,
    "@",
    "\u2028",
    "é",
]


@given(
    name=st.sampled_from(sorted(_SEEDS)),
    cuts=st.lists(
        st.tuples(st.integers(0, 2_000), st.integers(0, 40), st.sampled_from(_PIECES)), min_size=1, max_size=4
    ),
)
def test_a_changed_file_is_read_or_refused_and_nothing_else(name, cuts):
    text = _SEEDS[name]
    for at, length, piece in cuts:
        text = text[:at] + piece + text[at + length :]
    form = format_named(name)
    try:
        found = read_source(Reading(form=form, path="file", content=text.encode()))
    except VerifierError:
        return
    assert all(each.name and each.purl.startswith("pkg:") and each.places for each in found.packages)


def test_every_format_has_a_seed_or_tests_of_its_own():
    assert {each.name for each in SOURCES} == {*_SEEDS, "poetry", "pdm", "pylock", "pipenv", "sbom"}


def test_a_target_in_a_place_that_nobody_may_look_into_is_told(tmp_path):
    looped = tmp_path / "loop.txt"
    looped.symlink_to("loop.txt")
    assert refusal(tmp_path, {}, "loop.txt").code == "input.unreadable"
    with pytest.raises(VerifierError):
        collect(str(looped / "below.txt"), opening=Opening())
    assert said(collected(tmp_path, {"b.txt": "a==1\n"}, "b.txt")) == []


def test_a_line_of_blanks_is_read_in_one_pass(tmp_path):
    blanks = " " * 900_000
    found = collected(tmp_path, {"a.txt": f"jinja2==2.10{blanks}# why\n"}, "a.txt")
    assert pins(found) == {("jinja2", "2.10")}
    assert refusal(tmp_path, {"b.txt": f"jinja2{blanks}==2.10\n"}, "b.txt").code == INVALID


@pytest.mark.parametrize("name", ["requirements.txt", "Pipfile.lock"])
def test_more_indexes_than_anybody_has_are_refused(tmp_path, name):
    def laid_out(count):
        urls = [f"https://pypi{number}.acme.example/simple" for number in range(count)]
        if name == "requirements.txt":
            return "".join(f"--extra-index-url {each}\n" for each in urls) + "one==1\n"
        meta = {"pipfile-spec": 6, "sources": [{"name": each, "url": each} for each in urls]}
        return json.dumps({"_meta": meta, "default": {"one": {"version": "==1"}}})

    assert pins(collected(tmp_path, {name: laid_out(100)}, name)) == {("one", "1")}
    assert refusal(tmp_path, {name: laid_out(101)}, name).code == INVALID


def test_a_uv_lock_without_the_version_that_is_needed_was_cut_short(tmp_path):
    def lock(version):
        source = 'source = { registry = "https://pypi.org/simple" }\n'
        rows = f'[[package]]\nname = "one"\nversion = "1"\n{source}'
        needing = f'dependencies = [{{ name = "one", version = "{version}" }}]\n'
        return f'version = 1\n{rows}[[package]]\nname = "two"\nversion = "2"\n{source}{needing}'

    assert pins(collected(tmp_path, {"uv.lock": lock("1")}, "uv.lock")) == {("one", "1"), ("two", "2")}
    assert refusal(tmp_path, {"uv.lock": lock("1.1")}, "uv.lock").code == INVALID
