from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rules import artifact_rule
from verifier.archives.pack import pack_members
from verifier.core.artifact import Artifact
from verifier.core.digest import Digest
from verifier.core.outcome import CouldNotCheck, Failed, NotApplicable, Passed
from verifier.core.rego import ModuleAnalysis
from verifier.evidence.attested import ProvenRelease
from verifier.evidence.inspection import Evidence, Inspection
from verifier.kinds.bundle.artifact import read_bundle
from verifier.kinds.bundle.capabilities import check, check_capabilities
from verifier.signatures.interface import SEAL, ProvenSigner
from verifier.trust.sections.capabilities import CapabilityRule
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.version import VersionUnchecked

DENY = ("http.send", "opa.runtime", "net.*")


def analysis(*builtins, package=("authz",), path="a.rego", **more):
    return ModuleAnalysis(path=path, package=package, builtins=frozenset(builtins), **more)


def found(outcome):
    return [(reason.code, reason.subject) for reason in outcome.reasons]


def test_harmless_modules_pass():
    assert check_capabilities([analysis("count", "upper")], deny=DENY, data={}) == Passed()


def test_a_denied_builtin_denies_by_module_and_name():
    modules = [analysis("http.send", "net.lookup_ip_addr", path="a.rego"), analysis("opa.runtime", path="b.rego")]
    outcome = check_capabilities(modules, deny=DENY, data={})
    assert isinstance(outcome, Failed)
    assert [(reason.code, reason.subject, reason.message.split(",")[0]) for reason in outcome.reasons] == [
        ("capability.denied", "a.rego", "calls http.send"),
        ("capability.denied", "a.rego", "calls net.lookup_ip_addr"),
        ("capability.denied", "b.rego", "calls opa.runtime"),
    ]


def test_without_a_capability_rule_nothing_is_denied():
    assert check_capabilities([analysis("http.send")], deny=None, data={}) == Passed()


def test_an_unanalysed_module_is_a_warning_without_a_capability_rule():
    outcome = check_capabilities([ModuleAnalysis(path="a.rego", problem="line 3")], deny=None, data={})
    assert isinstance(outcome, Passed)
    assert found(outcome) == [("bundle.rego-unanalysed", "a.rego")]


@pytest.mark.parametrize("deny", [DENY, ()])
def test_an_unanalysed_module_is_undecided_under_a_capability_rule(deny):
    outcome = check_capabilities([ModuleAnalysis(path="a.rego", problem="line 3")], deny=deny, data={})
    assert isinstance(outcome, CouldNotCheck)
    assert found(outcome) == [("capability.unanalysed", "a.rego")]


def test_a_module_of_unknown_package_is_not_passed_over():
    outcome = check_capabilities([ModuleAnalysis(path="a.rego")], deny=DENY, data={})
    assert found(outcome) == [("capability.unanalysed", "a.rego")]


@pytest.mark.parametrize("deny", [DENY, None])
def test_invalid_rego_denies(deny):
    outcome = check_capabilities([ModuleAnalysis(path="a.rego", problem="x", invalid=True)], deny=deny, data={})
    assert isinstance(outcome, Failed)
    assert found(outcome) == [("bundle.rego-invalid", "a.rego")]


def test_a_call_that_is_a_rule_of_another_module_is_proven():
    modules = [analysis(calls=frozenset({("lib", "f")})), analysis(package=("lib",), rules=frozenset({("lib", "f")}))]
    assert check_capabilities(modules, deny=DENY, data={}) == Passed()


@pytest.mark.parametrize(
    ("more", "named"),
    [({"calls": frozenset({("lib", "f")})}, "data.lib.f"), ({"unknown": ("myco.lookup",)}, "myco.lookup")],
)
def test_a_call_that_is_no_rule_and_no_builtin_leaves_its_module_unanalysed(more, named):
    modules = [analysis(**more), analysis(package=("lib",), path="b.rego", rules=frozenset({("lib", "g")}))]
    outcome = check_capabilities(modules, deny=(), data={})
    assert isinstance(outcome, CouldNotCheck)
    assert found(outcome) == [("capability.unanalysed", "a.rego")]
    assert named in outcome.reasons[0].message
    assert found(check_capabilities(modules, deny=None, data={})) == [("bundle.rego-unanalysed", "a.rego")]


