"""SARIF: by the official schema, with identities that survive an upgrade, within what GitHub takes."""

import json
import zlib

import pytest
from hypothesis import given, settings
from jsonschema import Draft4Validator

from tests.support.audit.made import package
from tests.support.audit.results import DJANGO, JINJA, audited, every_kind, excuse, finding, result, results
from tests.support.places import ROOT
from verifier.core.outcome import Reason
from verifier.core.value import replace
from verifier.formats.audit.package import Place
from verifier.formats.audit.result import Rating
from verifier.reports.audit.sarif import render
from verifier.reports.media import sarif

OFFICIAL = Draft4Validator(json.loads((ROOT / "fixtures/schemas/sarif-2.1.0-rtm.5.json").read_text()))


def run_of(what):
    document = json.loads(render(what))
    OFFICIAL.validate(document)
    (run,) = document["runs"]
    return run


def only(*findings, **more):
    """The one result of a run, and its rule."""
    run = run_of(result(*findings, **more))
    (found,), (rule,) = run["results"], run["tool"]["driver"]["rules"]
    return found, rule


def fingerprints(*findings):
    return {each["ruleId"]: each["partialFingerprints"] for each in run_of(result(*findings))["results"]}


@settings(max_examples=40)
@given(results())
def test_whatever_a_text_holds_it_is_valid(what):
    run = run_of(what)
    rules = [each["id"] for each in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    assert {each["ruleId"] for each in run["results"]} == set(rules)
    assert run["invocations"][0]["executionSuccessful"] is (what.outcome != "undecided")


def test_a_result_stands_at_the_line_of_its_package_under_its_primary_id():
    found, rule = only(finding("CVE-2019-10906", "PYSEC-2019-217", of=package(file="sub dir/uv.lock", line=7)))
    assert found["ruleId"] == rule["id"] == "CVE-2019-10906"
    place = {"artifactLocation": {"uri": "sub%20dir/uv.lock"}, "region": {"startLine": 7}}
    assert found["locations"] == [{"physicalLocation": place}]
    assert found["level"] == "error"
    assert rule["properties"]["security-severity"] == "8.6"
    assert "security" in rule["properties"]["tags"]


def test_a_file_named_with_its_whole_path_is_relative_to_the_root():
    found, _ = only(finding(of=package(file="/srv/app/uv.lock")))
    location = found["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "srv/app/uv.lock", "uriBaseId": "ROOT"}


def test_what_has_no_line_stands_at_the_first_one_of_the_target():
    found, _ = only(finding(of=replace(JINJA, places=())), targets=("uv.lock",))
    place = found["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("uv.lock", 1)


class TestIdentity:
    def test_it_survives_an_upgrade_that_does_not_fix_and_another_line(self):
        moved = package(version="2.10.0.post1", line=40)
        assert fingerprints(finding()) == fingerprints(finding(of=moved, summary="another", severity="low"))

    @pytest.mark.parametrize("other", [package("jinja"), package(file="other.txt")])
    def test_it_is_another_ones_for_another_package_or_file(self, other):
        assert fingerprints(finding()) != fingerprints(finding(of=other))

    def test_github_goes_by_it_as_well(self):
        (said,) = fingerprints(finding()).values()
        assert said["verifierAudit/v1"] == said["primaryLocationLineHash"]
        assert len(said["verifierAudit/v1"]) == 64

    def test_one_package_in_two_files_is_two_results(self):
        both = replace(JINJA, places=(Place("a.txt", 1), Place("b.txt", 2), Place("a.txt", 9)))
        first, second = run_of(result(finding(of=both)))["results"]
        assert [len(each["locations"]) for each in (first, second)] == [2, 1]
        assert first["partialFingerprints"] != second["partialFingerprints"]

    def test_two_versions_of_one_name_in_a_file_are_one_result_that_says_both(self):
        found, _ = only(finding(of=DJANGO), finding(of=package("django", "4.0", line=9)))
        assert [each["physicalLocation"]["region"]["startLine"] for each in found["locations"]] == [2, 9]
        assert "django 3.2.1" in found["message"]["text"]
        assert "django 4.0" in found["message"]["text"]


class TestSeverity:
    def test_an_unknown_one_is_as_high_as_a_critical_one_and_says_so(self):
        found, rule = only(finding(severity="unknown"))
        assert float(rule["properties"]["security-severity"]) > 9
        assert "severity-unknown" in rule["properties"]["tags"]
        assert "nobody has stated" in rule["help"]["text"]
        assert "Severity unknown" in found["message"]["text"]

    @pytest.mark.parametrize(
        ("word", "score", "said"),
        [
            ("critical", "9.8", "9.8"),
            ("critical", "5.4", "9.5"),
            ("high", "", "8.0"),
            ("medium", "4.0", "4.0"),
            ("low", "3.9", "3.9"),
            ("none", "0.0", "0.0"),
            ("high", "1e1", "8.0"),
        ],
    )
    def test_the_score_is_that_of_the_vector_where_it_agrees_with_the_word(self, word, score, said):
        _, rule = only(finding(rating=Rating(word, score)))
        assert rule["properties"]["security-severity"] == said

    def test_a_rule_is_as_severe_as_the_worst_of_its_results(self):
        run = run_of(result(finding(severity="low", score="2.0"), finding(of=DJANGO, severity="critical", score="9.1")))
        (rule,) = run["tool"]["driver"]["rules"]
        assert rule["properties"]["security-severity"] == "9.1"

    def test_what_is_below_the_threshold_is_a_note_and_no_error(self):
        found, _ = only(finding(severity="low", score="2.0", counts=False))
        assert found["level"] == "note"


class TestExceptions:
    def test_what_is_accepted_is_a_result_with_a_suppression(self):
        found, _ = only(finding(excuse=excuse(), counts=False))
        (suppression,) = found["suppressions"]
        assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
        for said in ("vulnerable_code_not_in_execute_path", "team-web@acme.example", "2024-12-31", "audit.toml:4"):
            assert said in suppression["justification"]

    def test_an_expired_one_suppresses_nothing(self):
        found, _ = only(finding(excuse=excuse(expired=True)))
        assert "suppressions" not in found
        assert "ended 2024-12-31" in found["message"]["text"]

    def test_one_for_one_version_does_not_cover_the_other(self):
        other = package("django", "4.0", line=9)
        found, _ = only(finding(of=DJANGO, excuse=excuse(), counts=False), finding(of=other))
        assert "suppressions" not in found
        assert found["level"] == "error"


class TestWhatIsNotAResult:
    def test_unknown_and_undecided_are_notifications_with_their_place(self):
        run = run_of(every_kind())
        said = [
            (each["descriptor"]["id"], each["level"]) for each in run["invocations"][0]["toolExecutionNotifications"]
        ]
        assert said == [
            ("vulnerability.undecided", "error"),
            ("vulnerability.undecided", "error"),
            ("vulnerability.unknown-dependency", "error"),
            ("vulnerability.unknown-dependency", "warning"),
            ("vulnerability.exception-unused", "warning"),
            ("verifier.numbers", "note"),
        ]
        assert run["invocations"][0]["exitCode"] == 1
        assert run["invocations"][0]["executionSuccessful"] is True

    def test_a_fault_of_hygiene_is_a_result(self):
        reason = Reason(code="dependency.hash-weak", subject="requirements.txt:5", message="MD5 only")
        found, rule = only(reasons=(reason,))
        assert found["ruleId"] == rule["id"] == "dependency.hash-weak"

    def test_nothing_is_a_fix(self):
        assert all("fixes" not in each for each in run_of(every_kind())["results"])


class TestLimits:
    def test_a_result_has_at_most_a_thousand_locations_and_a_rule_twenty_tags(self):
        many = replace(JINJA, places=tuple(Place("a.txt", line) for line in range(1, 1500)))
        found, rule = only(finding("CVE-1", *(f"GHSA-{number}" for number in range(40)), of=many))
        assert len(found["locations"]) == 1000
        assert len(rule["properties"]["tags"]) == 20

    def test_too_many_results_are_cut_the_least_severe_first_and_it_is_said(self, monkeypatch):
        monkeypatch.setattr(sarif, "MAX_RESULTS", 3)
        found = [finding(f"CVE-2000-{number}", severity="low", score="2.0") for number in range(4)]
        run = run_of(result(*found, finding("CVE-2024-1", severity="critical", score="9.9")))
        assert [each["ruleId"] for each in run["results"]] == ["CVE-2024-1", "CVE-2000-0", "CVE-2000-1"]
        assert len(run["tool"]["driver"]["rules"]) == 3
        assert "2 results are left out" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]

    def test_what_is_too_large_once_compressed_is_cut(self, monkeypatch):
        monkeypatch.setattr(sarif, "MAX_COMPRESSED", 6_000)
        found = [finding(f"CVE-2000-{number}", summary=str(number**9)) for number in range(300)]
        text = render(result(*found))
        OFFICIAL.validate(json.loads(text))
        assert len(zlib.compress(text.encode())) <= 6_000
        assert 0 < len(json.loads(text)["runs"][0]["results"]) < 300
        assert "are left out" in text


def test_a_summary_makes_no_link_and_no_placeholder():
    found, rule = only(finding(summary="[click](javascript:alert(1)) {0}"))
    assert r"\[click\](javascript:alert(1)) {{0}}" in found["message"]["text"]
    assert r"\[click\]" in rule["fullDescription"]["text"]


def test_a_reference_that_is_no_web_address_is_no_link():
    _, rule = only(finding(references=("javascript:alert(1)", "http://acme.example", "https://acme.example/a b<c>")))
    assert rule["helpUri"] == "https://acme.example/a%20b%3Cc%3E"


def test_what_was_new_is_told_as_the_state_against_a_baseline():
    found, _ = only(finding(novelty="new"), compared=True)
    assert found["baselineState"] == "new"


def test_a_clean_one_was_successful_and_has_the_numbers():
    run = run_of(result(packages=(audited(records=1),)))
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is True
    assert run["properties"]["packages"] == "1 of 1 package audited; 0 of 1 package have no record"


@pytest.mark.parametrize(
    ("subject", "place"),
    [
        (JINJA.purl, ("requirements.txt", 1)),
        ("requirements.txt:5", ("requirements.txt", 5)),
        ("requirements.txt", ("requirements.txt", 1)),
        ("somewhere else", ("uv.lock", 1)),
    ],
)
def test_a_fault_stands_where_its_subject_does(subject, place):
    reason = Reason(code="dependency.hash-weak", subject=subject, message="MD5 only")
    found, _ = only(reasons=(reason,), targets=("uv.lock",))
    said = found["locations"][0]["physicalLocation"]
    assert (said["artifactLocation"]["uri"], said["region"]["startLine"]) == place


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("../other/uv.lock", "../other/uv.lock"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("a b#c?d%e.txt", "a%20b%23c%3Fd%25e.txt"),
        ("//evil.example/x", "evil.example/x"),
        ("\ud800\x1b.txt", "%ED%A0%80%1B.txt"),
        ("/", "."),
        ("", "."),
    ],
)
def test_a_file_of_any_name_is_a_relative_uri(file, uri):
    found, _ = only(finding(of=replace(JINJA, places=(Place(file, 0),))))
    said = found["locations"][0]["physicalLocation"]
    assert (said["artifactLocation"]["uri"], said["region"]["startLine"]) == (uri, 1)
