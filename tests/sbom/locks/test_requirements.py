"""Requirements files as pip reads them: includes, constraints, options, URLs, paths and continuations."""

import pytest

from tests.support.material import codes
from tests.support.sboms.locks import INDEX, A, said
from verifier.core.errors import Refused, refuse
from verifier.formats.bom.component import Origin
from verifier.sbom.locks.table import read_lock

COMMIT = "d" * 40


def read(text, *, path="requirements.txt", **files):
    """`files` are what may be included, by paths with `__` for `/` and `_` for `.`."""
    there = {name.replace("__", "/").replace("_", "."): content for name, content in files.items()}

    def include(name):
        if name not in there:
            raise refuse("input.unreadable", name, "there is no such file")
        return there[name].encode()

    return read_lock(path, text.encode(), include=include)


def only(text, **files):
    (component,) = read(text, **files).components
    return component


def refusal(text, **files):
    with pytest.raises(Refused) as refused:
        read(text, **files)
    return refused.value.reasons[0]


def test_an_include_is_followed_from_the_folder_of_its_file():
    lock = read("-r sub/a.txt\none==1\n", sub__a_txt="-r b.txt\n", sub__b_txt="two==2\n")
    assert [(row.name, row.path, row.line) for row in lock.rows] == [
        ("two", "sub/b.txt", 1),
        ("one", "requirements.txt", 2),
    ]
    assert lock.files == ("requirements.txt", "sub/a.txt", "sub/b.txt")


@pytest.mark.parametrize("way", ["-r a.txt", "-ra.txt", "--requirement a.txt", "--requirement=a.txt", "-r 'a.txt'"])
def test_every_spelling_of_an_include_is_followed(way):
    assert only(f"{way}\n", a_txt="one==1\n").name == "one"


def test_two_ways_to_one_file_read_it_once():
    lock = read("-r a.txt\n-r b.txt\n", a_txt="-r c.txt\n", b_txt="-r c.txt\n", c_txt="one==1\n")
    assert len(lock.rows) == 1


@pytest.mark.parametrize(
    "outside",
    [
        "../a.txt",
        "sub/../../a.txt",
        "/etc/passwd",
        "~/a.txt",
        "https://acme.example/a.txt",
        "file:///a.txt",
        "'..\\a.txt'",
        "${DIR}/a.txt",
    ],
)
@pytest.mark.parametrize("option", ["-r", "-c"])
def test_an_include_beyond_the_root_is_refused(option, outside):
    reason = refusal(f"one==1\n{option} {outside}\n")
    assert (reason.code, reason.subject) == ("dependency.lock-invalid", "requirements.txt:2")
    assert "below the root" in reason.message


def test_a_file_of_a_folder_may_include_one_beside_the_folder():
    assert only("-r ../base.txt\n", path="requirements/dev-requirements.txt", base_txt="one==1\n").name == "one"


@pytest.mark.parametrize("files", [{"a_txt": "-r requirements.txt\n"}, {"a_txt": "-r b.txt\n", "b_txt": "-c a.txt\n"}])
def test_a_cycle_is_refused(files):
    assert "which includes this file" in refusal("-r a.txt\n", **files).message


def test_an_include_that_is_missing_is_refused():
    assert refusal("-r gone.txt\n").code == "input.unreadable"


def test_an_include_of_a_file_that_was_given_alone_is_refused():
    with pytest.raises(Refused, match="not at hand"):
        read_lock("requirements.txt", b"-r a.txt\n")


def test_includes_are_bounded():
    nested = {f"f{number}_txt": f"-r f{number + 1}.txt\n" for number in range(40)}
    assert "32 within each other" in refusal("-r f0.txt\n", **nested).message
    many = {f"f{number}_txt": "one==1\n" for number in range(300)}
    listed = "".join(f"-r f{number}.txt\n" for number in range(300))
    assert "more than 256 files" in refusal(listed, **many).message


def test_a_constraint_pins_what_is_left_open_and_installs_nothing():
    lock = read("one\ntwo==2\n-c c.txt\n", c_txt=f"one==1.5 --hash=sha256:{A}\nthree==3\ntwo==2\n")
    assert [(each.name, each.version) for each in lock.components] == [("one", "1.5"), ("two", "2")]
    assert len(lock.components[0].distributions) == 1
    assert [row.name for row in lock.constraints] == ["one", "three", "two"]


def test_what_no_constraint_pins_stays_without_version_and_says_what_it_asks_for():
    component = only("one>=1,<2 ; os_name == 'nt'\n")
    assert (component.version, component.ref) == (None, "pkg:pypi/one")
    assert said(component, "constraint") == ["<2,>=1"]
    assert said(component, "marker") == ['os_name == "nt"']


def test_an_index_holds_for_every_line_wherever_it_stands():
    assert only(f"-r a.txt\n-i {INDEX}\n", a_txt="one==1\n").origin == Origin("registry", INDEX)
    assert only("-r a.txt\n", a_txt=f"one==1\n--index-url={INDEX}\n").origin == Origin("registry", INDEX)


def test_the_last_of_two_indexes_answers_and_the_first_is_told():
    lock = read(f"-i https://pypi.org/simple\n-i {INDEX}\none==1\n")
    assert lock.components[0].origin == Origin("registry", INDEX)
    assert said(lock.components[0], "extra-index") == ["https://pypi.org/simple"]