def test_a_builtin_of_ones_own_that_the_policy_names_is_denied():
    outcome = check_capabilities([analysis(unknown=("myco.lookup", "myco.other"))], deny=("myco.lookup",), data={})
    assert found(outcome) == [("capability.denied", "a.rego"), ("capability.unanalysed", "a.rego")]
    assert "myco.lookup" not in outcome.reasons[1].message


@pytest.mark.parametrize(
    ("data", "taken"),
    [
        ({}, False),
        ({"authz": {"other": 1}}, False),
        ({"authz": {"allow": {}}}, True),
        ({"authz": {"allow": {"x": 1}}}, True),
        ({"authz": {"allow": None}}, True),
        ({"authz": [1]}, True),
        ({"authz": None}, True),
    ],
)
def test_a_rule_stands_where_no_data_are(data, taken):
    outcome = check_capabilities([analysis(whole=frozenset({("authz", "allow")}))], deny=None, data=data)
    assert outcome == Passed() if not taken else found(outcome) == [("bundle.data-conflict", "a.rego")]


def test_a_rule_stands_where_no_package_is():
    modules = [analysis(whole=frozenset({("authz", "lib")})), analysis(package=("authz", "lib"), path="b.rego")]
    outcome = check_capabilities(modules, deny=None, data={})
    assert found(outcome) == [("bundle.rego-invalid", "a.rego")]
    assert "b.rego" in outcome.reasons[0].message


def test_a_problem_that_many_modules_share_is_told_once():
    modules = [ModuleAnalysis(path=f"{index}.rego", problem="line 3") for index in range(5_000)]
    outcome = check_capabilities(modules, deny=(), data={})
    (reason,) = outcome.reasons
    assert (reason.code, reason.subject) == ("capability.unanalysed", "0.rego")
    assert "4999 more" in reason.message


NAMES = [("lib", "f"), ("a", "g"), ("nowhere", "h")]
MODULES = st.lists(
    st.builds(
        analysis,
        st.sampled_from(["count", "http.send"]),
        rules=st.frozensets(st.sampled_from(NAMES[:2])),
        calls=st.frozensets(st.sampled_from(NAMES)),
        unknown=st.sampled_from([(), ("myco.lookup",)]),
        problem=st.sampled_from(["", "line 3"]),
        invalid=st.booleans(),
    ),
    min_size=1,
    max_size=4,
).map(lambda modules: [each._replace(path=f"{at}.rego", problem=each.problem and f"{each.problem}{at}")
                       for at, each in enumerate(modules)])  # fmt: skip


def judged(module, deny, defined):
    """What is told of a module, by the rule as it is written down."""
    unanalysed = "bundle.rego-unanalysed" if deny is None else "capability.unanalysed"
    unproven = {*module.unknown, *(".".join(("data", *call)) for call in module.calls - defined)}
    if module.invalid or module.problem:
        codes = ["bundle.rego-invalid" if module.invalid else unanalysed]
    else:
        codes = ["capability.denied" for each in {*module.builtins, *unproven} if each in (deny or ())]
        codes += [unanalysed] * bool(unproven.difference(deny or ()))
    return [(code, module.path) for code in codes]


@given(MODULES, st.sampled_from([None, (), DENY, ("myco.lookup", "data.nowhere.h")]))
def test_every_module_is_judged_whatever_the_others_are(modules, deny):
    defined = frozenset().union(*(module.rules for module in modules))
    outcome = check_capabilities(modules, deny=deny, data={})
    assert sorted(found(outcome)) == sorted(each for module in modules for each in judged(module, deny, defined))


PLACES = st.lists(st.sampled_from("ab"), max_size=3).map(tuple)


