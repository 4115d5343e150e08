"""A rule about known vulnerabilities, answered by signed scans: who, about what, how old, and what they found."""

import hashlib
import json
from datetime import timedelta

import pytest

from tests.support.audit.gated import RELEASE, SCANNER, attested, gated, recent, rule
from tests.support.audit.scans import DATABASE, EXCUSE, audited, finding, foreign
from tests.support.material import NOW, envelope
from tests.support.stories import codes, signed, verify, warnings
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.outcome import Reason
from verifier.core.uris import COSIGN_SCAN, STATEMENT_V1, VULNERABILITY_SCAN
from verifier.core.value import replace
from verifier.core.verdict import Input
from verifier.evidence.vulnerabilities import AUDITED_LEVEL, CLEAN_LEVEL

CONTENT = signed()
DAY = timedelta(days=1)
EXCEPTION = b"""
[[exception]]
id = "PYSEC-2019-217"
package = "pkg:pypi/jinja2"
status = "not_affected"
justification = "vulnerable_code_not_present"
reason = "no sandbox"
owner = "team@acme.example"
expires = 2026-12-31
"""


def judged(*predicates, section=None, **more):
    documents = tuple(each if hasattr(each, "content") else attested(CONTENT, each) for each in predicates)
    return verify(CONTENT, gated(section), attestations=documents, **more).verdict


def said(verdict, code) -> Reason:
    (found,) = [each for each in verdict.reasons if each.code == code]
    return found


def test_a_clean_recent_scan_by_the_scanner_is_accepted():
    verdict = judged(recent())
    assert codes(verdict) == []
    assert {AUDITED_LEVEL, CLEAN_LEVEL} <= set(verdict.levels)


def test_the_verdict_names_the_scan_and_the_database_of_the_scanner():
    document = attested(CONTENT, recent())
    inputs = judged(document).inputs
    assert Input(kind="scan", digest=Digest.of(document.content)) in inputs
    assert Input(kind="advisories", digest=Digest.parse("sha256:" + "ab" * 32)) in inputs


def test_without_any_answer_it_is_undecided():
    verdict = judged()
    assert (codes(verdict), verdict.undecided) == (["vulnerability.not-audited"], True)
    assert AUDITED_LEVEL not in verdict.levels


def test_a_rule_that_does_not_ask_takes_no_notice_of_a_scan():
    trust = gated()
    (only,) = trust.artifacts
    sections = tuple(each for each in only.sections if each.name != "vulnerabilities")
    bare = replace(trust, artifacts=(replace(only, sections=sections),))
    verdict = verify(CONTENT, bare, attestations=(attested(CONTENT, recent(finding()), key=RELEASE),)).verdict
    assert codes(verdict) == []
    assert AUDITED_LEVEL not in verdict.levels


@pytest.mark.parametrize(
    ("max_severity", "severity", "denied"),
    [
        ("none", "none", False),
        ("none", "low", True),
        ("low", "low", False),
        ("medium", "high", True),
        ("high", "high", False),
        ("high", "critical", True),
        ("critical", "critical", False),
        ("critical", "unknown", True),
    ],
)
def test_what_is_worse_than_the_rule_accepts_denies(max_severity, severity, denied):
    verdict = judged(recent(finding(severity=severity)), section=rule(max_severity))
    assert codes(verdict) == (["vulnerability.known"] if denied else [])
    assert not verdict.undecided
    if not denied:
        assert AUDITED_LEVEL in verdict.levels
        assert CLEAN_LEVEL not in verdict.levels
        assert warnings(verdict).count("vulnerability.accepted") == 1


@pytest.mark.parametrize(
    ("status", "code"), [("undecided", "vulnerability.undecided"), ("unknown", "vulnerability.unknown-dependency")]
)
def test_what_the_scanner_did_not_know_denies_and_is_undecided(status, code):
    packages = [audited(status=status, why="from git")]
    found = [finding(status="undecided", why="only commits")] if status == "undecided" else []
    verdict = judged(recent(*found, packages=packages, outcome="vulnerable"), section=rule("critical"))
    assert (codes(verdict), verdict.undecided) == ([code], True)