def test_without_any_index_the_source_is_what_is_found():
    component = only("--no-index\n--find-links wheels\none==1\n")
    assert component.origin == Origin("registry", "wheels")
    assert said(component, "extra-index") == []


def test_continuations_and_comments_are_taken_as_pip_takes_them():
    text = f"one==1 \\\n    --hash=sha256:{A} \\\n# between\ntwo==2 # behind\nthree==3#no comment\n"
    reason = refusal(text)
    assert reason.subject == "requirements.txt:5"
    assert len(read(text.replace("3#no comment", "3")).components[0].distributions) == 1


def test_a_file_with_carriage_returns_reads_the_same():
    text = f"one==1 \\\n    --hash=sha256:{A}\ntwo==2\n"
    assert read(text).components == read(text.replace("\n", "\r\n")).components


@pytest.mark.parametrize(
    ("text", "name", "version", "origin"),
    [
        (
            f"one @ git+https://git.acme.example/one@{COMMIT}#subdirectory=x",
            "one",
            None,
            Origin("git", "https://git.acme.example/one", COMMIT),
        ),
        (
            f"git+ssh://git@git.acme.example/one.git@{COMMIT}#egg=one",
            "one",
            None,
            Origin("git", "ssh://git.acme.example/one.git", COMMIT),
        ),
        (
            f"-e git+https://git.acme.example/one@{COMMIT}#egg=One[fast]",
            "One",
            None,
            Origin("git", "https://git.acme.example/one", COMMIT),
        ),
        (
            "one @ https://acme.example/one-1.0-py3-none-any.whl",
            "one",
            "1.0",
            Origin("url", "https://acme.example/one-1.0-py3-none-any.whl"),
        ),
        (
            "https://acme.example/one-1.0.tar.gz ; os_name == 'nt'",
            "one",
            "1.0",
            Origin("url", "https://acme.example/one-1.0.tar.gz"),
        ),
        (
            "one @ https://acme.example/archive/main-2.0.zip",
            "one",
            None,
            Origin("url", "https://acme.example/archive/main-2.0.zip"),
        ),
        ("wheels/one-1.0-py3-none-any.whl", "one", "1.0", Origin("path", "wheels/one-1.0-py3-none-any.whl")),
        ("one @ file:///srv/one-1.0.tar.gz", "one", "1.0", Origin("path", "file:///srv/one-1.0.tar.gz")),
        ("-e ./core#egg=one", "one", None, Origin("editable", "./core")),
        (
            "hg+https://hg.acme.example/one@12#egg=one",
            "one",
            None,
            Origin("url", "hg+https://hg.acme.example/one", "12"),
        ),
    ],
)
def test_urls_and_paths_are_sources(text, name, version, origin):
    component = only(f"{text}\n")
    assert (component.name, component.version, component.origin) == (name, version, origin)


@pytest.mark.parametrize(
    "text", ["./core", "-e .", "../core", "git+https://git.acme.example/one", "https://acme.example/latest"]
)
def test_a_package_whose_name_nobody_says_gets_none_invented(text):
    component = only(f"{text}\n")
    assert (component.ecosystem, component.version) == ("", None)
    assert not component.ref.startswith("pkg:")


@pytest.mark.parametrize(
    "line",
    [
        "one==",
        "one==1 two==2",
        "=1",
        "one[",
        "one; nonsense",
        "--unknown",
        "-x",
        "--hash=sha256:aa",
        "one==1 --hash",
        f"one==1 --hash={A}",
        f"one==1 --hash=sha256:{A[:-1]}",
        f"one==1 --hash=sha256:{A[:-1]}g",
        f"one==1 --hash=crc32:{A[:8]}",
        "one==1 --hash='sha256",
        "-e",
        "-e a -e b",
        "one==1 -e .",
        "оne==1",
        "one==1\u200b",
        "ｏne==1",
        "-r",
        "one==${VERSION}",
        "one @ https://acme.example/one.whl#sha256=aa",
        "x" * 20_000,
        "one @ https://acme.example/two-1.0-py3-none-any.whl",
        "one @ https://acme.example/one.whl",
        "https://acme.example/broken.whl",
        "./core ; nonsense",
        "./my core",
        "]://acme.example/x",
        "--pre=yes",
    ],
)
def test_what_pip_would_not_take_is_refused_by_its_line(line):
    reason = refusal(f"good==1\n{line}\n")
    assert (reason.code, reason.subject) == ("dependency.lock-invalid", "requirements.txt:2")


def test_a_file_that_was_cut_short_in_a_continuation_is_refused():
    assert "cut short" in refusal("one==1\ntwo==2 \\").message
    assert codes_of("one==1 \\\n    --hash=sha256:aaaa") == ["dependency.lock-invalid"]


def codes_of(text):
    with pytest.raises(Refused) as refused:
        read(text)
    return codes(refused)


def test_a_line_that_only_pip_would_see_is_refused():
    for separator in ("\u2028", "\x85", "\x0b", "\x0c", "\x1e", "\r"):
        assert refusal(f"# harmless{separator}evil==1\n").subject == "requirements.txt:1"


def test_one_byte_order_mark_before_the_text_is_taken_away_as_pip_does():
    assert only("\ufeffone==1\n").name == "one"
    assert refusal("\ufeff\ufeffone==1\n").code == "dependency.lock-invalid"
