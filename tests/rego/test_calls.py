"""What a module calls by its text: OPA's builtins under whatever name the package gives them."""

import pytest

from tests.support.rego.modules import CALLS, NESTED, NOT_CALLS, OPERATORS
from verifier.rego.text.calls import calls_of
from verifier.rego.text.scan import UnreadableError, tokens_of


def calls(source, package=("a",)):
    return calls_of(tokens_of(f"package {'.'.join(package)}\n{source}"), package)


@pytest.mark.parametrize("place", CALLS)
def test_a_builtin_is_found_in(place):
    source, builtins = CALLS[place]
    assert calls(source).builtins - OPERATORS - {"contains"} == builtins - {"print"} | (
        builtins & calls(source).builtins
    )


def test_a_builtin_is_found_however_it_is_nested():
    assert [source for source in NESTED if "http.send" not in calls(source.partition("\n")[2]).builtins] == []


@pytest.mark.parametrize("place", NOT_CALLS)
def test_a_name_is_no_builtin_in(place):
    assert "http.send" not in calls(NOT_CALLS[place]).builtins


@pytest.mark.parametrize("package", [("http",), ("envoy", "http", "v1"), ("http", "send"), ("a", "opa", "runtime")])
def test_a_package_hides_no_builtin(package):
    assert calls("k := http.send({})", package).builtins == {"http.send"}


@pytest.mark.parametrize(
    "call",
    [
        'http["send"]({})',
        "http[`send`]({})",
        'http["s\\u0065nd"]({})',
        'http[ "send" ]({})',
        'upper("a") with upper as http.send',
        'upper("a") with upper as (http.send)',
        'upper("a") with upper as http["send"]',
        "$`{http.send({})}`",
        '$"{$"{http.send({})}"}"',
        '{"a": [http.send({})]}',
        "[http.send][0] with input as 1",
    ],
)
def test_a_builtin_is_found_however_it_is_written(call):
    assert "http.send" in calls(f"k if {{ {call} }}").builtins


@pytest.mark.parametrize(
    "text", ['"http.send({})"', "`http.send({})`", '$"http.send()"', '$"\\{http.send()"', "1 # http.send({})"]
)
def test_text_calls_nothing(text):
    assert calls(f"k := {text}").builtins == set()


@pytest.mark.parametrize(
    "rest",
    ["k if { http := 1; http.send({}) }", "f(http) := http.send({})", "k if { some http; http.send({}) }"],
)
def test_an_import_hides_no_builtin_where_its_name_is_a_variable_too(rest):
    assert calls(f"import data.http\n{rest}").builtins == {"http.send"}


def test_a_builtin_that_has_been_replaced_stands_for_nothing():
    assert "http.send" not in calls("k if { f(1) with http.send as 1 }").builtins


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("k := f(1)", ("a", "f")),
        ("k := g.h(1)", ("a", "g", "h")),
        ("k := data.lib.f(1)", ("lib", "f")),
        ('k := data["lib"].f(1)', ("lib", "f")),
        ("import data.lib\nk := lib.f(1)", ("lib", "f")),
        ("import data.lib as net\nk := net.f(1)", ("lib", "f")),
        ("import data.lib.f\nk := f(1)", ("lib", "f")),
        ("import data.lib as http\nk := http.send(1)", ("lib", "send")),
    ],
)
def test_what_is_no_builtin_has_a_place(source, place):
    found = calls(source)
    assert (found.functions, found.builtins) == ({place}, set())


@pytest.mark.parametrize("source", ["k := input.f(1)", "import input.x\nk := x.f(1)", "k := data.lib[input.x](1)"])
def test_what_is_computed_is_unknown(source):
    assert calls(source).unknown


@pytest.mark.parametrize("word", ["not(x)", "x in(y)", "x if(y)", "set()", "x if not(y)"])
def test_a_word_of_the_language_calls_nothing(word):
    found = calls(f"k if {{ {word} }}")
    assert (found.functions, found.unknown) == (set(), ())


def test_rules_that_are_written_out_are_heads():
    source = (
        'k := 1\ndefault j := 2\ng.h(x) := x\np[x] := 1\nq["r"] := 1\nt contains 1\nu["v"][x] := 1\n\tk.l := {\n"m": 1}'
    )
    assert calls(source).heads == {("a", *place) for place in (["k"], ["j"], ["g", "h"], ["t"], ["q", "r"], ["k", "l"])}


@pytest.mark.parametrize(
    "source",
    ['k := "', "k := `", "k := $", "k := 1a", "k := é", "k := '", 'k := "\\x"', 'k := $"{', "k := \x00", "k := 1."],
)
def test_what_opas_scanner_refuses_is_refused(source):
    if source == 'k := $"{':
        assert tokens_of(source)[-1].kind == "template"
        return
    with pytest.raises(UnreadableError, match="line 1"):
        tokens_of(source)
