"""Both compilers over the same Rego: what a real OPA finds, rego-cpp finds too, or says that it cannot."""

import gzip
import subprocess
import sys

import pytest

from tests.support.peers.peers import executable
from tests.support.places import ROOT
from tests.support.rego.modules import CALLS, NESTED, NOT_CALLS, OPERATORS
from verifier.core.rego import RegoModule
from verifier.rego.opa import OpaEngine
from verifier.rego.regocpp import RegoCppEngine

pytestmark = [pytest.mark.interop, pytest.mark.rego]
POLICIES = ROOT / "policies"
V0 = "Rego v0"


@pytest.fixture(scope="module")
def program():
    return executable("opa", "OPA")


@pytest.fixture(scope="module")
def opa(program):
    return OpaEngine(executable=program)


def module(source, version=1, path="a.rego"):
    return RegoModule(path=path, source=source, version=version)


def modules(*sources):
    """Each in a file of its own, in a package of its own: OPA compiles them as one bundle."""
    return [
        module(source.replace("package a", f"package a{index}", 1), path=f"{index}.rego")
        for index, source in enumerate(sources)
    ]


def test_opa_finds_a_call_in_every_place(opa):
    given = [
        module(f"package a{index}\n{source}", version=0 if place == V0 else 1, path=place)
        for index, (place, (source, _)) in enumerate(CALLS.items())
        if place != "the replacement of a mock"  # whose arity OPA minds
    ]
    found = {analysis.path: analysis for analysis in opa.analyse(given)}
    assert {path: analysis.problem for path, analysis in found.items() if analysis.problem} == {}
    assert {path: analysis.builtins - OPERATORS for path, analysis in found.items()} == {
        path: CALLS[path][1] for path in found
    }


def test_opa_takes_no_name_for_a_call(opa):
    sources = [f"package a\n{source}" for place, source in NOT_CALLS.items() if place != "a package of that name"]
    found = opa.analyse(modules(*sources))
    assert [analysis.problem for analysis in found] == [""] * len(sources)
    assert not [analysis for analysis in found if "http.send" in analysis.builtins]


def test_rego_cpp_misses_no_builtin_that_opa_finds(opa):
    """Among the nestings that OPA takes, with every operator left out."""
    given = modules(*NESTED[::4])
    missed = [
        (theirs.path, theirs.builtins - ours.builtins)
        for ours, theirs in zip(RegoCppEngine().analyse(given), opa.analyse(given), strict=True)
        if not theirs.problem and not ours.problem and theirs.builtins - OPERATORS - ours.builtins
    ]
    assert missed == []


def test_opa_inspect_passes_over_calls_inside_every(program, tmp_path):
    """The reason why the engine does not ask it; should this fail, OPA has been mended."""
    (tmp_path / "a.rego").write_text("package a\nk if { every x in [1] { http.send({}) == x } }")
    listed = subprocess.run(
        [program, "inspect", "--format=json", "a.rego"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert "http.send" not in listed


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("package a\nk := {{{", "line 2: unexpected eof token"),
        ("package a\nk := nope(1)", "line 2: undefined function nope"),
        ("package a\nk[x] { x := 1 }", "line 2: `if` keyword is required before rule body"),
        ("package a\nk := 1\x00", "line 2: illegal null character"),
        ("k := 1", "line 1: package expected"),
        ('package a\nk := "\ud800"', "line 2: illegal utf-8 character"),
        ("package a\nk := " + "(" * 100_000, "line 2: max parsing recursion depth exceeded"),
    ],
    ids=["unclosed", "undefined function", "v0 as v1", "NUL", "no package", "surrogate", "deep"],
)
def test_what_opa_refuses_is_invalid_and_the_others_are_analysed(opa, source, message):
    bad, good = opa.analyse([module(source, path="bad.rego"), module("package b\nk := opa.runtime()", path="b.rego")])
    assert bad.invalid
    assert bad.problem.startswith(message)
    assert good.builtins == {"opa.runtime"}


def test_a_function_of_another_bundle_is_not_invalid(opa):
    (analysis,) = opa.analyse([module("package a\nk := data.elsewhere.f(1)")])
    assert (analysis.problem, analysis.invalid) == ("", False)


def test_versions_may_be_mixed(opa):
    old, new = opa.analyse([module("package a\nk[x] { x := 1 }", 0), module("package b\nk contains 1", path="b.rego")])
    assert (old.problem, new.problem) == ("", "")


def test_an_opa_that_is_not_there_answers_nothing():
    engine = OpaEngine(executable="/nowhere/opa")
    (analysis,) = engine.analyse([module("package a")])
    assert "could not be started" in analysis.problem
    assert not analysis.invalid


def test_an_opa_that_takes_too_long_answers_nothing(program):
    (analysis,) = OpaEngine(executable=program, timeout_s=0.0).analyse([module("package a")])
    assert "did not end in time" in analysis.problem


def test_the_example_policies_pass_their_tests_under_opa(program):
    output = subprocess.run(
        [program, "test", "bundle", "rego", "tests"], cwd=POLICIES, capture_output=True, text=True, check=True
    ).stdout
    assert output.startswith("PASS:")


def test_the_example_policies_are_formatted_and_strict(program):
    for command in (["check", "--strict", "bundle", "rego", "tests"], ["fmt", "--fail", "--list", "."]):
        subprocess.run([program, *command], cwd=POLICIES, capture_output=True, check=True)


BOMBS = {
    "a long array": "package a\nx := [" + "1," * 6_000_000 + "1]",
    "many rules": "package a\n" + "x if 1\n" * 1_500_000,
    "a long body": "package a\nx if {" + "1;" * 5_000_000 + "1}",
    "many names": "package a\nx := " + "a." * 3_000_000 + "a",
}
"""Each is a few kilobytes in an archive."""
MEASURED = """
import resource, sys
from verifier.core.rego import RegoModule
from verifier.rego.opa import OpaEngine
source = sys.stdin.read()
(analysis,) = OpaEngine(executable=sys.argv[1]).analyse([RegoModule(path="bomb.rego", source=source)])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10, analysis.problem)
"""


@pytest.mark.parametrize("name", BOMBS)
def test_a_module_that_takes_opa_all_memory_takes_no_more_than_its_child_may_have(program, name):
    command = [sys.executable, "-c", MEASURED, program]
    source = BOMBS[name]
    said = subprocess.run(command, cwd=ROOT, input=source, capture_output=True, text=True, check=True).stdout
    mebibytes, _, problem = said.partition(" ")
    assert int(mebibytes) < 1_100
    assert len(gzip.compress(source.encode())) < 64_000
    assert problem
