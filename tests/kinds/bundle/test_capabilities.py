from datetime import UTC, datetime

import pytest

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
from verifier.trust.demands import CapabilityRule
from verifier.trust.model import ArtifactRule, SignatureRule, VersionUnchecked

DENY = ("http.send", "opa.runtime", "net.*")
ALL = ("",)


def analysis(*builtins, package=("authz",), path="a.rego", **more):
    return ModuleAnalysis(path=path, package=package, builtins=frozenset(builtins), **more)


def found(outcome):
    return [(reason.code, reason.subject) for reason in outcome.reasons]


def test_harmless_modules_pass():
    assert check_capabilities([analysis("count", "upper")], deny=DENY, roots=ALL) == Passed()


def test_a_denied_builtin_denies_by_module_and_name():
    modules = [analysis("http.send", "net.lookup_ip_addr", path="a.rego"), analysis("opa.runtime", path="b.rego")]
    outcome = check_capabilities(modules, deny=DENY, roots=ALL)
    assert isinstance(outcome, Failed)
    assert [(reason.code, reason.subject, reason.message.split(",")[0]) for reason in outcome.reasons] == [
        ("capability.denied", "a.rego", "calls http.send"),
        ("capability.denied", "a.rego", "calls net.lookup_ip_addr"),
        ("capability.denied", "b.rego", "calls opa.runtime"),
    ]


def test_without_a_capability_rule_nothing_is_denied():
    assert check_capabilities([analysis("http.send")], deny=None, roots=ALL) == Passed()


def test_an_unanalysed_module_is_a_warning_without_a_capability_rule():
    outcome = check_capabilities([ModuleAnalysis(path="a.rego", problem="line 3")], deny=None, roots=ALL)
    assert isinstance(outcome, Passed)
    assert found(outcome) == [("bundle.rego-unanalysed", "a.rego")]


@pytest.mark.parametrize("deny", [DENY, ()])
def test_an_unanalysed_module_is_undecided_under_a_capability_rule(deny):
    outcome = check_capabilities([ModuleAnalysis(path="a.rego", problem="line 3")], deny=deny, roots=ALL)
    assert isinstance(outcome, CouldNotCheck)
    assert found(outcome) == [("capability.unanalysed", "a.rego")]


def test_a_module_of_unknown_package_is_not_passed_over():
    outcome = check_capabilities([ModuleAnalysis(path="a.rego")], deny=DENY, roots=ALL)
    assert found(outcome) == [("capability.unanalysed", "a.rego")]


@pytest.mark.parametrize("deny", [DENY, None])
def test_invalid_rego_denies(deny):
    outcome = check_capabilities([ModuleAnalysis(path="a.rego", problem="x", invalid=True)], deny=deny, roots=ALL)
    assert isinstance(outcome, Failed)
    assert found(outcome) == [("bundle.rego-invalid", "a.rego")]


@pytest.mark.parametrize(
    ("roots", "package", "inside"),
    [
        (("",), ("a",), True),
        (("a",), ("a",), True),
        (("a",), ("a", "b"), True),
        (("b", "a/b"), ("a", "b", "c"), True),
        (("a/b",), ("a",), False),
        (("a",), ("ab",), False),
        (("a/b",), ("a", "bc"), False),
        (("a/b",), ("a", "b/c"), False),
        (("a/b%2Fc",), ("a", "b/c"), True),
        ((), ("a",), False),
    ],
)
def test_a_package_lies_under_a_root_by_whole_segments(roots, package, inside):
    outcome = check_capabilities([analysis(package=package)], deny=None, roots=roots)
    assert outcome == Passed() if inside else found(outcome) == [("manifest.outside-roots", "a.rego")]


def test_all_that_is_wrong_is_told():
    modules = [analysis("http.send", package=("other",)), ModuleAnalysis(path="b.rego", problem="line 3")]
    outcome = check_capabilities(modules, deny=DENY, roots=("authz",))
    assert {code for code, _ in found(outcome)} == {
        "capability.denied",
        "manifest.outside-roots",
        "capability.unanalysed",
    }


def test_a_bundle_without_modules_has_no_capabilities():
    assert isinstance(check_capabilities([], deny=DENY, roots=ALL), NotApplicable)


RULE = CapabilityRule(deny=DENY)


SIGNER = ProvenSigner(name="release", kind="key", fingerprint="f", algorithm="ES256", seal=SEAL)
SIGNED = ProvenRelease(signers=(SIGNER,), digest=Digest.of(b"release"), claims=None)


def inspect(*analyses, capabilities=RULE, artifact=None, releases=(SIGNED,)):
    members = [("a.rego", b"package a"), (".manifest", b'{"revision": "1", "roots": ["a"]}')]
    bundle = read_bundle(pack_members(members), name="authz", resource_uri="https://x/authz")
    rule = ArtifactRule(
        pattern="bundle:authz",
        signatures=SignatureRule(threshold=1, from_=("release",)),
        version=VersionUnchecked(),
        capabilities=capabilities,
    )
    return Inspection(
        artifact=artifact or bundle,
        rule=rule,
        evidence=Evidence(analyses=analyses, releases=releases),
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )


def module_path():
    return inspect().artifact.modules[0].path


def test_the_check_reads_the_rule_the_roots_and_the_analyses():
    assert check(inspect(analysis(package=("a",), path=module_path()))) == Passed()
    outside = check(inspect(analysis("http.send", package=("b",), path=module_path())))
    assert [code for code, _ in found(outside)] == ["capability.denied", "manifest.outside-roots"]


def test_a_module_that_no_engine_was_given_is_undecided():
    assert found(check(inspect())) == [("capability.unanalysed", module_path())]


def test_what_nobody_has_signed_is_not_judged_by_what_it_calls():
    assert isinstance(check(inspect(releases=())), NotApplicable)


def test_without_a_rule_and_without_an_engine_there_is_nothing_to_judge():
    assert isinstance(check(inspect(capabilities=None)), NotApplicable)


def test_what_is_no_bundle_has_no_modules():
    image = Artifact(kind="image", name="x", resource_uri="", digest=Digest.of(b""), content=b"")
    assert isinstance(check(inspect(artifact=image)), NotApplicable)
