"""What a policy asks beyond signatures and versions, as stories: sections, capabilities, rules, limits."""

import pytest

from tests.support.rules import Unheard
from tests.support.stories import (
    EMBEDDED,
    MODULE,
    RULES,
    SCOPE,
    StubbornEngine,
    archive,
    codes,
    policy,
    signed,
    verify,
    warnings,
)
from verifier.archives.pack import pack_members
from verifier.core.limits import DEFAULT_LIMITS
from verifier.core.value import replace
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.trust.sections.capabilities import CapabilityRule
from verifier.trust.sections.organisation import OrganisationRule


@pytest.fixture
def ledger(tmp_path):
    create_ledger(tmp_path / "ledger.db")
    with open_ledger(tmp_path / "ledger.db") as opened:
        yield opened


def test_an_artifact_without_a_rule_is_denied_unread(tmp_path):
    (tmp_path / "garbage").write_bytes(b"garbage")
    verdict = verify(tmp_path / "garbage", name="other").verdict
    assert (codes(verdict), verdict.subject.digest) == (["trust.no-policy"], None)


def test_a_path_that_leads_nowhere_is_said_beside_the_missing_rule(tmp_path):
    verdict = verify(tmp_path / "does-not-exist", name="other").verdict
    assert (codes(verdict), verdict.undecided) == (["trust.no-policy", "input.unreadable"], False)


@pytest.mark.parametrize("name", ["authz@edge", "auth*", " authz", "authz\x1b[2J", ""])
def test_a_name_that_could_be_taken_for_another_has_no_rule(name):
    assert codes(verify(name=name).verdict) == ["trust.no-policy"]


def test_a_section_that_is_not_evaluated_denies():
    verdict = verify(trust=policy(unheard=Unheard())).verdict
    assert (codes(verdict), verdict.undecided) == (["policy.unevaluated"], True)
    assert "`unheard`" in verdict.reasons[0].message


def test_something_undecided_beside_something_wrong_is_wrong():
    verdict = verify(archive(), policy(unheard=Unheard())).verdict
    assert codes(verdict) == ["policy.unevaluated", "signature.missing"]
    assert (verdict.passed, verdict.undecided) == (False, False)


def test_a_capability_rule_without_an_engine_denies():
    verdict = verify(trust=policy(capabilities=CapabilityRule(deny=("http.send",))), rego=None).verdict
    assert (codes(verdict), verdict.undecided) == (["capability.unanalysed"], True)


def test_a_denied_capability_is_denied():
    trust = policy(capabilities=CapabilityRule(deny=("net.*",)))
    assert verify(trust=trust, rego=StubbornEngine(builtins=["count"])).verdict.passed
    verdict = verify(trust=trust, rego=StubbornEngine(builtins=["net.lookup_ip_addr"])).verdict
    assert codes(verdict) == ["capability.denied"]


@pytest.mark.parametrize("name", ["policy_wasm", "plan_json"])
def test_what_was_compiled_cannot_be_analysed_and_denies_where_the_policy_asks(name):
    content = signed(archive(**{name: b"{}"}))
    asked = policy(capabilities=CapabilityRule(deny=("http.send",)))
    ruled = policy(organisation=(RULES.path,))
    assert codes(verify(content, asked, rego=StubbornEngine()).verdict) == ["capability.unanalysed"]
    assert codes(verify(content, ruled, rego=StubbornEngine()).verdict) == ["organisation.unevaluated"]
    assert verify(content).verdict.passed


def test_rules_that_opa_shall_judge_are_denied_where_there_is_none():
    verdict = verify(trust=policy(organisation=(RULES.path,))).verdict
    assert set(codes(verdict)) == {"organisation.unevaluated"}
    assert verdict.undecided
    assert "is judged by OPA 1, and no OPA was found here" in [reason.message for reason in verdict.reasons]


def test_rules_that_opa_shall_judge_are_not_judged_by_the_embedded_engine():
    source = replace(RULES, source='package release\n\ndeny contains "no" if input.name == "other"\n')
    ruled = replace(policy(organisation=(RULES.path,)), organisation=(source,))
    assert set(codes(verify(trust=ruled).verdict)) == {"organisation.unevaluated"}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("count(input.signers) == 0", []),
        ("count(input.signers) == 1", ["organisation.denied"]),
        ("input.artifact.size < null", ["organisation.unevaluated"]),
        ("input.bundle.metadata.level < 5", ["organisation.unevaluated"]),
        ('semver.compare(input.artifact.version, "0.9.0") == 1', ["organisation.unevaluated"]),
    ],
)
def test_the_embedded_engine_judges_where_the_policy_asks_for_it(condition, expected):
    module = replace(RULES, source=f'package release\n\ndeny contains "no" if {condition}\n')
    manifest = b'{"revision": "1.0.0", "roots": ["authz"], "metadata": {"level": null}}'
    content = signed(pack_members([(".manifest", manifest), ("authz/policy.rego", MODULE)]))
    ruled = replace(policy(organisation=EMBEDDED), organisation=(module,))
    assert codes(verify(content, ruled, rego=StubbornEngine(), judges={}).verdict) == expected


def test_the_series_is_what_the_policy_pins():
    class Pinned(StubbornEngine):
        def evaluate(self, rules, *, document, series=""):  # noqa: ARG002 - the series is what is looked at
            return super().evaluate(rules, document={"series": series})

    engine = Pinned()
    section = OrganisationRule(paths=(RULES.path,), opa_version="1.22")
    verify(trust=policy(organisation=section), rego=engine)
    assert engine.documents == [{"series": "1.22"}]


def test_an_organisation_rule_denies_with_its_message_and_file():
    engine = StubbornEngine(denials=["not on a Friday"])
    verdict = verify(trust=policy(organisation=(RULES.path,)), rego=engine).verdict
    (reason,) = [reason for reason in verdict.reasons if reason.is_error]
    assert (reason.code, reason.subject) == ("organisation.denied", RULES.path)
    assert "not on a Friday" in reason.message


def test_organisation_rules_see_what_was_found_before_them(ledger):
    engine = StubbornEngine()
    verify(trust=policy(organisation=(RULES.path,)), rego=engine, ledger=ledger, record=True)
    verify(archive("0.9.0"), policy(organisation=(RULES.path,)), rego=engine, ledger=ledger)
    first, second = engine.documents
    assert first["signers"][0]["name"] == "p256"
    assert first["ledger"] == {"scope": SCOPE, "before": None}
    assert second["ledger"] == {"scope": SCOPE, "before": "0:1.0.0"}
    assert {reason["code"] for reason in second["reasons"]} == {"signature.missing", "version.rollback"}


def test_a_raised_limit_is_in_every_report():
    raised = replace(DEFAULT_LIMITS, members=DEFAULT_LIMITS.members + 1)
    verdict = verify(trust=policy(limits=raised)).verdict
    assert (verdict.passed, "policy.raised-limit" in warnings(verdict)) == (True, True)


def test_a_lowered_limit_binds():
    content = signed()
    lowered = replace(DEFAULT_LIMITS, members=2)
    assert codes(verify(content, policy(limits=lowered)).verdict) == ["archive.too-many-members"]
