"""Go programs in what is installed: their modules, as the compiler has left them in each."""

import hashlib

import pytest

from tests.support.sboms.installed import go_build_info, go_program
from tests.support.sboms.made import contents
from verifier.formats.bom.component import Hash, Origin
from verifier.formats.golang.build_info import GO_BUILD_INFO
from verifier.sbom.catalog.table import catalog_of

PLACE = "usr/bin/tool"
MODULES = (
    ("path", "acme.example/Tool/cmd/tool"),
    ("mod", "acme.example/Tool", "v1.2.3", "h1:main="),
    ("dep", "github.com/BurntSushi/toml", "v1.4.0", "h1:toml="),
    ("dep", "example.org/old", "v1.0.0"),
    ("=>", "example.org/new", "v2.0.0", "h1:new="),
    ("dep", "example.org/local", "v0.0.0"),
    ("=>", "./local", "(devel)", ""),
    ("build", "-compiler=gc"),
    ("build", "vcs.revision=c0ffee"),
)


def listed(files):
    catalog = catalog_of(contents(files))
    return catalog, {each.purl: each for each in catalog.components if each.ecosystem == "golang"}


def test_a_program_is_told_with_its_modules_and_the_standard_library():
    program = go_program(MODULES)
    catalog, found = listed({PLACE: program})
    assert sorted(found) == [
        "pkg:golang/acme.example/tool@v1.2.3",
        "pkg:golang/example.org/local",
        "pkg:golang/example.org/new@v2.0.0",
        "pkg:golang/github.com/burntsushi/toml@v1.4.0",
        "pkg:golang/stdlib@1.22.1",
    ]
    main = found["pkg:golang/acme.example/tool@v1.2.3"]
    assert (main.type, main.name, main.namespace) == ("application", "Tool", "acme.example")
    assert main.hashes == (Hash("SHA-256", hashlib.sha256(program).hexdigest()),)
    assert ("verifier:golang:vcs.revision", "c0ffee") in main.properties
    assert ("verifier:golang:h1", "h1:toml=") in found["pkg:golang/github.com/burntsushi/toml@v1.4.0"].properties
    assert dict(catalog.dependencies)[main.ref] == tuple(sorted(each.ref for each in found.values() if each != main))
    assert "golang" in catalog.ecosystems
    assert catalog.findings == ()


def test_a_module_that_took_the_place_of_another_is_the_one_that_is_there():
    new = listed({PLACE: go_program(MODULES)})[1]["pkg:golang/example.org/new@v2.0.0"]
    assert ("verifier:golang:replaces", "example.org/old@v1.0.0") in new.properties


def test_a_module_from_a_folder_is_called_as_it_was_asked_for_without_a_version():
    local = listed({PLACE: go_program(MODULES)})[1]["pkg:golang/example.org/local"]
    assert (local.version, local.origin) == (None, Origin("directory", "./local"))


def test_a_version_that_nobody_knows_is_none():
    _, found = listed({PLACE: go_program([("path", "a.example/b"), ("mod", "a.example/b", "(devel)", "")])})
    assert found["pkg:golang/a.example/b"].version is None


def test_a_program_without_modules_is_called_by_its_package_or_its_file():
    assert "pkg:golang/command-line-arguments" in listed({PLACE: go_program([("path", "command-line-arguments")])})[1]
    assert "pkg:golang/tool" in listed({PLACE: go_program([])})[1]


def test_one_program_in_two_places_is_two():
    catalog, _ = listed({PLACE: go_program(MODULES), "opt/tool": go_program(MODULES)})
    assert len([each for each in catalog.components if each.type == "application"]) == 2


def test_code_that_looks_for_build_information_hides_none():
    decoy = b"\x7fELF".ljust(64, b"\0") + GO_BUILD_INFO.ljust(64, b"x")
    catalog, found = listed({PLACE: decoy + go_build_info(MODULES)})
    assert len(found) == 5
    assert catalog.findings == ()


def test_a_compiler_that_is_a_development_version_is_no_standard_library():
    _, found = listed({PLACE: go_program(MODULES, compiler="devel go1.23-abcdef")})
    assert not any("stdlib" in purl for purl in found)


def test_a_compiler_of_a_company_is_one():
    compiler = "go1.25-20250209-RC00 cl/724970549 +ff27d270c9 X:fieldtrack,boringcrypto"
    catalog, found = listed({PLACE: go_program(MODULES, compiler=compiler)})
    assert "pkg:golang/stdlib@1.25-20250209-RC00" in found
    assert catalog.findings == ()


def test_an_experiment_of_the_compiler_is_no_part_of_its_version():
    assert "pkg:golang/stdlib@1.22.1" in listed({PLACE: go_program(MODULES, compiler="go1.22.1 X:nocoverage")})[1]


class TestWhatCannotBeRead:
    GOOD = go_build_info(MODULES)

    def changed(self, at, value):
        return self.GOOD[:at] + value + self.GOOD[at + len(value) :]

    @pytest.mark.parametrize("at", range(14, 700, 23))
    def test_a_program_that_is_cut_off_anywhere_is_told_by_its_path(self, at):
        if at >= len(self.GOOD):
            at = len(self.GOOD) - 1
        catalog, found = listed({PLACE: b"\x7fELF".ljust(64, b"\0") + self.GOOD[:at]})
        assert found == {}
        assert [(each.code, each.subject) for each in catalog.findings] == [("package.unlisted", PLACE)]
        assert "golang" not in catalog.ecosystems

    @pytest.mark.parametrize(
        ("at", "value", "said"),
        [
            (15, b"\x00", "before Go 1.18"),
            (15, b"\x01", "before Go 1.18"),
            (15, b"\x30", "header"),
            (32, b"\xff" * 9, "length"),
            (32, b"\xff\xff\xff\xff\x0f", "longer"),
            (32, b"\x00", "compiler"),
            (33, b"\x1b", "compiler"),
        ],
    )
    def test_a_header_or_a_length_that_is_none_is_told(self, at, value, said):
        catalog, found = listed({PLACE: b"\x7fELF".ljust(64, b"\0") + self.changed(at, value)})
        assert found == {}
        assert said in catalog.findings[0].message

    @pytest.mark.parametrize(
        "line",
        [
            ("dep", ""),
            ("mod", "a\x1bb", "v1"),
            ("dep", "a", "v1/../2"),
            ("dep", "a//b", "v1"),
            ("dep", "a", "v\x1b"),
            ("evil", "x"),
            ("dep",),
        ],
    )
    def test_a_line_that_is_none_is_told(self, line):
        catalog, found = listed({PLACE: go_program([*MODULES, line])})
        assert found == {}
        assert catalog.findings[0].code == "package.unlisted"
