"""The example policies' own tests, under rego-cpp: every `test_*` rule is there, and is true."""

import json

import pytest

from tests.support.places import ROOT
from tests.support.rego import compiler
from verifier.core.outcome import Passed
from verifier.core.rego import RegoModule
from verifier.kinds.bundle.capabilities import check_capabilities
from verifier.rego.regocpp import RegoCppEngine

compiler.require()
from verifier.rego.worker import Plan  # noqa: E402 - which does not load without its compiler

POLICIES = ROOT / "policies"
DENY = ("http.send", "opa.runtime", "net.*")


def compiled():
    plan = Plan.of([path.read_text() for path in sorted(POLICIES.rglob("*.rego"))])
    plan.interpreter.strict_built_in_errors = True
    plan.interpreter.add_data({"roles": json.loads((POLICIES / "bundle/roles/data.json").read_text())})
    return plan


TESTS = [".".join(path) for path in compiled().rules_of(()) if path[-1].startswith("test_")]


@pytest.fixture(scope="module")
def interpreter():
    plan = compiled()
    plan.interpreter.set_input_term("{}")
    return plan.interpreter


@pytest.mark.parametrize("name", TESTS)
def test_rego(name, interpreter):
    output = interpreter.query(f"data.{name}")
    assert output.ok()
    assert str(output) == '{"expressions":[true]}'


def test_there_are_tests_of_both_packages():
    assert {name.partition(".")[0] for name in TESTS} == {"authz_test", "release_test"}
    assert len(TESTS) >= 20


def test_a_test_that_is_false_would_be_seen(interpreter):
    assert str(interpreter.query("data.authz.allow == false")) == '{"expressions":[true]}'
    assert str(interpreter.query("data.authz.allow")) == "undefined"
    assert str(interpreter.query("data.authz_test.test_that_does_not_exist")) == "undefined"


def test_the_shipped_modules_pass_the_example_capabilities():
    paths = sorted((POLICIES / "bundle").rglob("*.rego"))
    analyses = RegoCppEngine().analyse([RegoModule(path=path.name, source=path.read_text()) for path in paths])
    assert check_capabilities(analyses, deny=DENY, data={"roles": {}}) == Passed()


def test_no_tests_are_shipped():
    assert not list((POLICIES / "bundle").rglob("*_test.rego"))
