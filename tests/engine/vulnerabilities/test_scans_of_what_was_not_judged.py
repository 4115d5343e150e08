"""Scans of which a part was not judged, or whose findings are exploited: a threshold lets neither through."""

import pytest

from tests.support.audit.gated import attested, gated, recent, rule
from tests.support.audit.scans import finding, foreign
from tests.support.material import NOW
from tests.support.stories import codes, signed, verify
from verifier.core.outcome import Reason
from verifier.formats.audit.database import KevEntry

CONTENT = signed()
UNSOUND = Reason(code="sbom.invalid", subject="app.cdx.json", message="components[1].purl is no purl")
UNREAD = Reason(code="dependency.lock-invalid", subject="uv.lock", message="the mark of a merge")
UNLISTED = Reason(code="vulnerability.unknown-dependency", subject="layer 2", message="package.unlisted: rpm")


def judged(predicate, max_severity="critical"):
    document = attested(CONTENT, predicate)
    return verify(CONTENT, gated(rule(max_severity)), attestations=(document,)).verdict


@pytest.mark.parametrize("reason", [UNSOUND, UNREAD, UNLISTED], ids=lambda each: each.code)
@pytest.mark.parametrize("found", [(), (finding(severity="low"),)], ids=["nothing else", "a finding"])
def test_a_scan_of_which_a_part_could_not_be_judged_is_not_fine(reason, found):
    verdict = judged(recent(*found, reasons=(reason,), outcome="vulnerable"))
    assert codes(verdict) == ["vulnerability.unknown-dependency"]
    (said,) = [each for each in verdict.reasons if each.is_error]
    assert said.subject == reason.subject
    assert reason.code in said.message


def test_what_hygiene_asks_is_no_word_about_vulnerabilities():
    weak = Reason(code="dependency.hash-weak", subject="pkg:pypi/jinja2@2.10", message="md5")
    assert codes(judged(recent(reasons=(weak,), outcome="vulnerable"))) == []


def test_what_is_known_to_be_exploited_counts_under_every_threshold():
    kev = KevEntry("CVE-2019-10906", "2024-01-01", "2024-02-01", ransomware=False)
    found = finding(severity="critical", kev=kev)
    assert codes(judged(recent(found))) == ["vulnerability.known"]
    assert codes(judged(recent(finding(severity="critical")))) == []


def test_of_two_scans_the_one_that_knows_of_an_exploit_counts():
    kev = KevEntry("CVE-2019-10906", "2024-01-01", "2024-02-01", ransomware=False)
    scans = [recent(finding(severity="critical", **more)) for more in ({}, {"kev": kev})]
    for these in (scans, scans[::-1]):
        documents = tuple(attested(CONTENT, each) for each in these)
        assert codes(verify(CONTENT, gated(rule("critical")), attestations=documents).verdict) == [
            "vulnerability.known"
        ]


def test_a_vector_of_the_second_version_of_cvss_is_read():
    severities = [("cvss_v2", "AV:N/AC:L/Au:N/C:C/I:C/A:C"), ("vendor", "low")]
    predicate = foreign(("CVE-2019-10906", severities), finished=NOW, last_update=NOW)
    assert codes(judged(predicate, "medium")) == ["vulnerability.known"]
    assert codes(judged(predicate, "high")) == []
