"""Signed scans are read strictly, ours and other scanners'."""

import copy
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.audit.made import NOW
from tests.support.audit.scans import DATABASE, audited, finding, foreign, scan
from verifier.audit.attested.reading import read_scan, require_readable
from verifier.core.errors import Refused
from verifier.formats.audit.result import Rating

WORDS = ["none", "low", "medium", "high", "critical", "unknown"]


def refusal(predicate):
    with pytest.raises(Refused) as refused:
        read_scan(predicate)
    (reason,) = refused.value.reasons
    return reason.code, reason.message


def changed(path, value):
    """Our own scan of one finding, with another value at `path`; with `...` without that member."""
    predicate = copy.deepcopy(scan(finding()))
    *into, last = path
    place = predicate
    for each in into:
        place = place[each]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return predicate


def test_what_is_written_is_read_again():
    packages = [audited(), audited("acme-core", "1.0", status="unknown", why="from git")]
    read = read_scan(scan(finding(severity=Rating("high", "8.6")), packages=packages, outcome="vulnerable"))
    assert (read.own, read.database, read.last_update) == (True, DATABASE.digest, DATABASE.data_date)
    assert (read.started, read.finished) == (NOW, NOW)
    found, unknown = read.items
    assert (found.status, found.rating, found.purl) == ("affected", Rating("high", "8.6"), "pkg:pypi/jinja2@2.10")
    assert found.ids == ("CVE-2019-10906", "PYSEC-2019-217")
    assert (unknown.status, unknown.rating, unknown.why) == ("unknown", Rating(), "from git")


@pytest.mark.parametrize("word", WORDS)
def test_every_severity_is_read_as_it_was_written(word):
    assert read_scan(scan(finding(severity=word))).items[0].rating == Rating(word)


def test_an_empty_result_is_read_as_such():
    assert read_scan(scan()).items == ()


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ([("nvd", "medium"), ("cvss_score", "5.2")], "medium"),
        ([("nvd", "MEDIUM"), ("cvss_score", "9.0")], "critical"),
        ([("ghsa", "Moderate")], "medium"),
        ([("redhat", "important")], "high"),
        ([("debian", "negligible")], "low"),
        ([("CVSS_V3", "7.0")], "high"),
        ([("nvd", "0.0")], "none"),
        ([("cvss", "10")], "critical"),
        ([("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")], "critical"),
        ([("CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N")], "critical"),
        ([("cvss", "10.1")], "unknown"),
        ([("cvss", "-1")], "unknown"),
        ([("cvss", "nan")], "unknown"),
        ([("cvss", "1e1")], "unknown"),
        ([("cvss", "٣.١")], "unknown"),
        ([("epss", "0.001")], "unknown"),
        ([("anything", "0")], "unknown"),
        ([("cvss", "CVSS:3.1/AV:N")], "unknown"),
        ([("vendor", "scary")], "unknown"),
        ([("vendor", "unknown"), ("nvd", "low")], "unknown"),
        ([("epss", "0.97"), ("nvd", "low")], "low"),
        ([("verifier", "unknown")], "unknown"),
    ],
)
def test_the_worst_severity_that_another_scanner_states_counts(said, word):
    (item,) = read_scan(foreign(("CVE-123", said))).items
    assert (item.status, item.rating.severity) == ("affected", word)


def test_another_scanners_package_is_known_where_it_names_just_one():
    predicate = foreign(("CVE-123", [("nvd", "low")]))
    item = predicate["scanner"]["result"][0]
    item["annotations"] = [{"purl": "pkg:pypi/jinja2@2.10"}]
    assert read_scan(predicate).items[0].purl == "pkg:pypi/jinja2@2.10"
    item["annotations"] = {"package": "pkg:pypi/jinja2@2.10", "note": 1}
    assert read_scan(predicate).items[0].purl == "pkg:pypi/jinja2@2.10"
    item["annotations"] = [{"purl": "pkg:pypi/jinja2@2.10"}, {"purl": "pkg:pypi/flask@1.0"}]
    assert read_scan(predicate).items[0].purl == ""