def is_taken(data, place):
    return not place or not isinstance(data, dict) or (place[0] in data and is_taken(data[place[0]], place[1:]))


@given(
    st.lists(st.frozensets(PLACES, max_size=2), min_size=1, max_size=3),
    st.dictionaries(st.sampled_from("abc"), st.just(1) | st.dictionaries(st.sampled_from("ab"), st.just({}))),
)
def test_every_rule_whose_place_is_taken_is_told(wholes, data):
    modules = [analysis(package=("z",), path=f"{at}.rego", whole=whole) for at, whole in enumerate(wholes)]
    expected = [(each.path, place) for each in modules for place in sorted(each.whole) if is_taken(data, place)]
    reasons = check_capabilities(modules, deny=None, data=data).reasons
    assert [(each.code, each.subject) for each in reasons] == [("bundle.data-conflict", path) for path, _ in expected]


@given(st.lists(st.tuples(PLACES, st.frozensets(PLACES.filter(bool), max_size=3)), min_size=1, max_size=4))
def test_every_rule_whose_place_is_that_of_a_package_is_told(modules):
    analyses = [
        analysis(package=package, path=f"{at}.rego", whole=whole) for at, (package, whole) in enumerate(modules)
    ]
    packages = {package for package, _ in modules}
    expected = [each.path for each in analyses for _ in each.whole & packages]
    reasons = check_capabilities(analyses, deny=None, data={}).reasons
    assert [(each.code, each.subject) for each in reasons] == [("bundle.rego-invalid", path) for path in expected]


def test_all_that_is_wrong_is_told():
    modules = [analysis("http.send"), ModuleAnalysis(path="b.rego", problem="line 3")]
    outcome = check_capabilities(modules, deny=DENY, data={})
    assert {code for code, _ in found(outcome)} == {"capability.denied", "capability.unanalysed"}


def test_a_bundle_without_modules_has_no_capabilities():
    assert isinstance(check_capabilities([], deny=DENY, data={}), NotApplicable)


RULE = CapabilityRule(deny=DENY)


SIGNER = ProvenSigner(name="release", kind="key", fingerprint="f", algorithm="ES256", seal=SEAL)
SIGNED = ProvenRelease(signers=(SIGNER,), digest=Digest.of(b"release"), claims=None)


def inspect(*analyses, capabilities=RULE, artifact=None, releases=(SIGNED,)):
    members = [("a.rego", b"package a"), (".manifest", b'{"revision": "1", "roots": ["a"]}')]
    bundle = read_bundle(pack_members(members), name="authz", resource_uri="https://x/authz")
    rule = artifact_rule(
        "bundle:authz", SignatureRule(threshold=1, from_=("release",)), VersionUnchecked(), capabilities=capabilities
    )
    return Inspection(
        artifact=artifact or bundle,
        rule=rule,
        evidence=Evidence(analyses=analyses, releases=releases),
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )


def module_path():
    return inspect().artifact.modules[0].path


def test_the_check_reads_the_rule_and_the_analyses():
    assert check(inspect(analysis(package=("a",), path=module_path()))) == Passed()
    denied = check(inspect(analysis("http.send", package=("a",), path=module_path())))
    assert [code for code, _ in found(denied)] == ["capability.denied"]


def test_a_module_that_no_engine_was_given_is_undecided():
    assert found(check(inspect())) == [("capability.unanalysed", module_path())]


def test_what_nobody_has_signed_is_not_judged_by_what_it_calls():
    assert isinstance(check(inspect(releases=())), NotApplicable)


def test_without_a_rule_a_module_that_no_engine_was_given_is_a_warning():
    outcome = check(inspect(capabilities=None))
    assert isinstance(outcome, Passed)
    assert found(outcome) == [("bundle.rego-unanalysed", module_path())]


def test_what_is_no_bundle_has_no_modules():
    image = Artifact(kind="image", name="x", resource_uri="", digest=Digest.of(b""), content=b"")
    assert isinstance(check(inspect(artifact=image)), NotApplicable)
