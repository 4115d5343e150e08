from verifier.checks.organisation import check_organisation
from verifier.core.errors import refuse
from verifier.core.outcome import CouldNotCheck, Failed, Passed
from verifier.core.rego import ModuleAnalysis
from verifier.rego.interface import OrganisationDenial

DENIAL = OrganisationDenial(rule="data.release.deny", path="rego/release.rego", message="no")
ANALYSED = ModuleAnalysis(path="a.rego", package=("a",))
UNANALYSED = ModuleAnalysis(path="b.rego", problem="line 3: unclosed")


def test_no_denials_pass():
    assert check_organisation([], analyses=[ANALYSED]) == Passed()


def test_each_denial_denies():
    outcome = check_organisation([DENIAL, DENIAL], analyses=[ANALYSED])
    assert isinstance(outcome, Failed)
    assert [(r.code, r.subject, r.message) for r in outcome.reasons] == [
        ("organisation.denied", "rego/release.rego", "data.release.deny: no")
    ] * 2


def test_rules_that_were_not_evaluated_are_undecided():
    outcome = check_organisation(refuse("organisation.unevaluated", "r.rego", "took too long"), analyses=[ANALYSED])
    assert isinstance(outcome, CouldNotCheck)
    assert [reason.code for reason in outcome.reasons] == ["organisation.unevaluated"]


def test_rules_over_a_module_that_nobody_could_read_are_undecided():
    outcome = check_organisation([], analyses=[ANALYSED, UNANALYSED])
    assert isinstance(outcome, CouldNotCheck)
    assert [(reason.code, reason.subject) for reason in outcome.reasons] == [("organisation.unevaluated", "b.rego")]


def test_a_denial_outweighs_what_is_undecided():
    assert isinstance(check_organisation([DENIAL], analyses=[UNANALYSED]), Failed)
