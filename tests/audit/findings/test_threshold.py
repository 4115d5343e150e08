"""Which findings count, and in which order they are told."""

from itertools import permutations

import pytest

from tests.support.audit.judged import findings
from tests.support.audit.made import NOW, package, record
from verifier.audit.findings.threshold import judged, with_exploits
from verifier.core.value import replace
from verifier.formats.audit.database import EpssEntry, KevEntry
from verifier.formats.audit.result import SEVERITIES, Excuse
from verifier.formats.osv.record import AffectedPackage, Event, Range

KEV = KevEntry("CVE-2099-1", "2024-01-01", "2024-02-01", ransomware=False)


def finding(severity="", identifier="CVE-2099-1", about=None):
    (found,) = findings([record(identifier, database_severity=severity)], about)
    return found


def undecided():
    commits = (AffectedPackage("PyPI", "jinja2", ranges=(Range("GIT", (Event("introduced", "0"),)),)),)
    (found,) = findings([record("A", affected=commits, database_severity="low")])
    return found


def excuse(*, expired=False):
    return Excuse(by="exceptions", where="e.toml:1", id="CVE-2099-1", status="affected", expires=NOW, expired=expired)


class Known:
    """What is said of CVEs."""

    def __init__(self, kev=(), epss=()):
        self._kev, self._epss = {each.cve: each for each in kev}, {each.cve: each for each in epss}

    def kev(self, cves):
        return {each: self._kev[each] for each in cves if each in self._kev}

    def epss(self, cves):
        return {each: self._epss[each] for each in cves if each in self._epss}


@pytest.mark.parametrize("fail_on", SEVERITIES)
@pytest.mark.parametrize("severity", SEVERITIES[1:])
def test_a_finding_counts_from_the_threshold_on(severity, fail_on):
    (found,) = judged([finding(severity)], fail_on)
    assert found.counts is (SEVERITIES.index(severity) >= SEVERITIES.index(fail_on))


@pytest.mark.parametrize("fail_on", [*SEVERITIES, "unknown"])
def test_a_severity_that_nobody_has_stated_is_above_every_threshold(fail_on):
    (found,) = judged([finding()], fail_on)
    assert found.rating.severity == "unknown"
    assert found.counts


def test_what_nobody_can_decide_counts_whatever_its_severity():
    (found,) = judged([undecided()], "critical")
    assert found.rating.severity == "low"
    assert found.counts


def test_what_is_known_to_be_exploited_is_critical():
    (found,) = judged(with_exploits([finding("low")], Known(kev=[KEV])), "critical")
    assert found.counts
    assert found.rating.severity == "critical"
    assert found.kev == KEV


def test_it_is_known_by_any_of_its_ids():
    (found,) = findings([record("PYSEC-1", aliases=("CVE-2099-1",))])
    (told,) = with_exploits([found], Known(kev=[KEV]))
    assert told.kev == KEV


def test_of_several_probabilities_the_highest_is_told():
    (found,) = findings([record("A", aliases=("CVE-2099-1", "CVE-2099-2"))])
    low, high = EpssEntry("CVE-2099-1", "0.00043", "0.1"), EpssEntry("CVE-2099-2", "9.1e-1", "0.99")
    (told,) = with_exploits([found], Known(epss=[low, high]))
    assert told.epss == high


def test_a_probability_alone_makes_nothing_count():
    probable = EpssEntry("CVE-2099-1", "0.97", "0.99")
    (found,) = judged(with_exploits([finding("low")], Known(epss=[probable])), "high")
    assert not found.counts


def test_findings_without_a_cve_ask_nobody():
    (found,) = findings([record("PYSEC-1")])
    assert with_exploits([found], None) == (found,)


@pytest.mark.parametrize(("expired", "counts"), [(False, False), (True, True)])
def test_a_valid_exception_keeps_a_finding_from_counting(expired, counts):
    (found,) = judged([replace(finding("critical"), excuse=excuse(expired=expired))], "none")
    assert found.counts is counts


class TestTheOrder:
    def severities(self, found):
        return [each.rating.severity for each in judged(found, "none")]

    def test_the_most_severe_come_first_and_unknown_ones_behind_what_is_critical(self):
        several = [
            finding(each, f"CVE-2099-{number}") for number, each in enumerate(("low", "", "high", "critical", "medium"))
        ]
        assert self.severities(several) == ["critical", "unknown", "high", "medium", "low"]

    def test_what_does_not_count_comes_last(self):
        covered = replace(finding("critical"), excuse=excuse())
        assert self.severities([covered, finding("low", "CVE-2099-2")]) == ["low", "critical"]

    def test_what_is_exploited_comes_before_what_is_probable(self):
        several = [finding("critical", f"CVE-2099-{number}") for number in (3, 2, 1)]
        known = Known(kev=[KEV], epss=[EpssEntry("CVE-2099-3", "0.9", "1")])
        told = judged(with_exploits(several, known), "none")
        assert [each.ids[0] for each in told] == ["CVE-2099-1", "CVE-2099-3", "CVE-2099-2"]

    def test_it_is_the_same_whatever_order_they_come_in(self):
        several = [
            finding("high", identifier, package(version=version))
            for identifier in ("A", "B")
            for version in ("2.9", "2.10")
        ]
        told = {judged(order, "none") for order in permutations(several)}
        assert len(told) == 1

    @pytest.mark.parametrize("probability", ["", "nan", "inf", "-1", "x", "1e400"])
    def test_a_probability_that_is_none_is_nought(self, probability):
        odd = with_exploits([finding("high")], Known(epss=[EpssEntry("CVE-2099-1", probability, "")]))
        likely = with_exploits([finding("high", "CVE-2099-2")], Known(epss=[EpssEntry("CVE-2099-2", "0.1", "")]))
        assert [each.ids[0] for each in judged([*odd, *likely], "none")] == ["CVE-2099-2", "CVE-2099-1"]