def test_an_exception_of_the_scanner_is_none_of_the_rule():
    assert codes(judged(recent(finding(excuse=EXCUSE, counts=False)))) == ["vulnerability.known"]


def test_an_exception_of_the_rule_covers_what_a_scan_has_found():
    section = rule(exceptions="exceptions.toml", excused=EXCEPTION)
    verdict = judged(recent(finding()), section=section)
    assert codes(verdict) == []
    assert "exceptions.toml:2" in said(verdict, "vulnerability.accepted").message
    assert CLEAN_LEVEL not in verdict.levels


def test_an_exception_that_covers_nothing_is_warned_of_once():
    section = rule(exceptions="exceptions.toml", excused=EXCEPTION)
    assert warnings(judged(recent(), section=section)).count("vulnerability.exception-unused") == 1


def test_an_exception_that_has_ended_denies_again():
    section = rule(exceptions="exceptions.toml", excused=EXCEPTION.replace(b"2026-12-31", b"2026-11-20"))
    verdict = judged(recent(finding()), section=section)
    assert codes(verdict) == ["vulnerability.known"]
    assert "vulnerability.exception-expired" in warnings(verdict)


def test_exceptions_that_cannot_be_read_leave_it_undecided():
    verdict = judged(recent(), section=rule(exceptions="exceptions.toml", excused=b"[[exception]]\n"))
    assert (codes(verdict), verdict.undecided) == (["policy.unevaluated"], True)
    assert "exceptions.toml:1" in said(verdict, "policy.unevaluated").message


class TestWho:
    def test_a_scan_by_another_signer_of_the_policy_is_none(self):
        verdict = judged(attested(CONTENT, recent(), key=RELEASE))
        assert codes(verdict) == ["vulnerability.not-audited"]

    def test_a_scan_by_a_stranger_is_none(self):
        verdict = judged(attested(CONTENT, recent(), key="p384"))
        assert "vulnerability.not-audited" in codes(verdict)
        assert AUDITED_LEVEL not in verdict.levels

    def test_the_scanner_signs_no_release(self):
        content = signed(key=SCANNER)
        verdict = verify(content, gated(), attestations=(attested(content, recent()),)).verdict
        assert not verdict.passed
        assert codes(verdict)[0] == "signer.untrusted"

    def test_without_from_whoever_signs_releases_signs_scans(self):
        verdict = judged(attested(CONTENT, recent(), key=RELEASE), section=rule(from_=()))
        assert codes(verdict) == []


class TestAboutWhat:
    def test_a_scan_of_another_artifact_is_none(self):
        other = signed(now=NOW - DAY)
        verdict = judged(attested(other, recent()))
        assert "vulnerability.not-audited" in codes(verdict)

    def test_a_scan_may_mean_it_by_another_digest_of_it(self):
        payload = json.dumps(
            {
                "_type": STATEMENT_V1,
                "subject": [{"name": "b", "digest": {"sha512": hashlib.sha512(CONTENT).hexdigest()}}],
                "predicateType": VULNERABILITY_SCAN,
                "predicate": recent(),
            }
        ).encode()
        assert codes(judged(Document(name="scan.json", content=envelope(payload, SCANNER)))) == []


class TestHowOld:
    @pytest.mark.parametrize("age", [timedelta(0), 3 * DAY, 6 * DAY])
    def test_one_within_the_age_counts(self, age):
        assert codes(judged(recent(age=age))) == []

    @pytest.mark.parametrize("age", [6 * DAY + timedelta(microseconds=1), 8 * DAY, 4_000 * DAY])
    def test_one_that_is_too_old_or_whose_records_are_does_not(self, age):
        verdict = judged(recent(age=age))
        assert (codes(verdict), verdict.undecided) == (["vulnerability.scan-stale"], True)

    def test_a_scan_of_today_by_old_records_is_old(self):
        old = replace(DATABASE, data_date=NOW - 8 * DAY)
        verdict = judged(recent(database=old))
        assert codes(verdict) == ["vulnerability.scan-stale"]
        assert "its newest record is of 2026-11-13" in verdict.reasons[0].message

    def test_the_age_is_the_rules(self):
        assert codes(judged(recent(age=8 * DAY), section=rule(max_age=10 * DAY))) == []
        assert codes(judged(recent(age=DAY), section=rule(max_age=DAY))) == ["vulnerability.scan-stale"]

    def test_one_from_the_future_denies(self):
        verdict = judged(recent(age=timedelta(minutes=-6)), recent())
        assert (codes(verdict), verdict.undecided) == (["vulnerability.scan-invalid"], True)

    def test_a_clock_that_is_a_little_ahead_is_not_the_future(self):
        assert codes(judged(recent(age=timedelta(minutes=-4)))) == []


