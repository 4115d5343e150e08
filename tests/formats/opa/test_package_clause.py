"""The package of a module by its clause: OPA's answer, or none."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.formats.opa.package_clause import NoPackageError, UnreadPackageError, is_nothing_else, package_of


@pytest.mark.parametrize(
    ("module", "package"),
    [
        ("package authz", ("authz",)),
        ("package authz.http\n", ("authz", "http")),
        ("package a # why", ("a",)),
        ("package a import data.x", ("a",)),
        ("package a\r\nk := 1", ("a",)),
        ("# first\n\n\t# second\npackage a.b\nk := 1", ("a", "b")),
        ("package\n# here\n a", ("a",)),
        ("\ufeffpackage a", ("a",)),
        ('package a["b-c"].d', ("a", "b-c", "d")),
        ('package a["b\\u0041/%2F"]', ("a", "bA/%2F")),
        ("package a[`b\\`]", ("a", "b\\")),
        ('package a[ "b" ]', ("a", "b")),
        ('package a[""]', ("a", "")),
        ("package a.if.import.package", ("a", "if", "import", "package")),
        ("package contains.every", ("contains", "every")),
        ("package data.input", ("data", "input")),
        ("package _A1.b_", ("_A1", "b_")),
    ],
)
def test_a_package_is_read_as_opa_reads_it(module, package):
    assert package_of(module.encode()) == package


@pytest.mark.parametrize(
    "module",
    ["", "# package a", "k := 1\npackage a", "import data.x\npackage a", "packagea", "PACKAGE a", "\x00package a",
     "\u00a0package a"],
)  # fmt: skip
def test_a_module_without_a_package_has_none(module):
    with pytest.raises(NoPackageError):
        package_of(module.encode())


@pytest.mark.parametrize(
    "module",
    [
        *("package", 'package "a"', "package a[1]", "package a[b]", "package a.", "package a..b", "package a.1"),
        *("package a;b", "package a,b", "package a(1)", "package a{1}", "package é", "package a.é", "package a\x0b"),
        *("package a-b", "package as", "package true.x", 'package a["b"', 'package a["\\ud800"]', 'package a["\n"]'),
        *("package a\n[b]", "package a\n.b", "package a\n(b)", "package a\u00a0", 'package a["\\x"]'),
    ],
)  # fmt: skip
def test_what_readers_could_take_for_another_is_not_read(module):
    with pytest.raises(UnreadPackageError):
        package_of(module.encode())


def test_what_is_not_utf_8_is_not_read():
    with pytest.raises(UnreadPackageError):
        package_of(b'package a["\xff"]')


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="`\x00"), max_size=8), max_size=4))
def test_every_part_comes_back_whole(parts):
    clause = "package a" + "".join(f"[`{part}`]" for part in parts)
    assert package_of(clause.encode()) == ("a", *parts)


@given(st.binary(max_size=60))
def test_anything_has_a_package_or_none(content):
    with suppress(NoPackageError, UnreadPackageError):
        assert package_of(b"package " + content)


@pytest.mark.parametrize(
    ("content", "nothing"), [("package a\n# end\n", True), ("package a\nk := 1", False), ("", False)]
)
def test_a_module_may_be_nothing_but_its_package(content, nothing):
    assert is_nothing_else(content.encode()) is nothing
