"""Modules written to crash, hang or starve the compiler: each is named, none is passed, the others are answered."""

import pytest

from tests.support.patience import FOR_EVER_S
from tests.support.rego import compiler
from verifier.core.rego import RegoModule
from verifier.rego import regocpp
from verifier.rego.regocpp import RegoCppEngine

compiler.require()
from verifier.rego import worker  # noqa: E402 - which does not load without its compiler

GOOD = "package a\nk := opa.runtime()"
CRASHES = {
    "100,000 parentheses": "package a\nk := " + "(" * 100_000 + "1" + ")" * 100_000,
    "100,000 arrays": "package a\nk := " + "[" * 100_000 + "]" * 100_000,
    "a mock of the whole input": "package a\ng := {}\nk if data.b.c with input as g",
}
SLOW = "package a\nk := " + "1+" * 20_000 + "1"


def analyse(*sources, **limits):
    modules = [RegoModule(path=f"{index}.rego", source=source) for index, source in enumerate(sources)]
    return RegoCppEngine(**({"timeout_s": FOR_EVER_S} | limits)).analyse(modules)


@pytest.mark.parametrize("crash", CRASHES)
def test_a_module_that_crashes_the_compiler_is_named_and_the_others_are_analysed(crash):
    before, crashing, after = analyse(GOOD, CRASHES[crash], GOOD)
    assert crashing.problem.startswith("ended the compiler, which was ended by SIG")
    assert crashing.builtins == frozenset()
    assert before.builtins == after.builtins == {"opa.runtime"}


def test_a_module_that_takes_too_long_is_named_and_the_others_are_analysed():
    slow, after = analyse(SLOW, GOOD, module_cpu_s=0.5)
    assert slow.problem == "needed more than 0.5 s to compile"
    assert after.builtins == {"opa.runtime"}


def test_when_time_runs_out_the_rest_is_unanalysed():
    found = analyse(SLOW, GOOD, GOOD, timeout_s=1.0, module_cpu_s=FOR_EVER_S)
    assert all(analysis.problem for analysis in found)
    assert found[2].problem == "was not analysed: time ran out"


def test_the_number_of_restarts_is_bounded():
    found = analyse(*[CRASHES["a mock of the whole input"]] * (regocpp.MAX_CRASHES + 5), GOOD)
    assert all(analysis.problem for analysis in found)
    assert found[-1].problem == f"was not analysed: {regocpp.MAX_CRASHES + 1} others ended the compiler"


def test_a_module_that_outgrows_the_memory_is_named():
    """It would take seconds of computing, so that whoever watches the memory gets to look, however busy the machine."""
    (analysis,) = analyse(SLOW, memory_bytes=1024 * 1024, module_cpu_s=FOR_EVER_S)
    assert analysis.problem == "needed more than 1 MiB of memory"


def test_a_huge_module_is_not_read():
    huge, after = analyse("package a\n#" + "x" * regocpp.MAX_MODULE_CHARACTERS, GOOD)
    assert huge.problem == f"is longer than {regocpp.MAX_MODULE_CHARACTERS} characters"
    assert after.builtins == {"opa.runtime"}


def test_both_processes_mean_the_same_by_an_exit_status():
    assert regocpp._OUT_OF_MEMORY == worker.OUT_OF_MEMORY
    assert regocpp._NOT_INSTALLED == worker.NOT_INSTALLED
