"""Generated modules, beside a real OPA: what it counts as a builtin, as a package, as Rego, so do we, or we say no.

`VERIFIER_ROUNDS` tries as many times more; a seed that was found once stands in `FOUND`.
"""

import random

import pytest

from tests.support.peers.opa_server import ROUNDS, opa_server
from tests.support.rego.modules import CALLS, NOT_CALLS, OPERATORS
from tests.support.rego.written_modules import module
from verifier.core.rego import RegoModule
from verifier.formats.opa.builtin_names import BUILTIN_NAMES
from verifier.formats.opa.package_clause import package_of
from verifier.rego.built_in import BuiltInEngine

pytestmark = [pytest.mark.interop, pytest.mark.rego]
COUNT = 1_200 * ROUNDS
FOUND = (
    ("package http\nsend(x) := 1\nk := http.send({})", 1),
    ("package envoy.http.v1\nk if http.send({})", 1),
    ("package a\nimport data.http as net\nk := http.send({})", 1),
    ('package a\nk := http["s\\u0065nd"]({})', 1),
    ("package a\nk := $`{http.send({})}`", 1),
    ("package a\nhttp.send(x) := 1\nk := http.send(2)", 1),
    ("package a\nallow if { true }", 0),
    ("package a\nallow { true }", 1),
    ("package a\nallow", 1),
    ("package a\nallow if every x in input.roles { x == 1 }", 1),
    ("package a\nallow if not http.send({}) with input as {}", 1),
    ("package a\nk := k", 1),
    ("package a\nk := x", 1),
    ("package a.http\n(f(1))", 1),
    ("\ufeffpackage a\nk := 1", 1),
)
"""What generated modules have found, and what was found by hand."""
ONLY_OPA_FINDS = {"rego_type_error", "rego_compile_error", "rego_unsafe_var_error", "rego_recursion_error"}
"""Types, arities, variables that are never used, and variables whose value a builtin that rego-cpp lacks would give."""
LET_PASS = 100
"""Of so many modules that OPA's parser refuses, at most one is taken: defaults inside of something else, and such."""
CONTRIVED = {"its package clause does not end where a name does"}
"""Why the strict reader of the clause may read less than OPA."""


def taken_for(source, version):
    return RegoModule(path="m.rego", source=source, version=version)


@pytest.fixture(scope="module")
def cases():
    """Each module with what OPA says of it, and what we do."""
    start = 0 if ROUNDS == 1 else random.SystemRandom().randrange(10**9)
    written = [*FOUND, *(module(start + each) for each in range(COUNT))]
    written += [(f"package a\n{source}", 0 if place == "Rego v0" else 1) for place, (source, _) in CALLS.items()]
    written += [(f"package a\n{source}", 1) for source in NOT_CALLS.values()]
    with opa_server(version=1) as one, opa_server(version=0) as zero:
        theirs = [(one if version else zero).ask(source) for source, version in written]
    ours = []
    for at in range(0, len(written), 400):
        ours += BuiltInEngine().analyse([taken_for(*each) for each in written[at : at + 400]])
    return list(zip(written, theirs, ours, strict=True))


def is_sure(analysis):
    """Whether nothing is said against the module."""
    return not analysis.problem and not analysis.unknown and not analysis.calls - analysis.rules


def test_many_are_taken_by_both(cases):
    assert sum(theirs.taken and is_sure(ours) for _, theirs, ours in cases) > len(cases) // 10


def test_no_builtin_that_opa_counts_is_missed(cases):
    missed = [
        (written, theirs.builtins - ours.builtins)
        for written, theirs, ours in cases
        if theirs.taken and not ours.problem and theirs.builtins - ours.builtins - OPERATORS
    ]
    assert missed == []


def test_the_package_is_the_one_that_opa_reads(cases):
    wrong = []
    for (source, _), theirs, _ in cases:
        try:
            package = package_of(source.encode())
        except ValueError as error:
            package = str(error)
        if theirs.package not in {None, package} and package not in CONTRIVED:
            wrong.append((source, package, theirs.package))
    assert wrong == []


def test_what_opas_parser_refuses_is_refused_or_undecided(cases):
    refused = [case for case in cases if not case[1].taken and case[1].code not in ONLY_OPA_FINDS]
    let_pass = [(written, theirs.message) for written, theirs, ours in refused if is_sure(ours)]
    assert let_pass[len(refused) // LET_PASS :] == []


def test_what_is_called_invalid_is_seldom_taken(cases):
    taken = [(written, ours) for written, theirs, ours in cases if theirs.taken and not ours.invalid]
    wrong = [(written, ours.problem) for written, theirs, ours in cases if theirs.taken and ours.invalid]
    assert wrong[len(taken) // 20 :] == []


def test_a_function_that_opa_does_not_find_is_not_proven(cases):
    proven = [
        (written, theirs.message)
        for written, theirs, ours in cases
        if theirs.message.startswith("undefined function")
        and is_sure(ours)
        and not any(theirs.message.replace(" ", ".").endswith(f".{name}") for name in ours.builtins)
    ]
    assert proven == []


def test_no_builtin_of_the_opa_at_hand_is_unknown():
    with opa_server() as opa:
        assert opa.known - BUILTIN_NAMES == set()
