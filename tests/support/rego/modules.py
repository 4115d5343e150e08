"""Rego in which a call can hide, and what a compiler must find in it."""

from itertools import product

CALLS = {
    "a function that nothing calls": ("f(x) := y if { y := http.send(x) }", {"http.send"}),
    "a comprehension": ("k := [x | x := http.send({})]", {"http.send"}),
    "an object comprehension": ("k := {y: x | x := http.send({}); y := opa.runtime()}", {"http.send", "opa.runtime"}),
    "the replacement of a mock": ('k if { upper("a") == "A" with upper as http.send }', {"http.send", "upper"}),
    "Rego v0": ("k[x] { x := http.send({}) }", {"http.send"}),
    "import rego.v1": ("import rego.v1\nk contains x if { x := http.send({}) }", {"http.send"}),
    "future keywords": (
        "import future.keywords.if\nimport future.keywords.contains\nk contains x if { x := http.send({}) }",
        {"http.send"},
    ),
    "an else branch": ("k := 1 if { false } else := http.send({}) if { true }", {"http.send"}),
    "a function with a default": ("default f(_) := false\nf(x) := http.send(x)", {"http.send"}),
    "a default value": ("default k := [x | x := http.send({})]", {"http.send"}),
    "the key of a rule": ("k[http.send({})] := 1 if true", {"http.send"}),
    "the value of a partial object": ("k[x] := http.send({}) if some x in [1]", {"http.send"}),
    "every": ('k if { every x in [1] { http.send({"a": x}) } }', {"http.send"}),
    "not": ("k if { not http.send({}) }", {"http.send"}),
    "an argument": ("k if { count(http.send({})) > 1 }", {"count", "http.send"}),
    "a unification": ("k := x if { http.send({}, x) }", {"http.send"}),
    "a name in brackets": ('k := http["send"]({})', {"http.send"}),
    "a reference": ("k := data.b[http.send({})]", {"http.send"}),
    "a set below a rule": ('k.a.b[x] contains y if { x := "z"; y := http.send({}) }', {"http.send"}),
    "a template string": ('k := $"{http.send({})} a"', {"http.send"}),
    "print": ("k if { print(http.send({})) }", {"http.send"}),
    "a condition that is never true": ("k if { 1 == 2; http.send({}) }", {"http.send"}),
    "a test": ("test_x if { http.send({}) }", {"http.send"}),
    "a builtin that the engine does not have": ('k if { trace("s") }', {"trace"}),
}
"""What stands in `package a`, and the builtins in it apart from operators."""

NOT_CALLS = {
    "a comment": '# http.send({})\nk := "http.send({})"',
    "a package of that name": "import data.http\nk := http.send({})",
    "a local variable": 'k if { http := {"send": 1}; http.send == 1 }',
    "the target of a mock": 'k if { upper("a") == "A" with http.send as {"a": 1} }',
}

_WRAPPERS = (
    "[x | x := {}][_]",
    "{{x | x := {}}}",
    '{{"k": {}}}.k',
    "[{}][0]",
    "count([{}])",
    "({} + 1)",
    '$"{{{}}}"',
    "input[{}]",
)
NESTED = tuple(
    f"package a\nk{head} if {{ {shape.replace('E', inner.format(outer.format('http.send({})')))} }}"
    for inner, outer in product(_WRAPPERS, repeat=2)
    for head, shape in (("", "not E"), ("", "every y in [1] { E == y }"), (" contains z", "z := E"))
)
"""The call inside two of everything that holds an expression, inside everything that holds a body."""

OPERATORS = frozenset(
    [
        "and",
        "assign",
        "div",
        "eq",
        "equal",
        "gt",
        "gte",
        "internal.member_2",
        "internal.member_3",
        "internal.print",
        "internal.template_string",
        "lt",
        "lte",
        "minus",
        "mul",
        "neq",
        "or",
        "plus",
        "print",
        "rem",
    ]
)
