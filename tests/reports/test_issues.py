"""Verdicts for those who list issues: by the official schema, with identities that last, within what they take."""

import json
import zlib

import pytest
from hypothesis import given, settings
from jsonschema import Draft4Validator, Draft202012Validator
from lxml import etree

from tests.support.places import ROOT
from tests.support.stories import archive, signed, verify
from tests.support.verdicts import dossier, dossiers
from verifier.core.errors import refuse
from verifier.core.outcome import Reason, outcome_of
from verifier.core.value import replace
from verifier.core.verdict import Verdict
from verifier.reports.found import file_of, lasting
from verifier.reports.media import sarif as parts
from verifier.reports.table import PLAIN, renderer

SARIF = Draft4Validator(json.loads((ROOT / "fixtures/schemas/sarif-2.1.0-rtm.5.json").read_text()))
BEGIN = {"required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}}
PATH = {"type": "string", "pattern": "^(?!/|[.]/).", "minLength": 1}
QUALITY = Draft202012Validator(
    {
        "type": "array",
        "items": {
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "additionalProperties": False,
            "properties": {
                "description": {"type": "string", "minLength": 1},
                "check_name": {"type": "string", "pattern": "^[a-z]+[.][a-z0-9-]+$"},
                "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {"required": ["path", "lines"], "properties": {"path": PATH, "lines": BEGIN}},
            },
        },
    }
)
"""What docs.gitlab.com/ci/testing/code_quality asks for."""


def sarif(what):
    document = json.loads(renderer("sarif")(what, PLAIN))
    SARIF.validate(document)
    (run,) = document["runs"]
    return run


def quality(what):
    issues = json.loads(renderer("gitlab")(what, PLAIN))
    QUALITY.validate(issues)
    return issues


def junit(what):
    return etree.fromstring(renderer("junit")(what, PLAIN).encode())


def denied(*reasons, version="1.3.0", name="authz-1.3.0", **more):
    """A denial of one version of an artifact."""
    verdict = verify().verdict
    subject = replace(verdict.subject, name=name, version=version)
    kept = {each: getattr(verdict, each) for each in ("policy", "time_verified", "correlation_id", "evidence")}
    return Verdict.of([outcome_of(reasons)], subject=subject, **(kept | more))


def rollback(version="1.3.0", mark="1.4.0"):
    message = f"version {version} is lower than {mark}, accepted at 2026-11-21T12:00:00Z"
    return Reason(code="version.rollback", subject=version, message=message)


UNREADABLE = verify(ledger=refuse("ledger.corrupt", "l", "m"), record=True).verdict


class TestByTheSchema:
    @settings(max_examples=20)
    @given(dossiers())
    def test_sarif_is_valid_whatever_a_text_holds(self, what):
        run = sarif(what)
        rules = [each["id"] for each in run["tool"]["driver"]["rules"]]
        assert len(set(rules)) == len(rules)
        assert {each["ruleId"] for each in run["results"]} == set(rules)
        assert len(run["results"]) == sum(len(each.reasons) for each in what.verdicts)

    @settings(max_examples=20)
    @given(dossiers())
    def test_so_is_code_quality_and_no_two_issues_are_one(self, what):
        issues = quality(what)
        assert len({each["fingerprint"] for each in issues}) == len(issues)

    @settings(max_examples=20)
    @given(dossiers())
    def test_junit_counts_what_it_holds(self, what):
        root = junit(what)
        cases = root.findall("testsuite/testcase")
        assert int(root.get("tests")) == len(cases) == len(what.verdicts)
        failed = [each for each in cases if each.find("failure") is not None or each.find("error") is not None]
        assert len(failed) == sum(not each.passed for each in what.verdicts)
        assert int(root.get("failures")) + int(root.get("errors")) == len(failed)


def known_by(verdict):
    """The identities of all issues, in each format that has any."""
    what = dossier(verdict)
    return (
        sorted(each["partialFingerprints"]["primaryLocationLineHash"] for each in sarif(what)["results"]),
        sorted(each["fingerprint"] for each in quality(what)),
        junit(what).find("testsuite/testcase").get("name"),
    )


class TestWhatAnIssueIsKnownBy:
    def test_stays_the_same_over_runs_times_and_messages(self):
        first = denied(rollback())
        other = replace(first, correlation_id="another", time_verified=first.time_verified.replace(year=2027))
        assert known_by(first) == known_by(other)
        assert known_by(first) == known_by(denied(replace(rollback(), message="in other words", hint="do this")))

    def test_stays_the_same_over_a_new_version_of_the_artifact(self):
        newer = denied(rollback("1.3.9", "1.5.0"), version="1.3.9", name="authz-1.3.9")
        assert known_by(denied(rollback())) == known_by(newer)

    def test_is_another_one_for_another_artifact_or_code(self):
        assert known_by(denied(rollback())) != known_by(denied(rollback(), name="billing-1.3.0"))
        other = replace(rollback(), code="version.below-floor")
        assert known_by(denied(rollback()))[0] != known_by(denied(other))[0]

    def test_github_goes_by_the_same(self):
        (said,) = [each["partialFingerprints"] for each in sarif(dossier(denied(rollback())))["results"]]
        assert said["verifierVerdict/v1"] == said[parts.GITHUB_FINGERPRINT]

    @pytest.mark.parametrize(
        ("text", "version", "left"),
        [
            ("authz-1.4.0", None, "authz-*"),
            ("authz-v1.4.0-linux-amd64", None, "authz-*-linux-amd64"),
            ("authz-2026w47", "2026w47", "authz-*"),
            ("utf8", "8", "utf8"),
            ("app:17", "17", "app:*"),
            (f"sha256:{'0a' * 32}", None, "sha256:*"),
            ("signed 2026-11-21T12:00:00Z", None, "signed *"),
            ("authz/policy.rego", "1.0.0", "authz/policy.rego"),
        ],
    )
    def test_has_no_version_digest_or_time_in_it(self, text, version, left):
        assert lasting(text, version) == left


class TestWhatIsSaid:
    def test_what_could_not_be_decided_was_no_successful_run(self):
        (invocation,) = sarif(dossier(UNREADABLE))["invocations"]
        assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 3)
        assert [each["severity"] for each in quality(dossier(UNREADABLE))] == ["info", "critical"]
        assert junit(dossier(UNREADABLE)).get("errors") == "1"

    def test_a_denial_was_one_and_blocks(self):
        what = dossier(denied(rollback()))
        (invocation,) = sarif(what)["invocations"]
        assert (invocation["executionSuccessful"], invocation["exitCode"]) == (True, 1)
        assert [each["severity"] for each in quality(what)] == ["info", "blocker"]
        assert junit(what).get("failures") == "1"

    def test_what_passes_is_said_to(self):
        what = dossier(verify().verdict)
        assert sarif(what)["invocations"][0]["exitCode"] == 0
        assert quality(what)[0]["check_name"] == "verifier.decided"
        assert (junit(what).get("failures"), junit(what).get("errors")) == ("0", "0")

    def test_a_reason_is_there_with_its_hint(self):
        reason = rollback()
        (found,) = sarif(dossier(denied(reason)))["results"]
        assert reason.message in found["message"]["text"]
        assert reason.hint in found["message"]["text"]
        assert reason.hint in junit(dossier(denied(reason))).find("testsuite/testcase/failure").text

    @pytest.mark.parametrize(
        ("typed", "file"),
        [
            ("dist/authz.tar.gz", "dist/authz.tar.gz"),
            ("./dist/authz.tar.gz", "dist/authz.tar.gz"),
            ("/srv/authz.tar.gz", "/srv/authz.tar.gz"),
            ("oci://registry.acme.example:5000/team/authz:1.4.0", "registry.acme.example:5000/team/authz"),
            (f"oci://registry.acme.example/authz@sha256:{'0' * 64}", "registry.acme.example/authz"),
            ("https://bundles.acme.example/authz.tar.gz", "bundles.acme.example/authz.tar.gz"),
            ("oci-layout:dist/image:1.0", "dist/image"),
            ("authz", "authz"),
        ],
    )
    def test_an_issue_stands_at_what_was_typed(self, typed, file):
        assert file_of(typed) == file
        what = dossier(denied(rollback()), references=(typed,))
        (found,) = sarif(what)["results"]
        uri = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert uri == file.lstrip("/").replace(":", "%3A")


