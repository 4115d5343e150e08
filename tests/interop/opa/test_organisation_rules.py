"""Organisation rules under a real OPA, as the policy names it: what denies, what is refused, and what they may call."""

import json
import subprocess

import pytest

from tests.support.peers.peers import executable
from tests.support.places import ROOT
from verifier.core.errors import Refused
from verifier.core.rego import RegoModule
from verifier.rego.builtins import AMBIENT, PURE, matches
from verifier.rego.children import opa_command
from verifier.rego.organisation.embedded.engine import EmbeddedEngine
from verifier.rego.organisation.opa_rules import OpaRules

pytestmark = pytest.mark.interop
RELEASE = RegoModule(path="release.rego", source=(ROOT / "policies/rego/release.rego").read_text())
DOCUMENT = {"n": 1, "big": 2**70, "text": 'a "b" \\ \u2028'}


@pytest.fixture(scope="module")
def program():
    return executable("opa", "OPA")


@pytest.fixture(scope="module")
def opa(program):
    return OpaRules(executable=program)


def rules(*sources):
    return [RegoModule(path=f"{index}.rego", source=source) for index, source in enumerate(sources)]


def refusal(opa, source, *, document=DOCUMENT, series="1"):
    with pytest.raises(Refused) as caught:
        opa.evaluate(rules(source), document=document, series=series)
    (reason,) = caught.value.reasons
    assert (reason.code, reason.subject) == ("organisation.unevaluated", "0.rego")
    return reason.message


DENYING = {
    "denies": ('deny contains "no" if input.n == 1', ["no"]),
    "does not deny": ('deny contains "no" if input.n == 2', []),
    "objects": ('deny contains {"msg": "told"}', ["told"]),
    "a complete set": ('deny := {"a", "b"}', ["a", "b"]),
    "large numbers": ('deny contains "same" if input.big == 1180591620717411303424', ["same"]),
    "functions": ('f(x) := y if y := x + 1\ndeny contains "two" if f(input.n) == 2', ["two"]),
    "quotes": ("deny contains input.text", ['a "b" \\ \u2028']),
    "versions": ('deny contains "newer" if semver.compare("1.10.0", "1.9.0") == 1', ["newer"]),
    "null, which is below every number": ('deny contains "low" if null < input.n', ["low"]),
}


@pytest.mark.parametrize("name", DENYING)
def test_opa_denies(opa, name):
    source, messages = DENYING[name]
    found = opa.evaluate(rules(f"package release\n{source}"), document=DOCUMENT, series="1")
    assert sorted(denial.message for denial in found) == messages
    assert {(denial.rule, denial.path) for denial in found} <= {("data.release.deny", "0.rego")}