def test_the_names_of_the_protocol_buffers_are_read_as_the_specifications():
    predicate = foreign()
    predicate["scanner"]["database"] = predicate["scanner"].pop("db")
    predicate["scanMetadata"] = predicate.pop("metadata")
    assert read_scan(predicate).last_update == NOW - timedelta(days=1)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("scanner",), ..., "predicate.scanner is missing"),
        (("scanner", "uri"), "", "predicate.scanner.uri is an empty string"),
        (("scanner", "db"), ..., "predicate.scanner.db is missing"),
        (("scanner", "db", "lastUpdate"), ..., "lastUpdate is missing"),
        (("scanner", "db", "lastUpdate"), "2024-10-10", "lastUpdate is not a time"),
        (("scanner", "db", "lastUpdate"), "2024-10-12T00:05:01Z", "lastUpdate is after the scan"),
        (("scanner", "database"), {"lastUpdate": "2024-10-10T00:00:00Z"}, "stands beside `db`"),
        (("scanMetadata",), {"scanFinishedOn": "2024-10-10T00:00:00Z"}, "stands beside `metadata`"),
        (("scanner", "result"), ..., "predicate.scanner.result is missing"),
        (("scanner", "result"), None, "predicate.scanner.result is missing"),
        (("scanner", "result"), {}, "predicate.scanner.result is an object"),
        (("scanner", "result", 0), [], "result[0] is an array"),
        (("scanner", "result", 0, "id"), ..., "id is missing"),
        (("scanner", "result", 0, "id"), "x" * 2_049, "has 2049 characters"),
        (("scanner", "result", 0, "severity"), ..., "severity is missing"),
        (("scanner", "result", 0, "severity"), [], "severity is empty"),
        (("scanner", "result", 0, "severity"), {"method": "nvd", "score": "low"}, "severity is an object"),
        (("scanner", "result", 0, "severity"), [{"method": "nvd"}], "score is missing"),
        (("scanner", "result", 0, "severity"), [{"method": "nvd", "score": 5.2}], "score is a number"),
        (("scanner", "result", 0, "severity"), [{"method": "nvd", "score": "low"}] * 65, "has 65 items"),
        (("scanner", "result", 0, "severity"), [{"method": "nvd", "score": "low"}], "not as `verify audit` writes"),
        (("scanner", "result", 0, "annotations"), ..., "not as `verify audit` writes"),
        (("scanner", "result", 0, "annotations", 0, "status"), "fine", "status is 'fine'"),
        (("scanner", "result", 0, "annotations", 0, "package"), ..., "package is missing"),
        (("scanner", "result", 0, "annotations", 0, "ids"), ["CVE-1"], "lacks the id of the item"),
        (("metadata",), ..., "predicate.metadata is missing"),
        (("metadata", "scanFinishedOn"), ..., "scanFinishedOn is missing"),
        (("metadata", "scanFinishedOn"), "2024-10-11T23:59:59Z", "is before `scanStartedOn`"),
    ],
)
def test_what_is_not_as_it_has_to_be_is_refused_by_name(path, value, message):
    code, said = refusal(changed(path, value))
    assert code == "vulnerability.scan-invalid"
    assert message in said


@pytest.mark.parametrize("name", ["Scanner", "SCANNER", "metaData"])
def test_a_name_that_go_would_take_for_a_known_one_is_refused(name):
    with pytest.raises(Refused) as refused:
        read_scan({**scan(), name: {}})
    assert refused.value.reasons[0].code.startswith("json.")


def test_a_status_that_is_lowered_to_affected_does_not_hide_that_nobody_knew():
    predicate = scan(packages=[audited(status="unknown", why="from git")], outcome="vulnerable")
    note = predicate["scanner"]["result"][0]["annotations"][0]
    note["status"], note["ids"] = "affected", ["pkg:pypi/jinja2@2.10"]
    assert read_scan(predicate).items[0].rating.severity == "unknown"


def test_more_entries_than_anybody_has_are_refused():
    predicate = foreign(("CVE-123", [("nvd", "low")]))
    predicate["scanner"]["result"] *= 100_001
    assert "at most 100000" in refusal(predicate)[1]


COSIGN = {
    "invocation": {"parameters": None, "uri": "", "event_id": "", "builder.id": ""},
    "scanner": {"uri": "pkg:x", "version": "0.50", "db": {"uri": "", "version": ""}, "result": {"SchemaVersion": 2}},
    "metadata": {"scanStartedOn": "2024-10-12T00:00:00Z", "scanFinishedOn": "2024-10-12T00:00:00Z"},
}


def test_cosigns_record_of_a_scan_is_named_with_what_to_do():
    code, message = refusal(COSIGN)
    assert code == "vulnerability.scan-invalid"
    assert "cosign's record of a scan" in message


@pytest.mark.parametrize(
    ("predicate_type", "message"),
    [
        ("https://cosign.sigstore.dev/attestation/vuln/v1", "cosign's record of a scan"),
        ("cosign.sigstore.dev/attestation/vuln/v1", "cosign's record of a scan"),
        ("https://in-toto.io/attestation/vulns/v0.1", "expected 'https://in-toto.io/attestation/vulns/v0.2'"),
        ("https://in-toto.io/attestation/vulns", "expected 'https://in-toto.io/attestation/vulns/v0.2'"),
    ],
)
def test_a_scan_in_another_format_is_named_with_what_to_do(predicate_type, message):
    with pytest.raises(Refused) as refused:
        require_readable(predicate_type, subject="scan")
    (reason,) = refused.value.reasons
    assert message in reason.message
    assert "verify audit ... --attest" in reason.hint


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4))
def test_several_severities_are_never_better_than_one_of_them(words):
    (item,) = read_scan(foreign(("CVE-123", [("any", word) for word in words]))).items
    assert WORDS.index(item.rating.severity) == max(map(WORDS.index, words))