@pytest.fixture(scope="module")
def many():
    reasons = [Reason(code="digest.mismatch", subject=f"data/{n}.json", message=f"is not {n}") for n in range(10_000)]
    return dossier(denied(*reasons))


class TestMany:
    """Ten thousand findings of one artifact, in each format."""

    def test_every_one_is_in_sarif_within_what_github_takes(self, many):
        text = renderer("sarif")(many, PLAIN)
        assert len(json.loads(text)["runs"][0]["results"]) == 10_000
        assert len(zlib.compress(text.encode())) < parts.MAX_COMPRESSED

    def test_more_than_github_takes_are_left_out_and_counted(self, many, monkeypatch):
        monkeypatch.setattr(parts, "MAX_RESULTS", 100)
        run = sarif(many)
        assert len(run["results"]) == 100
        assert "9,900 results are left out" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]

    def test_every_one_is_in_json_gitlab_and_junit(self, many):
        assert len(json.loads(renderer("json")(many, PLAIN))["reasons"]) == 10_000
        assert len(json.loads(renderer("gitlab")(many, PLAIN))) == 10_001
        assert len(junit(many).findall("testsuite/testcase/failure")) == 10_000

    def test_a_job_summary_is_as_large_as_github_takes_and_says_what_it_lacks(self, many):
        text = renderer("markdown")(many, PLAIN)
        assert len(text.encode()) <= 1_048_576
        assert "rows are left out" in text

    def test_github_shows_ten_and_counts_the_others(self, many):
        lines = renderer("github")(many, PLAIN).splitlines()
        assert [line.partition(" ")[0] for line in lines] == ["::error"] * 10 + ["::notice"]
        assert "9,991 more" in lines[9]

    def test_a_terminal_has_every_one(self, many):
        assert renderer("text")(many, PLAIN).count("\nerror   digest.mismatch") == 10_000


def test_of_an_unsigned_bundle_every_format_names_the_code():
    what = dossier(verify(archive()).verdict, verify(signed()).verdict)
    for name in ("text", "json", "sarif", "markdown", "github", "gitlab", "junit"):
        assert "signature.missing" in renderer(name)(what, PLAIN), name
