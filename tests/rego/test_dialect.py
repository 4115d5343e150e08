"""Which version of Rego a module is written in, where the compiler reads both alike."""

import pytest

from verifier.rego.text.dialect import ambiguous, dialect_problem, with_braces
from verifier.rego.text.scan import tokens_of

V1 = [
    "allow if { input.x }",
    "allow if input.x",
    "allow := {1}",
    "allow if every x in input.y { x }",
    "allow if {\n\tevery x in input.y { x }\n}",
    "deny contains x if { x := 1 }",
    "deny[x] := 1 if { x := 1 }",
    "f(x) := y if { y := x } else := 2 if { true }",
    'k := $"{input.x}"',
    "k := {x | x := 1}",
    "k if {\n\tnot {1}\n}",
    "import future.keywords.if\nallow if { true }",
    "contains.x := 1",
    "default allow := false",
    "default k := {x | x := f(1)}",
]
NOT_V1 = [
    "allow { input.x }",
    "deny[x] { x := 1 }",
    "f(x) = y { y := x }",
    "k = 1 { true } else = 2 { true }",
    "k := 1 if { true } else { true }",
    'deny["x"]',
    "deny[input.x]\nk := 1",
    "allow",
    "allow\nk := 1",
    "contains(x) := 1",
    "if := 1",
    "k := 1; j := 2",
    "default k := f(1)",
    "default k := (http.send({}))",
]
V0 = [
    "allow { input.x }",
    "deny[x] { x := 1 }",
    "k = contains(x, y)",
    "import rego.v1\nallow if { true }",
    "if = 1",
    "in := 2",
]
NOT_V0 = ["allow if { true }", "deny contains x if { x := 1 }", "k { some x in input.y }", "k { x in input.y }"]


@pytest.mark.parametrize("source", V1)
def test_v1_is_v1(source):
    assert dialect_problem(tokens_of(f"package a\n{source}"), 1) == ""


@pytest.mark.parametrize("source", NOT_V1)
def test_what_is_no_v1_is_named(source):
    assert dialect_problem(tokens_of(f"package a\n{source}"), 1)


@pytest.mark.parametrize("source", NOT_V1[:3])
def test_importing_v1_means_v1(source):
    assert dialect_problem(tokens_of(f"package a\nimport rego.v1\n{source}"), 0)


@pytest.mark.parametrize("source", V0)
def test_v0_is_v0(source):
    assert dialect_problem(tokens_of(f"package a\n{source}"), 0) == ""


@pytest.mark.parametrize("source", NOT_V0)
def test_what_is_no_v0_is_named(source):
    assert dialect_problem(tokens_of(f"package a\n{source}"), 0)


def test_two_rules_that_were_meant_as_one_are_ambiguous():
    tokens = tokens_of("package a\nf(x) if { x }")
    assert (dialect_problem(tokens, 0), bool(ambiguous(tokens, 0)), ambiguous(tokens, 1)) == ("", True, "")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("k if not f(1) with input as 2", "k if { not f(1) with input as 2 }"),
        ("k if every x in y { x }\nj := 1", "k if { every x in y { x } }\nj := 1"),
        ("k := 1 if not x else := 2 if y", "k := 1 if { not x } else := 2 if { y }"),
        ("k if not x\n\twith input as 2\nj := 1", "k if { not x\n\twith input as 2 }\nj := 1"),
        ("k if { x }", "k if { x }"),
        ("k := x.if", "k := x.if"),
    ],
)
def test_bodies_get_their_braces(source, expected):
    assert with_braces(source, tokens_of(source)) == expected
