"""Thresholds: who counts, how often, and what becomes of the rest."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from tests.support.inspections import denials, inspect, reported
from tests.support.material import NOW, signer
from tests.support.stories import archive, detached, policy, signed
from verifier.archives.archive import read_archive
from verifier.archives.pack import replace_member
from verifier.checks.signatures import check
from verifier.core.document import Document
from verifier.core.limits import DEFAULT_LIMITS
from verifier.core.outcome import CouldNotCheck, Passed, Reason
from verifier.core.reading import ReadingMode
from verifier.evidence.inspection import Evidence
from verifier.formats.intoto.statement import Statement
from verifier.trust.sections.signatures import SignatureRule


def refusals(*codes):
    return tuple(Reason(code=code, subject="s", message="m") for code in codes)


def test_one_allowed_signature_is_enough_where_the_threshold_is_one():
    assert check(inspect()) == Passed()


def test_no_signature_at_all_is_denied():
    assert denials(check(inspect(archive()))) == ["signature.missing"]


def test_evidence_without_a_signer_never_passes_whatever_the_rule_says():
    inspection = replace(inspect(), evidence=Evidence())
    nobody = replace(SignatureRule.of(inspection.rule), threshold=0)
    assert denials(check(replace(inspection, rule=inspection.rule.having(nobody)))) == ["signature.missing"]


def test_notes_and_warnings_alone_are_no_signature():
    said = (*refusals("attestation.ignored"), refusals("signer.untrusted")[0].as_warning())
    assert denials(check(replace(inspect(), evidence=Evidence(detached_refusals=said)))) == ["signature.missing"]


def test_a_signer_the_rule_does_not_name_is_denied():
    assert denials(check(inspect(signed(), policy("p384")))) == ["signer.untrusted"]


def test_a_key_under_the_wrong_name_is_denied():
    assert denials(check(inspect(signed(keyid="p256"), policy(signers=(signer("p256", "p384"),))))) in (
        ["signature.invalid"],
        ["signature.algorithm-mismatch"],
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"revoked": True}, "signer.revoked"),
        ({"not_after": NOW - timedelta(seconds=1)}, "signer.expired"),
        ({"not_before": NOW + timedelta(seconds=1)}, "signer.not-yet-valid"),
    ],
)
def test_a_signer_who_may_not_be_believed_now_does_not_count(change, code):
    assert denials(check(inspect(trust=policy(signers=(signer("p256", **change),))))) == [code]


@pytest.mark.parametrize("change", [{"not_after": NOW}, {"not_before": NOW}])
def test_the_ends_of_a_validity_are_inclusive(change):
    assert check(inspect(trust=policy(signers=(signer("p256", **change),)))) == Passed()


def test_too_few_distinct_signers_are_denied_and_named():
    outcome = check(inspect(trust=policy("p256", "p384", threshold=2)))
    assert denials(outcome) == ["signature.threshold-not-met"]
    assert "1 of 2" in outcome.reasons[-1].message
    assert "p256" in outcome.reasons[-1].message


def test_one_key_under_two_names_counts_once():
    content = archive()
    both = policy(signers=(signer("a", "ed25519"), signer("b", "ed25519"), signer("p256")), threshold=2)
    documents = tuple(
        Document(name=name, content=detached(content, "ed25519").content.replace(b'"ed25519"', b'"%s"' % name.encode()))
        for name in ("a", "b")
    )
    inspection = inspect(content, both, documents=documents)
    assert [proven.name for proven in inspection.evidence.signers] == ["a", "b"]
    assert denials(check(inspection)) == ["signature.threshold-not-met"]


def test_several_detached_signers_meet_the_threshold_without_an_embedded_one():
    content = archive()
    documents = (detached(content, "ed25519"), detached(content, "p384"))
    assert check(inspect(content, policy("ed25519", "p384", threshold=2), documents=documents)) == Passed()


def test_what_does_not_verify_denies_below_the_threshold_and_is_reported_above_it():
    content = signed()
    stranger = detached(content, "ed25519")
    met = check(inspect(content, documents=(stranger,)))
    unmet = check(inspect(content, policy("p256", "p384", threshold=2), documents=(stranger,)))
    assert reported(met) == ["signer.untrusted"]
    assert denials(unmet) == ["signer.untrusted", "signature.threshold-not-met"]


def test_what_cannot_be_judged_denies_whoever_has_signed_unless_the_rule_lets_strays_lie_there():
    content, stray = signed(), Document(name="stray.json", content=b"{}")
    inspection = inspect(content, documents=(stray,))
    assert denials(check(inspection)) == ["attestation.undecided"]
    assert isinstance(check(inspection), CouldNotCheck)
    trust = policy()
    lenient = replace(SignatureRule.of(trust.artifacts[0]), stray_attestations="ignore")
    trust = replace(trust, artifacts=(trust.artifacts[0].having(lenient),))
    assert check(inspect(content, trust, documents=(stray,))) == Passed(
        reasons=tuple(reason.as_warning() for reason in check(inspection).reasons)
    )


@pytest.mark.parametrize("code", ["signature.invalid", "signature.scope-mismatch", "signer.revoked", "signer.expired"])
def test_an_embedded_signature_that_is_wrong_denies_above_the_threshold(code):
    content = archive()
    inspection = inspect(content, policy("ed25519"), documents=(detached(content),))
    evidence = replace(inspection.evidence, embedded_refusals=refusals(code))
    assert denials(check(replace(inspection, evidence=evidence))) == [code]


def test_a_strangers_embedded_signature_is_reported_above_the_threshold():
    content = signed(key="p384")
    outcome = check(inspect(content, policy("ed25519"), documents=(detached(content),)))
    assert reported(outcome) == ["signer.untrusted"]


def test_a_signatures_file_without_a_signature_is_no_signature():
    read = read_archive(archive(), limits=DEFAULT_LIMITS, mode=ReadingMode.STRICT, subject="b")
    empty = replace_member(read, ".signatures.json", b'{"signatures":[]}')
    assert denials(check(inspect(empty))) == ["signature.missing"]


def test_a_denial_names_the_predicate_types_that_were_given_and_not_counted():
    note = "its predicate type is https://docs.pypi.org/attestations/publish/v1, which says nothing about a release"
    said = (Reason(code="attestation.ignored", subject="b.sigstore", message=note),)
    outcome = check(replace(inspect(), evidence=Evidence(detached_refusals=said)))
    (reason,) = [each for each in outcome.reasons if each.is_error]
    assert (reason.code, note in reason.message, "none was given" in reason.message) == (
        "signature.missing",
        True,
        False,
    )
    assert "--attestation-type" in reason.hint


def test_provenance_that_does_not_count_is_not_called_nothing():
    statement = Statement(subjects=(), predicate_type="https://slsa.dev/provenance/v1", predicate={})
    given = SimpleNamespace(statement=statement, signers=())
    outcome = check(replace(inspect(archive()), evidence=Evidence(provenances=(given,))))
    (reason,) = [each for each in outcome.reasons if each.is_error]
    assert reason.code == "signature.missing"
    assert "https://slsa.dev/provenance/v1" in reason.message
