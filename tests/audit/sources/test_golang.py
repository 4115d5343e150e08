"""go.mod: what is required, as it is replaced."""

import pytest

from tests.support.audit.sources import collected, refusal, said

HEAD = "module acme.example/app\n\ngo 1.22\n\n"


def read(tmp_path, text, head=HEAD):
    return collected(tmp_path, {"go.mod": head + text}, "go.mod")


def told(found):
    """What is required; the standard library always is."""
    return [(each.namespace, each.name, each.version, each.source, each.direct) for each in required(found)]


def required(found):
    return [each for each in found.packages if each.name != "stdlib"]


def test_modules_are_required_one_by_one_or_in_blocks(tmp_path):
    text = "require b.example/y/v2 v2.1.0 // a comment\nrequire (\n\tc.example/z v0.1.0 // indirect\n\n\t// none\n)\n"
    found = read(tmp_path, text)
    assert told(found) == [("b.example/y", "v2", "v2.1.0", "index", True), ("c.example", "z", "v0.1.0", "index", False)]
    assert [each.places[0].line for each in required(found)] == [5, 7]
    assert required(found)[1].purl == "pkg:golang/c.example/z@v0.1.0"
    assert found.reasons == ()


def test_a_module_that_is_replaced_is_what_takes_its_place(tmp_path):
    text = (
        "require (\n a.example/a v1.0.0\n b.example/b v1.0.0\n c.example/c v1.0.0\n d.example/d v1.0.0\n)\n"
        "replace a.example/a => x.example/a v1.5.0\nreplace b.example/b v1.0.0 => ./b\n"
        "replace c.example/c v0.9.0 => x.example/c v9.0.0\nreplace (\n\td.example/d => ../d\n)\n"
    )
    assert told(read(tmp_path, text)) == [
        ("b.example", "b", None, "path", True),
        ("c.example", "c", "v1.0.0", "index", True),
        ("d.example", "d", None, "path", True),
        ("x.example", "a", "v1.5.0", "index", True),
    ]
    assert [each.local for each in required(read(tmp_path, text))] == [True, False, False, False]


@pytest.mark.parametrize(
    "text", ["require a.example/a master\n", "require a.example/a v1.0.0\nexclude a.example/a v1.0.0\n"]
)
def test_what_is_no_version_that_is_built_is_none(tmp_path, text):
    (package,) = required(read(tmp_path, text))
    assert (package.version, package.asked) == (None, text.split()[2])


@pytest.mark.parametrize(
    ("lines", "version", "asked"),
    [
        ("go 1.22.3\n", "1.22.3", ""),
        ("go 1.22\n", None, ">=1.22"),
        ("go 1.22\ntoolchain go1.22.5\n", "1.22.5", ""),
        ("go 1.22.3\ntoolchain go1.23.1-custom\n", "1.23.1", ""),
        ("go 1.22.3\ntoolchain default\n", "1.22.3", ""),
        ("go 1.22rc1\n", None, ">=1.22rc1"),
    ],
)
def test_the_standard_library_is_a_package_of_the_release_that_is_asked_for(tmp_path, lines, version, asked):
    (package,) = read(tmp_path, lines, "module a.example/a\n").packages
    assert (package.purl.partition("@")[0], package.version, package.asked) == ("pkg:golang/stdlib", version, asked)


@pytest.mark.parametrize("head", ["module a.example/a\n", "module a.example/a\ngo 1.16\n"])
def test_a_file_that_does_not_list_all_that_is_built_says_so(tmp_path, head):
    found = read(tmp_path, "require b.example/b v1.0.0\n", head)
    assert said(found) == [("vulnerability.unknown-dependency", "error", "go.mod")]


def test_everything_else_that_go_knows_is_passed_over(tmp_path):
    text = (
        "toolchain go1.22.3\ngodebug default=go1.21\ntool a.example/cmd/x\nretract [v1.0.0, v1.1.0] // why\n"
        'retract (\n v1.2.0\n)\nignore ./web\nrequire ()\nrequire "a.example/a" v1.0.0\n'
    )
    assert told(read(tmp_path, text)) == [("a.example", "a", "v1.0.0", "index", True)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("require (\n a.example/a v1.0.0\n", "does not end"),
        ("require a.example/a\n", "expected a module and its version"),
        ("require a.example/a v1.0.0 v2.0.0\n", "expected a module and its version"),
        ("require а.example/a v1.0.0\n", "expected a module and its version"),
        ("require\n", "without what it needs"),
        ("replace a.example/a v1.0.0\n", "without =>"),
        ("replace a.example/a => b.example/b\n", "or a folder"),
        ("replace a.example/a => ./b v1.0.0\n", "or a folder"),
        ("demand a.example/a v1.0.0\n", "which no line of a go.mod begins with"),
        ('require "a.example/a v1.0.0\n', "a quote that Go reads no string behind"),
        ("go one\n", "no version of Go"),
        ("require ( a.example/a v1.0.0\n)\n", "opens a block"),
    ],
)
def test_a_line_that_go_would_not_read_refuses_the_file(tmp_path, text, message):
    head = "module a.example/a\n" if text.startswith("go ") else HEAD
    reason = refusal(tmp_path, {"go.mod": head + text}, "go.mod")
    assert reason.code == "dependency.lock-invalid"
    assert message in reason.message


def test_a_file_without_a_module_is_no_go_mod(tmp_path):
    assert "no line says `module`" in refusal(tmp_path, {"go.mod": "go 1.22\n"}, "go.mod").message


def test_digests_are_those_of_the_go_sum_beside_it(tmp_path):
    digest = f"{'A' * 43}="
    text = "".join(f"require {each}.example/{each} v1.0.0\n" for each in "abc")
    text += "replace c.example/c => x.example/c v2.0.0\n"
    lines = [
        f"a.example/a v1.0.0 h1:{digest}",
        f"b.example/b v1.0.0/go.mod h1:{digest}",
        f"b.example/b v0.9.0 h1:{digest}",
        f"x.example/c v2.0.0 h1:{digest}",
        "b.example/b v1.0.0 h1:short",
    ]
    found = collected(tmp_path, {"go.mod": HEAD + text, "go.sum": "\n".join(lines)}, "go.mod")
    pinned = [
        (each.name, [one.value for file in each.distributions for one in file.hashes]) for each in required(found)
    ]
    assert pinned == [("a", [digest]), ("b", []), ("c", [digest])]
    assert found.files == ("go.mod", "go.sum")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"\x00", "<<<<<<< ours\n"])
def test_a_go_sum_that_says_nothing_pins_nothing(tmp_path, content):
    files = {"go.mod": HEAD + "require a.example/a v1.0.0\n", "go.sum": content}
    found = collected(tmp_path, files, "go.mod")
    assert [each.distributions for each in required(found)] == [()]
