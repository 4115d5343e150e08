"""Organisation rules in the embedded subset: what denies, and what is refused because OPA might say something else."""

import json
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.places import ROOT
from tests.support.rego.differing import DIFFERING
from verifier.core.errors import Refused
from verifier.core.rego import RegoModule
from verifier.rego.interface import OrganisationDenial
from verifier.rego.organisation.embedded import reader, tokens
from verifier.rego.organisation.embedded.engine import EmbeddedEngine

UNEVALUATED = "organisation.unevaluated"
DOCUMENT = {
    "name": "authz",
    "n": 3,
    "big": 2**70,
    "half": 1.5,
    "quote": 'a "b" \\ \u2028 {x}',
    "tags": ["x", None, "y"],
    "nul": "a\x00b",
    "o": {"a": 1, "b": "two"},
    "no": False,
}


def evaluate(*sources, document=DOCUMENT, **limits):
    rules = [RegoModule(path=f"{index}.rego", source=source) for index, source in enumerate(sources)]
    return EmbeddedEngine(**limits).evaluate(rules, document=document)


def refusal(*sources, **limits):
    with pytest.raises(Refused) as caught:
        evaluate(*sources, **limits)
    (reason,) = caught.value.reasons
    assert reason.code == UNEVALUATED
    return reason.message


def answer(source, document):
    """Whether something denies, or the code of the refusal."""
    try:
        return bool(evaluate(source, document=document))
    except Refused as refused:
        (reason,) = refused.reasons
        return reason.code


def holds(condition, document=DOCUMENT):
    return bool(evaluate(f'package r\ndeny contains "x" if {{ {condition} }}', document=document))


def test_each_member_of_deny_is_a_denial():
    found = evaluate('package release\ndeny contains "no" if input.name == "authz"\ndeny contains "never"')
    assert set(found) == {
        OrganisationDenial(rule="data.release.deny", path="0.rego", message="no"),
        OrganisationDenial(rule="data.release.deny", path="0.rego", message="never"),
    }


def test_every_package_that_denies_is_evaluated_and_files_of_one_package_are_one():
    found = evaluate(
        'package a\ndeny contains "a" if yes(input.name)',
        'package b.c\ndeny contains "b"',
        'package a\nyes(x) if x == "authz"',
    )
    assert {(denial.rule, denial.path) for denial in found} == {
        ("data.a.deny", "0.rego"),
        ("data.b.c.deny", "1.rego"),
    }


def test_a_message_may_stand_in_an_object():
    (denial,) = evaluate('package r\ndeny contains {"msg": "told", "why": 1}')
    assert denial.message == "told"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('input.name == "authz"', True),
        ("input.missing == 1", False),
        ("not input.missing == 1", True),
        ("not input.no", True),
        ("input.no", False),
        ("not input.missing", True),
        ('"x" in input.tags', True),
        ('not "z" in input.tags', True),
        ("null in input.tags", True),
        ('"two" in input.o', True),
        ('"a" in input.name', False),
        ('input.tags[0] == "x"', True),
        ("input.tags[7]", False),
        ('input.o["b"] == "two"', True),
        ("input.o[0]", False),
        ('some k, v in input.o; k == "a"; v == 1', True),
        ('some i, v in input.tags; i == 2; v == "y"', True),
        ("every v in input.o { v != 3 }", True),
        ("every v in input.o { is_number(v) }", False),
        ("every v in [1, 2] { v < 3 }", True),
        ("count(input.tags) == 3", True),
        ("count({x | some x in input.tags; x != null}) == 2", True),
        ('"ab" < "b"', True),
        ("input.n >= 3", True),
        ("input.n > 3", False),
        ('object.get(input.o, "z", "none") == "none"', True),
        ('concat("+", {"b", "a"}) == "a+b"', True),
        ('sprintf("%s-%d-%v%%", [input.name, input.n, "v"]) == "authz-3-v%"', True),
        ('upper("straße1") == "X"', None),
        ('lower("ÄÖ日本ΣЖ") == "äö日本σж"', True),
        ('trim_prefix("v1.0", "v") == "1.0"', True),
        ('"\\u00e9\\n\\"" == "é\\n\\""', True),
    ],
)
def test_a_condition_means(condition, expected):
    if expected is None:
        assert "does not answer" in refusal(f'package r\ndeny contains "x" if {{ {condition} }}')
    else:
        assert holds(condition) is expected


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ('deyn contains "typo"', "defines no deny rule in package r"),
        ('deny := {"x"}', "line 2: deny as anything but `deny contains …`"),
        ('deny[msg] { msg := "v0" }', "line 2: `[` here"),
        ('deny contains "x" if input.n + 1 == 4', "line 2: arithmetic"),
        ('deny contains "x" if x = input.n', "line 2: unification (`=`)"),
        ('deny contains "x" if input.tags[_] == "x"', "line 2: `_` here"),
        ('deny contains "x" if inptu.n == 1', "line 2: inptu, which has no value here"),
        ('deny contains msg if input.n', "line 2: msg, which has no value here"),
        ('deny contains "x" if nope(1)', "line 2: the function nope"),
        ('deny contains "x" if data.lib.f(1)', "line 2: `data` here"),
        ('import data.lib\ndeny contains "x"', "line 2: imports (but for rego.v1)"),
        ('# METADATA\n# title: [\ndeny contains "x"', "line 2: annotations (METADATA)"),
        ('deny contains "x" if regex.match("a", "b")', "line 2: the function regex.match"),
        ('deny contains "x" if http.send({})', "line 2: the function http.send"),
        ('deny contains "x" if input.n with input as {}', "line 2: `with` here"),
        ('deny contains "x" if { input.n } else := 3', "line 2: `else` here"),
        ('default deny := false', "line 2: `default` here"),
        ('deny contains "x" if k\nk if j\nj if k', "k depends on itself"),
        ('deny contains "x" if k(1)\nk(x) if k(x)', "line 3: k depends on itself"),
        ('deny contains "x" if startswith(1, "a")', "line 2: startswith of something of type number"),
        ('deny contains "x" if { y := "a"; y.b }', "line 2: a reference into y, which is no part of the input"),
        ('k(x) if { 1 == x; "high" == x }\ndeny contains "x"', "which is taken for values of two"),
        ('deny contains "x" if every v in input.o { true }', "line 2: the variable v of `every`, which is not used"),
        ('deny contains "x" if { some x in input.o; some x in input.tags }', "line 2: the name x a second time"),
        ('deny contains `x`', "line 2: raw strings"),
        ('deny contains $"{input.n}"', "line 2: template strings"),
        ("deny contains 'x'", "line 2: the character"),
        ('deny contains "x" if input.n == 1.5', "line 2: numbers other than plain integers"),
        ('deny contains "x" if input.n == 9007199254740993', "line 2: integers beyond 2^53"),
        ('deny contains "x" if input .n', "line 2: `.` here"),
        ('deny contains "x" if count (input.tags) > 1', "line 2: count where it is not called"),
        ('deny contains "x" if\tinput.n\r== 1', "line 2: the character"),
        ("k := 1\nk contains 2\ndeny contains 1", "line 3: k is defined in different ways"),
    ],
)  # fmt: skip
def test_what_is_outside_is_named_with_its_line(rule, message):
    assert message in refusal(f"package r\n{rule}")


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("input.big == 1", "the number 1180591620717411303424, which is no integer up to 2^53"),
        ("input.half == 1", "the number 1.5"),
        ("input.name > 5", "the order of number and string"),
        ("input.missing2 in {1}; input.o < 3", None),
        ("input.o < 3", "the order of number and object"),
        ("count(input.no) == 1", "count of boolean"),
        ("startswith(input.n, \"a\")", "startswith of number"),
        ('lower(input.quote) == "x"', "lower of the character U+2028"),
        ("not startswith(input.missing, \"a\")", "`not` before startswith of something that has no value"),
        ('not "a" in input.missing', "`not` before a comparison with something that has no value"),
        ("every v in input.missing { v == 1 }", "`every` over something that has no members"),
        ("every v in input.n { v == 1 }", "`every` over something that has no members"),
        ('sprintf("%s", [input.n]) == "3"', "sprintf with %s of number"),
        ("k == 1", "a rule that has two values at once"),
        ("f(1) == 1", "a rule that has two values at once"),
    ],
)  # fmt: skip
def test_values_that_opa_may_take_otherwise_are_refused(condition, message):
    helpers = "k := input.n\nk := input.name\nf(x) := x\nf(x) := input.name if x != 2"
    source = f'package r\ndeny contains "x" if {{ {condition} }}\n{helpers}'
    if message is None:
        assert evaluate(source) == ()
    else:
        assert f"line 2: {message}" in refusal(source) or message in refusal(source)


