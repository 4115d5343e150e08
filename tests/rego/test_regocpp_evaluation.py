"""Organisation rules under rego-cpp: what denies, and what is refused because a pass would mean nothing."""

import pytest

from tests.support.patience import FOR_EVER_S
from verifier.core.errors import Refused
from verifier.core.rego import RegoModule
from verifier.rego.interface import OrganisationDenial
from verifier.rego.regocpp import RegoCppEngine

pytestmark = pytest.mark.rego
DOCUMENT = {"name": "authz", "size": 2**70, "quote": 'a "b" \\ \u2028 {x}', "tags": ["x", None, 1.5], "nul": "a\x00b"}


def evaluate(*sources, document=DOCUMENT, **limits):
    rules = [RegoModule(path=f"{index}.rego", source=source) for index, source in enumerate(sources)]
    return RegoCppEngine(**({"timeout_s": FOR_EVER_S} | limits)).evaluate(rules, document=document)


def refusal(*sources, **limits):
    with pytest.raises(Refused) as caught:
        evaluate(*sources, **limits)
    (reason,) = caught.value.reasons
    assert reason.code == "organisation.unevaluated"
    return reason.message


def test_each_member_of_deny_is_a_denial():
    found = evaluate('package release\ndeny contains "no" if input.name == "authz"\ndeny contains "never"')
    assert set(found) == {
        OrganisationDenial(rule="data.release.deny", path="0.rego", message="no"),
        OrganisationDenial(rule="data.release.deny", path="0.rego", message="never"),
    }


def test_no_member_is_no_denial():
    assert evaluate('package release\ndeny contains "no" if input.name == "other"') == ()


def test_every_package_that_denies_is_evaluated():
    found = evaluate(
        'package a\nimport data.lib\ndeny contains "a" if lib.yes(input)',
        'package b.c\ndeny contains "b"',
        "package lib\nyes(x) if x.name",
    )
    assert {(denial.rule, denial.path) for denial in found} == {
        ("data.a.deny", "0.rego"),
        ("data.b.c.deny", "1.rego"),
    }


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ('deny contains {"msg": "told"}', "told"),
        ('deny contains {"reason": "other"}', '{"reason": "other"}'),
        ("deny contains 3", "3"),
        ('deny[msg] { msg := "in v0" }', "in v0"),
        ('deny := {"a set"}', "a set"),
        ("deny contains input.quote", DOCUMENT["quote"]),
        ("deny contains input.nul", DOCUMENT["nul"]),
    ],
)
def test_a_denial_may_be_written_as(rule, message):
    (denial,) = evaluate(f"package release\n{rule}")
    assert denial.message == message


def test_the_document_arrives_whole():
    held = f"input == {{{', '.join(sorted(f'{chr(34)}{key}{chr(34)}: input.{key}' for key in DOCUMENT))}}}"
    big = f"input.size == {2**70}"
    assert len(evaluate(f'package release\ndeny contains "whole" if {{ {held}; {big} }}')) == 1


def test_allow_means_nothing():
    assert len(evaluate('package release\nallow := true\ndefault allow := true\ndeny contains "no"')) == 1


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ('deyn contains "typo"', "defines no deny rule in package release"),
        ("deny := true", "data.release.deny is true, not a set of messages"),
        ('deny := "no"', 'data.release.deny is "no", not a set of messages'),
        ("deny.inner contains 1", 'data.release.deny is {"inner": [1]}, not a set of messages'),
        ("deny := {1} if input.name == 3", 'data["release"]["deny"] is undefined'),
        ("k := input.name\nk := 2\ndeny contains 1 if k == 2", "complete rules must not produce multiple outputs"),
        ('deny contains "x" if to_number("x") == 2', "invalid syntax"),
        ('deny contains "x" if 1 / 0 == 2', "divide by zero"),
        ("deny contains 1 if {{{", "unclosed"),
    ],
)
def test_an_evaluation_that_means_nothing_is_refused(rule, message):
    assert message in refusal(f"package release\n{rule}")


@pytest.mark.parametrize(
    "condition", ["inptu.name == 1", "x == 1", "not inptu.name", "other[y]", "input.name == z", "count([q]) == 1"]
)
def test_a_variable_without_a_value_is_refused(condition):
    assert "uses a variable that nothing gives a value" in refusal(f'package r\ndeny contains "m" if {{ {condition} }}')


def test_a_message_without_a_value_is_refused():
    assert "a variable that nothing gives a value" in refusal("package r\ndeny contains msg if input.name")


@pytest.mark.parametrize("name", ["data.lib.nope", "foo.bar", "trace"])
def test_a_call_of_what_does_not_exist_is_refused(name):
    message = refusal(f'package r\ndeny contains "m" if {name}("x")')
    assert message == f"calls {name}, which is not a function that this engine has"


@pytest.mark.parametrize(
    "call",
    [
        'http.send({"url": "http://x"})',
        "opa.runtime()",
        'net.lookup_ip_addr("x")',
        "time.now_ns()",
        'rand.intn("x", 5)',
        'uuid.rfc4122("x")',
    ],
)
def test_a_rule_that_reaches_out_is_refused_before_it_runs(call):
    message = refusal(f"package r\nf(x) := {call}\ndeny contains 1 if false")
    assert message == f"calls {call.partition('(')[0]}; a rule may read nothing but the evidence document"


def test_no_rules_are_refused():
    assert refusal() == "there are no rules to evaluate"


def test_a_rule_that_never_ends_is_refused():
    loops = "; ".join(f"some {name} in numbers.range(1, 2000)" for name in "abcd")
    message = refusal(f"package r\ndeny contains 1 if {{ count({{[a, b, c, d] | {loops}}}) > 1 }}", timeout_s=2.0)
    assert message == "ended the compiler, which did not end in time"


def test_a_rule_that_eats_the_memory_is_refused():
    rule = "package r\ndeny contains 1 if count(numbers.range(1, 100000000)) > 1"
    assert refusal(rule, memory_bytes=128 * 1024 * 1024) == "needed more than 128 MiB of memory"


def test_a_rule_cannot_read_the_environment(monkeypatch):
    monkeypatch.setenv("SECRET", "hunter2")
    assert "calls opa.runtime" in refusal("package r\ndeny contains x if x := opa.runtime().env.SECRET")
