"""What an audit says when it is signed: no package that nobody knows about reads as fine."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.audit.made import NOW
from tests.support.audit.scans import EXCUSE, audited, finding, result, scan
from verifier.audit.attested.reading import read_scan
from verifier.audit.attested.writing import scan_predicate
from verifier.core.errors import ConfigurationError
from verifier.core.version import VERSION
from verifier.formats.audit.result import Rating


def items(predicate):
    return predicate["scanner"]["result"]


def test_a_clean_audit_is_the_specifications_shape_with_nothing_in_it():
    assert scan() == {
        "scanner": {
            "uri": "https://policy-verifier.dev/audit",
            "version": VERSION,
            "db": {
                "uri": "https://policy-verifier.dev/audit/database/v1",
                "version": "sha256:" + "ab" * 32,
                "lastUpdate": "2024-10-10T00:00:00Z",
            },
            "result": [],
        },
        "metadata": {"scanStartedOn": "2024-10-12T00:00:00Z", "scanFinishedOn": "2024-10-12T00:00:00Z"},
    }


def test_a_finding_is_an_item_with_its_word_score_and_vector():
    rated = Rating("high", "8.6", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:H/A:N")
    assert items(scan(finding(severity=rated, fixed_in=("2.10.1",)))) == [
        {
            "id": "CVE-2019-10906",
            "severity": [
                {"method": "verifier", "score": "high"},
                {"method": "cvss_score", "score": "8.6"},
                {"method": "cvss_vector", "score": rated.vector},
            ],
            "annotations": [
                {
                    "package": "pkg:pypi/jinja2@2.10",
                    "status": "affected",
                    "ids": ["CVE-2019-10906", "PYSEC-2019-217"],
                    "fixedIn": ["2.10.1"],
                }
            ],
        }
    ]


@pytest.mark.parametrize("status", ["undecided", "unknown"])
def test_a_package_that_nobody_can_judge_is_an_item_of_unknown_severity(status):
    packages = [audited(), audited("acme-core", None, status=status, why="it has no version")]
    (item,) = items(scan(packages=packages, outcome="vulnerable"))
    assert item["severity"] == [{"method": "verifier", "score": "unknown"}]
    assert item["annotations"] == [{"package": "pkg:pypi/acme-core", "status": status, "why": "it has no version"}]


def test_an_undecided_finding_is_unknown_however_bad_its_record_is():
    (item,) = items(scan(finding(status="undecided", severity="low", why="only commits")))
    assert item["severity"] == [{"method": "verifier", "score": "unknown"}]


def test_an_undecided_package_is_one_item_and_one_that_is_affected_too_is_two():
    undecided = audited(status="undecided", why="only commits")
    assert len(items(scan(finding(status="undecided", why="only commits"), packages=[undecided]))) == 1
    assert len(items(scan(finding(), packages=[undecided]))) == 2


def test_what_somebody_has_accepted_by_name_is_unknown_all_the_same():
    packages = [audited("acme-core", "1.0", status="unknown", why="from git", accepted="exceptions.toml:9")]
    (item,) = items(scan(packages=packages))
    assert item["severity"] == [{"method": "verifier", "score": "unknown"}]
    assert item["annotations"][0]["acceptedBy"] == "exceptions.toml:9"


def test_what_an_exception_covers_stays_with_the_exception():
    (item,) = items(scan(finding(excuse=EXCUSE, counts=False)))
    assert item["severity"] == [{"method": "verifier", "score": "high"}]
    assert item["annotations"][0]["exception"] == {
        "id": "CVE-2019-10906",
        "status": "not_affected",
        "justification": "vulnerable_code_not_present",
        "reason": "no sandbox is used",
        "owner": "team@acme.example",
        "expires": "2024-12-01T00:00:00Z",
        "from": "exceptions.toml:3",
    }
    assert read_scan(scan(finding(excuse=EXCUSE))).items[0].excused == "no sandbox is used"


def test_an_expired_exception_is_not_said_to_cover_anything():
    (item,) = items(scan(finding(excuse=replace(EXCUSE, expired=True))))
    assert "exception" not in item["annotations"][0]


def test_an_audit_that_came_to_nothing_is_not_signed():
    with pytest.raises(ConfigurationError, match="nobody may sign"):
        scan(outcome="undecided")


def test_an_audit_by_a_service_alone_is_not_signed():
    with pytest.raises(ConfigurationError, match="how old its records are"):
        scan(database=None, services=("https://osv.acme.example",))


def test_a_scan_as_of_another_day_says_that_day():
    made = replace(result(), started=NOW + timedelta(days=400))
    metadata = scan_predicate(made)["metadata"]
    assert set(metadata.values()) == {"2024-10-12T00:00:00Z"}
