"""SPDX licence expressions: what is one, what it says, and that nothing hostile gets through."""

import sys

import pytest

from verifier.core.errors import ConfigurationError
from verifier.formats import spdx_license
from verifier.formats.spdx_license import And, Or, Symbol, With, is_listed, parse_expression, symbols_of

MIT, APACHE, BSD = (Symbol(key, "id") for key in ("MIT", "Apache-2.0", "BSD-3-Clause"))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("MIT", MIT),
        ("mit", MIT),
        ("(MIT)", MIT),
        ("MIT OR Apache-2.0", Or((APACHE, MIT))),
        ("MIT AND Apache-2.0 OR BSD-3-Clause", Or((And((APACHE, MIT)), BSD))),
        ("MIT OR (MIT OR (MIT OR Apache-2.0))", Or((APACHE, MIT))),
        ("GPL-2.0+", Symbol("GPL-2.0-or-later", "id")),
        ("GPL-2.0", Symbol("GPL-2.0-only", "id")),
        ("Apache-2.0+", Symbol("Apache-2.0+", "id")),
        ("LicenseRef-acme-1", Symbol("LicenseRef-acme-1", "reference")),
        ("DocumentRef-other:LicenseRef-1", Symbol("DocumentRef-other:LicenseRef-1", "reference")),
        ("Acme-1.0", Symbol("Acme-1.0", "unknown")),
        ("NOASSERTION", Symbol("NOASSERTION", "unknown")),
    ],
)
def test_an_expression_is_the_tree_that_it_says(text, tree):
    assert parse_expression(text) == tree


def test_an_exception_belongs_to_its_licence():
    tree = parse_expression("GPL-2.0-only WITH Classpath-exception-2.0 OR MIT")
    pair = With(Symbol("GPL-2.0-only", "id"), Symbol("Classpath-exception-2.0", "id"))
    assert tree == Or((pair, MIT))
    assert str(tree) == "GPL-2.0-only WITH Classpath-exception-2.0 OR MIT"


def test_a_reference_is_never_taken_for_the_identifier_that_a_list_of_others_has_for_it():
    assert parse_expression("LicenseRef-Apache") == Symbol("LicenseRef-Apache", "reference")


@pytest.mark.parametrize("text", ["MIT WITH MIT", "MIT WITH Acme-exception"])
def test_what_is_no_exception_of_the_list_is_unknown(text):
    assert [symbol.kind for symbol in symbols_of(parse_expression(text))] == ["id", "unknown"]


def test_an_exception_alone_is_no_licence():
    assert parse_expression("Classpath-exception-2.0").kind == "unknown"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n",
        "MIT AND (Apache-2.0 OR",
        "MIT)(",
        "()",
        "MIT AND ()",
        "MIT/Apache-2.0",
        "MIT License",
        "MIT OR",
        "AND",
        "with",
        "MIT,Apache-2.0",
        "MIT\x1b[31m",
        "ＭＩＴ",
        "MIT WITH Classpath-exception-2.0 WITH Classpath-exception-2.0",
        "(MIT OR Apache-2.0) WITH Classpath-exception-2.0",
    ],
)
def test_what_is_no_expression_is_a_value_error_whatever_the_library_raises(text):
    with pytest.raises(ValueError, match=r"empty|brackets|no name|no licence expression"):
        parse_expression(text)


def test_two_thousand_brackets_are_refused_before_the_library_sees_them(monkeypatch):
    def called():
        pytest.fail("the library was called")

    monkeypatch.setattr(spdx_license, "_parser", called)
    with pytest.raises(ValueError, match="2000 brackets"):
        parse_expression("(" * 2_000 + "MIT" + ")" * 2_000)


@pytest.mark.parametrize("text", ["A" * 20_000, " OR ".join("A" * 2_000), "MIT AND " * 1_000 + "MIT"])
def test_an_expression_that_is_too_long_is_refused(text):
    with pytest.raises(ValueError, match=r"characters|names"):
        parse_expression(text)


def test_an_expression_as_large_as_is_taken_is_read():
    tree = parse_expression("(" * 60 + " OR ".join(f"LicenseRef-{number}" for number in range(500)) + ")" * 60)
    assert len(symbols_of(tree)) == 500


@pytest.mark.parametrize(("text", "listed"), [("MIT OR LicenseRef-x", True), ("MIT OR Foo", False), ("MIT OR", False)])
def test_listed_are_expressions_of_which_every_name_is_known(text, listed):
    assert is_listed(text) is listed


def test_without_the_library_it_is_said_which_extra_has_it(monkeypatch):
    spdx_license._parser.cache_clear()
    monkeypatch.setitem(sys.modules, "license_expression", None)
    with pytest.raises(ConfigurationError) as refused:
        parse_expression("MIT")
    assert "policy-verifier[sbom]" in refused.value.hint
    spdx_license._parser.cache_clear()
