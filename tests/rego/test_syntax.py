"""OPA's syntax trees, as `opa parse --format json` prints them."""

from verifier.rego.syntax import builtins_of, defines, package_of

KNOWN = frozenset({"http.send", "opa.runtime", "count", "assign"})


def var(name):
    return {"type": "var", "value": name}


def ref(*path):
    head, *rest = path
    return {"type": "ref", "value": [var(head), *({"type": "string", "value": part} for part in rest)]}


def call(operator, *operands):
    return {"type": "call", "value": [operator, *operands]}


def module(*body, imports=()):
    head = {"name": "k", "ref": [var("k")]}
    package = {"path": [var("data"), {"type": "string", "value": "a"}, {"type": "string", "value": "b.c"}]}
    return {"package": package, "imports": list(imports), "rules": [{"head": head, "body": list(body)}]}


def expression(*terms, **more):
    return {"terms": list(terms), **more}


def test_the_package_is_its_path():
    assert package_of(module()) == ("a", "b.c")


def test_a_rule_is_found_by_its_name():
    assert defines(module(), "k")
    assert not defines(module(), "deny")
    assert not defines({"package": {"path": []}}, "deny")


def test_an_expression_that_is_a_call_counts():
    assert builtins_of(module(expression(ref("http", "send"), {"type": "object", "value": []})), KNOWN) == {"http.send"}


def test_a_term_that_is_a_call_counts():
    inner = call(ref("opa", "runtime"))
    assert builtins_of(module({"terms": call(ref("count"), inner)}), KNOWN) == {"count", "opa.runtime"}


def test_the_body_of_every_counts():
    every = {"domain": var("x"), "body": [expression(ref("http", "send"), var("x"))]}
    assert builtins_of(module({"terms": every}), KNOWN) == {"http.send"}


def test_what_replaces_counts_and_what_is_replaced_does_not():
    mock = {"target": ref("http", "send"), "value": ref("opa", "runtime")}
    assert builtins_of(module({"terms": var("x"), "with": [mock]}), KNOWN) == {"opa.runtime"}


def test_a_call_in_a_replacement_counts():
    mock = {"target": ref("input"), "value": call(ref("http", "send"))}
    assert builtins_of(module({"terms": var("x"), "with": [mock]}), KNOWN) == {"http.send"}


def test_a_reference_that_is_not_called_does_not_count():
    assert builtins_of(module({"terms": ref("http", "send")}), KNOWN) == frozenset()


def test_an_imported_name_is_not_the_builtin():
    body = expression(ref("http", "send"))
    plain, alias = {"path": ref("data", "http")}, {"path": ref("data", "lib"), "alias": "http"}
    assert builtins_of(module(body, imports=[plain]), KNOWN) == frozenset()
    assert builtins_of(module(body, imports=[alias]), KNOWN) == frozenset()


def test_an_import_of_the_language_shadows_nothing():
    future = {"path": ref("future", "keywords", "http")}
    assert builtins_of(module(expression(ref("http", "send")), imports=[future]), KNOWN) == {"http.send"}


def test_a_deep_tree_is_read_without_recursion():
    tree = call(ref("opa", "runtime"))
    for _ in range(50_000):
        tree = {"type": "array", "value": [tree]}
    assert builtins_of(module({"terms": tree}), KNOWN) == {"opa.runtime"}