@pytest.mark.parametrize("kind", DIFFERING)
def test_what_differed_from_opa_is_answered_alike_or_not_at_all(kind):
    condition, document, opa = DIFFERING[kind]
    source = f'package r\ndeny contains "x" if {{ {condition} }}'
    assert answer(source, json.loads(document)) in {opa, UNEVALUATED}


def test_the_example_rules_are_in_the_subset():
    source = (ROOT / "policies/rego/release.rego").read_text()
    EmbeddedEngine().check([RegoModule(path="release.rego", source=source)])


def test_no_rules_are_refused():
    assert refusal() == "there are no rules to evaluate"


def test_a_rule_that_never_ends_is_refused():
    loops = "; ".join(f"some v{index} in input.l" for index in range(9))
    source = f'package r\ndeny contains "x" if {{ count([1 | {loops}]) == 0 }}'
    assert "it takes too many steps" in refusal(source, document={"l": list(range(20))}, steps=100_000)


def test_a_text_that_doubles_itself_is_refused():
    doubling = "\n".join(f's{index} := concat("", [s{index - 1}, s{index - 1}])' for index in range(1, 45))
    source = f'package r\ndeny contains "x" if contains(s44, "b")\ns0 := "aaaaaaaa"\n{doubling}'
    assert "more than a million characters" in refusal(source)


def test_evidence_that_is_no_text_is_refused():
    assert "no text" in refusal('package r\ndeny contains "x"', document={"a": "\ud800"})


@pytest.mark.parametrize("source", ["[" * 5_000, "f(" * 5_000, "not " * 5_000, "count([" * 2_000, "x." * 5_000])
def test_depth_is_bounded(source):
    refusal(f'package r\ndeny contains "x" if a == {source}')


def test_a_huge_file_is_not_read():
    assert "more than" in refusal("package r\n" + "#" * tokens.MAX_CHARACTERS)


def test_a_body_is_bounded():
    body = "; ".join(repeat("input.n == 3", reader.MAX_STATEMENTS + 1))
    assert "statements in one body" in refusal(f'package r\ndeny contains "x" if {{ {body} }}')


PIECES = (
    *(
        "package r\n",
        "deny contains ",
        '"x"',
        " if ",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "input",
        ".a",
        " in ",
        "some x",
        "not ",
        "\n",
    ),
    *("every y", " == ", ":=", "count", "|", ",", ";", "1", '"', "\\", "#", "é", "\x00", "\r", "\ud800", "with", "_"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_any_text_is_judged_or_refused(pieces):
    source = "".join(chain(['package r\ndeny contains "x"\n'], pieces))
    assert answer(source, DOCUMENT) in {True, False, UNEVALUATED}
