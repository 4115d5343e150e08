"""Both engines over the same Rego: what a real OPA finds, rego-cpp finds too, or says that it cannot."""

import subprocess

import pytest

from tests.support.peers.peers import executable
from tests.support.places import ROOT
from tests.support.rego.modules import CALLS, NESTED, NOT_CALLS, OPERATORS
from verifier.core.errors import Refused
from verifier.core.rego import RegoModule
from verifier.rego.opa import OpaEngine
from verifier.rego.regocpp import RegoCppEngine

pytestmark = [pytest.mark.interop, pytest.mark.rego]
POLICIES = ROOT / "policies"
RELEASE = RegoModule(path="release.rego", source=(POLICIES / "rego/release.rego").read_text())
V0 = "Rego v0"


@pytest.fixture(scope="module")
def program():
    return executable("opa", "OPA")


@pytest.fixture(scope="module")
def opa(program):
    return OpaEngine(executable=program)


@pytest.fixture(params=["regocpp", "opa"])
def engine(request):
    return RegoCppEngine() if request.param == "regocpp" else request.getfixturevalue("opa")


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
    with pytest.raises(Refused, match="could not be started"):
        engine.evaluate([RELEASE], document={})


def test_an_opa_that_takes_too_long_answers_nothing(program):
    (analysis,) = OpaEngine(executable=program, timeout_s=0.0).analyse([module("package a")])
    assert "did not end in time" in analysis.problem


RULES = {
    "denies": ('deny contains "no" if input.n == 1', ["no"]),
    "does not deny": ('deny contains "no" if input.n == 2', []),
    "objects": ('deny contains {"msg": "told"}', ["told"]),
    "a complete set": ('deny := {"a", "b"}', ["a", "b"]),
    "large numbers": ('deny contains "same" if input.big == 1180591620717411303424', ["same"]),
    "functions": ('f(x) := y if y := x + 1\ndeny contains "two" if f(input.n) == 2', ["two"]),
    "quotes": ("deny contains input.text", ['a "b" \\ \u2028']),
}
NOT_EVALUATED = {
    "a typo": "deyn contains 1",
    "a boolean": "deny := true",
    "undefined": "deny := {1} if input.n == 2",
    "unsafe": "deny contains msg if input.n",
    "an unknown function": "deny contains 1 if nope(1)",
    "a failing builtin": 'deny contains 1 if to_number("x") == 1',
    "two values": "k := input.n\nk := 2\ndeny contains 1 if k",
    "recursion": "k := j\nj := k\ndeny contains 1 if k",
    "the network": 'deny contains 1 if http.send({"url": "http://127.0.0.1:1"})',
    "the clock": "deny contains 1 if time.now_ns() > 0",
    "invalid": "deny contains 1 if {{{",
}
DOCUMENT = {"n": 1, "big": 2**70, "text": 'a "b" \\ \u2028'}


@pytest.mark.parametrize("name", RULES)
def test_both_engines_deny_alike(engine, name):
    source, messages = RULES[name]
    found = engine.evaluate([module(f"package release\n{source}")], document=DOCUMENT)
    assert sorted(denial.message for denial in found) == messages
    assert {(denial.rule, denial.path) for denial in found} <= {("data.release.deny", "a.rego")}


@pytest.mark.parametrize("name", NOT_EVALUATED)
def test_both_engines_refuse_alike(engine, name):
    with pytest.raises(Refused, match=r"organisation\.not-evaluated"):
        engine.evaluate([module(f"package release\n{NOT_EVALUATED[name]}")], document=DOCUMENT)


def release(**changes):
    bundle = {"revision": "1.4.0", "roots": ["authz"], "metadata": {}, "files": [], "modules": []}
    return {"signers": [{"name": "release"}], "reasons": [], "bundle": bundle | changes}


@pytest.mark.parametrize(
    "document",
    [
        release(),
        release(roots=[""]),
        release(revision=None),
        release(revision="2.0.0-rc.1"),
        release(revision="2.0.0-rc.1", metadata={"channel": "edge"}),
        release(files=[{"path": "a_test.rego"}, {"path": "k.PEM"}]),
        release(modules=[{"path": "a.rego", "package": None, "builtins": [], "analysed": False}]),
        release(modules=[{"path": "a.rego", "package": ["system"], "builtins": ["net.x"], "analysed": True}]),
        {**release(), "signers": []},
        {**release(), "reasons": [{"code": "version.unchecked"}]},
    ],
)
def test_the_release_rules_mean_the_same_to_both(opa, document):
    ours = RegoCppEngine().evaluate([RELEASE], document=document)
    assert sorted(denial.message for denial in ours) == sorted(
        denial.message for denial in opa.evaluate([RELEASE], document=document)
    )


def test_the_example_policies_pass_their_tests_under_opa(program):
    output = subprocess.run(
        [program, "test", "bundle", "rego", "tests"], cwd=POLICIES, capture_output=True, text=True, check=True
    ).stdout
    assert output.startswith("PASS:")


def test_the_example_policies_are_formatted_and_strict(program):
    for command in (["check", "--strict", "bundle", "rego", "tests"], ["fmt", "--fail", "--list", "."]):
        subprocess.run([program, *command], cwd=POLICIES, capture_output=True, check=True)