class TestSeveral:
    def test_the_newest_of_a_signer_counts_and_the_others_are_set_aside_aloud(self):
        verdict = judged(recent(finding(), age=2 * DAY), recent(age=DAY))
        assert codes(verdict) == []
        assert warnings(verdict).count("vulnerability.scan-superseded") == 1

    def test_an_older_clean_one_hides_nothing_that_the_newest_has_found(self):
        assert codes(judged(recent(age=2 * DAY), recent(finding(), age=DAY))) == ["vulnerability.known"]

    def test_of_two_that_ended_at_once_both_count(self):
        assert codes(judged(recent(), recent(finding()))) == ["vulnerability.known"]

    def test_what_one_signer_has_found_anothers_silence_does_not_undo(self):
        documents = (attested(CONTENT, recent(finding(), age=2 * DAY), key=RELEASE), attested(CONTENT, recent()))
        assert codes(judged(*documents, section=rule(from_=(SCANNER, RELEASE)))) == ["vulnerability.known"]

    def test_a_stale_one_beside_a_recent_one_of_another_signer_is_set_aside_aloud(self):
        documents = (attested(CONTENT, recent(finding(), age=20 * DAY), key=RELEASE), attested(CONTENT, recent()))
        verdict = judged(*documents, section=rule(from_=(SCANNER, RELEASE)))
        assert codes(verdict) == []
        assert warnings(verdict).count("vulnerability.scan-superseded") == 1

    def test_one_that_cannot_be_read_is_said_once(self):
        assert codes(judged({**recent(), "scanner": {"uri": "pkg:x"}})) == ["vulnerability.scan-invalid"]

    def test_one_that_cannot_be_read_denies_beside_one_that_is_clean(self):
        broken = {**recent(), "scanner": {"uri": "pkg:x"}}
        verdict = judged(broken, recent())
        assert (codes(verdict), verdict.undecided) == (["vulnerability.scan-invalid"], True)


class TestOtherScanners:
    def test_their_scan_counts_as_well(self):
        low = foreign(("CVE-1", [("nvd", "low")]), finished=NOW, last_update=NOW - DAY)
        assert codes(judged(low, section=rule("low"))) == []
        assert codes(judged(low)) == ["vulnerability.known"]

    def test_a_probability_is_no_severity(self):
        probable = foreign(("CVE-1", [("epss", "0.001")]), finished=NOW, last_update=NOW - DAY)
        assert codes(judged(probable, section=rule("critical"))) == ["vulnerability.known"]

    def test_cosigns_record_alone_says_what_to_do(self):
        record = attested(CONTENT, {"invocation": {}, "scanner": {}}, predicate_type=COSIGN_SCAN)
        verdict = judged(record)
        assert codes(verdict) == ["vulnerability.scan-invalid"]
        assert "cosign's record" in verdict.reasons[0].message

    def test_cosigns_record_beside_a_scan_is_in_nobodys_way(self):
        record = attested(CONTENT, {"invocation": {}, "scanner": {}}, predicate_type=COSIGN_SCAN)
        assert codes(judged(record, recent())) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cool_down", DAY),
        ("allowed_indexes", ("https://pypi.org/simple",)),
        ("require_hashes", True),
        ("private", ("acme-*",)),
    ],
)
def test_what_a_scan_does_not_say_is_not_taken_for_said(key, value):
    verdict = judged(recent(), section=rule(**{key: value}))
    assert (codes(verdict), verdict.undecided) == (["policy.unevaluated"], True)
    assert key in verdict.reasons[0].message
