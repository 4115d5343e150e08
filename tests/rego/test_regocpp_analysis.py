"""What rego-cpp finds in modules: the builtins, the package, and what it cannot answer for."""

import pytest

from tests.support.rego.modules import CALLS, NESTED, NOT_CALLS, OPERATORS
from verifier.core.rego import RegoModule
from verifier.rego.regocpp import RegoCppEngine

pytestmark = pytest.mark.rego


def analyse(*sources, version=1, **limits):
    modules = [RegoModule(path=f"{index}.rego", source=source, version=version) for index, source in enumerate(sources)]
    return RegoCppEngine(**limits).analyse(modules)


@pytest.fixture(scope="module")
def calls():
    return {
        place: analyse(f"package a\n{source}", version=0 if place == "Rego v0" else 1)[0]
        for place, (source, _) in CALLS.items()
    }


@pytest.mark.parametrize("place", CALLS)
def test_a_call_is_found_in(place, calls):
    assert calls[place].problem == ""
    assert calls[place].builtins - OPERATORS == CALLS[place][1]


def test_a_call_is_found_however_it_is_nested():
    missed = [
        source
        for source, analysis in zip(NESTED, analyse(*NESTED), strict=True)
        if "http.send" not in analysis.builtins and not analysis.problem
    ]
    assert missed == []


def test_most_nestings_are_analysed_rather_than_given_up():
    assert sum(not analysis.problem for analysis in analyse(*NESTED[:24])) == 24


@pytest.mark.parametrize("place", NOT_CALLS)
def test_a_name_is_no_call_in(place):
    (analysis,) = analyse(f"package a\n{NOT_CALLS[place]}")
    assert analysis.problem == ""
    assert "http.send" not in analysis.builtins


@pytest.mark.parametrize(
    ("declaration", "package"),
    [
        ("package authz", ("authz",)),
        ("package authz.http", ("authz", "http")),
        ('package a["b-c"].d', ("a", "b-c", "d")),
        ('package a["b.c"].d', ("a", "b.c", "d")),
        ('package a["b\\"c"]', ("a", 'b"c')),
        ("# first\npackage a", ("a",)),
    ],
)
def test_the_package_is_read_from_the_compiler(declaration, package):
    (analysis,) = analyse(f"{declaration}\nk := 1")
    assert (analysis.package, analysis.problem) == (package, "")


def test_a_module_without_rules_has_its_package():
    (analysis,) = analyse("package a.b")
    assert (analysis.package, analysis.builtins) == (("a", "b"), frozenset())


def test_a_module_may_call_another_packages_function():
    user, library = analyse(
        "package a\nimport data.lib\nk := lib.f(1)", "package lib\nf(x) := y if { y := opa.runtime() }"
    )
    assert (user.problem, user.builtins) == ("", frozenset())
    assert library.builtins == {"opa.runtime"}


def test_answers_come_in_the_order_of_the_modules():
    found = analyse(*(f"package p{index}" for index in range(50)))
    assert [analysis.package for analysis in found] == [(f"p{index}",) for index in range(50)]
    assert [analysis.path for analysis in found] == [f"{index}.rego" for index in range(50)]


def test_no_modules_need_no_compiler():
    assert analyse() == ()


def test_what_the_compiler_refuses_is_invalid():
    (analysis,) = analyse("package a\n\nk := {{{")
    assert analysis.problem == "line 3: this is unclosed"
    assert analysis.invalid
    assert analysis.package is None


@pytest.mark.parametrize("source", ["package a\nimport rego.v2\nk if { 1 or 2 }", "package a\nk if { not { 1; 2 } }"])
def test_of_what_only_the_newest_opa_reads_its_refusal_says_nothing(source):
    (analysis,) = analyse(source, version=2)
    assert analysis.problem
    assert not analysis.invalid


def test_a_byte_order_mark_is_passed_over_as_opa_does():
    (analysis,) = analyse("\N{ZERO WIDTH NO-BREAK SPACE}package a\nk := opa.runtime()")
    assert (analysis.problem, analysis.builtins) == ("", {"opa.runtime"})


@pytest.mark.parametrize(
    "source",
    [
        "package a\nk := 1\x00\nj := http.send({})",
        "k := http.send({})",
        "",
        "# nothing but a comment",
        "package a\nk := 1\npackage b\nj := http.send({})",
        'package a\nk := "\ud800"',
        "package a\nk := 1 }",
    ],
)
def test_what_the_compiler_would_pass_over_is_a_problem(source):
    (analysis,) = analyse(source)
    assert analysis.problem
    assert analysis.builtins == frozenset()


def test_the_last_line_counts_even_without_a_newline():
    commented, called = analyse("package a\nk := 1 # and so", "package a\nk := opa.runtime()")
    assert commented.problem == ""
    assert called.builtins == {"opa.runtime"}


def test_a_module_cannot_speak_for_the_compiler():
    (analysis,) = analyse('package a\nverifier_canary_0 := true\nk := http.send({})\n"}\n')
    assert analysis.problem or "http.send" in analysis.builtins