REFUSED = {
    "a typo": ("deyn contains 1", "defines no deny rule"),
    "a boolean": ("deny := true", "data.release.deny is true, not a set of messages"),
    "undefined": ("deny := {1} if input.n == 2", 'data["release"]["deny"] is undefined'),
    "unsafe": ("deny contains msg if input.n", "line 2: var msg is unsafe"),
    "an unknown function": ("deny contains 1 if nope(1)", "line 2: undefined function nope"),
    "a failing builtin": ('deny contains 1 if to_number("x") == 1', "line 2: to_number"),
    "two values": ("k := input.n\nk := 2\ndeny contains 1 if k", "produced conflicting values"),
    "recursion": ("k := j\nj := k\ndeny contains 1 if k", "rule data.release.k is recursive"),
    "invalid": ("deny contains 1 if {{{", "line 2"),
    "Rego v0": ("deny[msg] { msg := 1 }", "line 2"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_evaluation_that_means_nothing_is_refused(opa, name):
    source, message = REFUSED[name]
    assert message in refusal(opa, f"package release\n{source}")


@pytest.mark.parametrize(
    "call",
    [
        'http.send({"url": "http://127.0.0.1:1"})',
        "opa.runtime()",
        'net.lookup_ip_addr("x")',
        'net.cidr_contains("10.0.0.0/8", "10.0.0.1")',
        "time.now_ns()",
        'rand.intn("x", 5)',
        'uuid.rfc4122("x")',
        'json.match_schema({}, {"$ref": "http://127.0.0.1:1"})',
        'crypto.x509.parse_and_verify_certificates("")',
        'rego.parse_module("a", "package a")',
        'io.jwt.encode_sign({}, {}, {})',
    ],
)  # fmt: skip
def test_a_rule_that_reaches_out_is_not_compiled(opa, call):
    name = call.partition("(")[0]
    message = refusal(opa, f'package r\nf(x) := {call}\ndeny contains "x" if input.n == 9')
    assert message == f"line 2: calls {name}; a rule may read nothing but the evidence document"


def test_a_schema_is_not_fetched(opa):
    source = 'package r\n# METADATA\n# schemas:\n#   - input: {"$ref": "http://127.0.0.1:1/x"}\ndeny contains "x"'
    assert refusal(opa, source)


@pytest.mark.parametrize("series", ["1.21", "1.2", "1.22.9", "1.220"])
def test_an_opa_of_another_series_judges_nothing(opa, program, series):
    version = subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout.split()[1]
    message = refusal(opa, 'package r\ndeny contains "x"', series=series)
    assert message == f"are judged by OPA {series}, and the `opa` that was found is {version}"


def test_an_opa_of_the_series_is_named_once_it_has_compiled(opa, program):
    version = subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout.split()[1]
    for series in ("1", version.rpartition(".")[0], version):
        assert opa.check([RELEASE], series=series) == version


@pytest.mark.parametrize("evidence", [{"a": "\ud800"}, {"a": float("nan")}, {"a": float("inf")}])
def test_evidence_that_opa_would_read_otherwise_is_not_given_to_it(opa, evidence):
    assert "no text or no number to OPA" in refusal(opa, 'package r\ndeny contains "x"', document=evidence)


def test_what_this_opa_has_and_rules_may_not_call_is_known_to_reach_out(program):
    """Should this fail, a new OPA has brought builtins: they are to be looked at, and listed."""
    told = subprocess.run([program, "capabilities", "--current"], capture_output=True, check=True).stdout
    builtins = {each["name"]: each for each in json.loads(told)["builtins"]}
    assert {name for name in builtins.keys() - PURE if not matches(name, AMBIENT)} <= {"internal.test_case"}
    assert [name for name in PURE & builtins.keys() if builtins[name].get("nondeterministic")] == []


def test_the_environment_changes_nothing(opa, monkeypatch):
    monkeypatch.setenv("OPA_EVAL_FORMAT", "raw")
    monkeypatch.setenv("OPA_DATA", "/")
    monkeypatch.setenv("HOME", "/nowhere")
    assert len(opa.evaluate(rules('package r\ndeny contains "x"'), document={}, series="1")) == 1


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
        release(files=[{"path": "a_test.rego"}, {"path": "k.PEM"}, {"path": "Äh.KEY"}]),
        release(modules=[{"path": "a.rego", "package": None, "builtins": [], "analysed": False}]),
        release(modules=[{"path": "a.rego", "package": ["system"], "builtins": ["net.x"], "analysed": True}]),
        {**release(), "signers": []},
        {**release(), "reasons": [{"code": "version.unchecked"}]},
    ],
)
def test_the_release_rules_mean_the_same_to_both(opa, document):
    ours = EmbeddedEngine().evaluate([RELEASE], document=document)
    assert sorted(denial.message for denial in ours) == sorted(
        denial.message for denial in opa.evaluate([RELEASE], document=document, series="1")
    )


def test_a_rule_that_never_ends_is_refused(opa, monkeypatch):
    monkeypatch.setattr(opa_command, "SLOWEST_S", 2.0)
    loops = "; ".join(f"some {name} in numbers.range(1, 2000)" for name in "abcd")
    source = f"package r\ndeny contains 1 if {{ count({{[a, b, c, d] | {loops}}}) > 1 }}"
    message = refusal(opa, source)
    assert message.startswith("opa eval ")
    assert message.endswith(("did not end in time", "needed more memory than it may have"))


def test_a_rule_that_eats_the_memory_is_refused(opa):
    doubled = "\n".join(f"x{n} := array.concat(x{n - 1}, x{n - 1})" for n in range(1, 36))
    message = refusal(opa, f"package r\nx0 := [1]\n{doubled}\ndeny contains 1 if count(x35) > 1")
    assert message == "opa eval needed more memory than it may have"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("echo Version: 1.22.0-dev", "is 1.22.0-dev"),
        ("echo nothing", "does not say its version"),
        ("exit 1", "opa version ended with status 1"),
        ("kill -9 $$", "opa version was ended by SIGKILL"),
        ('case "$1" in version) echo Version: 1.22.0;; *) echo "[]";; esac', "explained nothing"),
        ('case "$1" in version) echo Version: 1.22.0;; *) echo "{}";; esac', "names no builtins"),
    ],
)
def test_what_only_calls_itself_opa_judges_nothing(tmp_path, said, message):
    fake = tmp_path / "opa"
    fake.write_text(f"#!/bin/sh\n{said}\n")
    fake.chmod(0o755)
    assert message in refusal(OpaRules(executable=str(fake)), 'package r\ndeny contains "x"')


def test_an_opa_that_is_not_there_judges_nothing():
    assert "could not be started" in refusal(OpaRules(executable="/nowhere/opa"), 'package r\ndeny contains "x"')
