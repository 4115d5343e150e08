"""JUnit: XML whatever a text holds, read back by a parser; nothing that is unknown looks like a test that passed."""

from hypothesis import given, settings
from lxml import etree

from tests.support.audit.made import package
from tests.support.audit.results import DJANGO, JINJA, audited, every_kind, excuse, finding, result, results
from verifier.core.outcome import Reason
from verifier.core.value import replace
from verifier.formats.audit.package import Place
from verifier.reports.audit.junit import render


def read(what):
    return etree.fromstring(render(what).encode())


def cases(what):
    """Every testcase by its name: the elements in it."""
    return {case.get("name"): [each.tag for each in case] for case in read(what).iter("testcase")}


@settings(max_examples=40)
@given(results())
def test_whatever_a_text_holds_it_is_xml_and_the_counts_are_right(what):
    root = read(what)
    found = list(root.iter("testcase"))
    assert int(root.get("tests")) == len(found) >= len(what.packages)
    for suite in (root, *root.iter("testsuite")):
        within = list(suite.iter("testcase"))
        errors = [case for case in within if case.find("error") is not None]
        failures = [case for case in within if case.find("failure") is not None and case not in errors]
        assert (int(suite.get("errors")), int(suite.get("failures"))) == (len(errors), len(failures))
    assert {each.tag for case in found for each in case} <= {"failure", "error", "skipped", "system-out"}
    failed = root.get("errors") != "0" or root.get("failures") != "0"
    assert failed or what.outcome == "clean"


def test_a_package_is_a_testcase_of_its_file_and_a_finding_a_failure():
    root = read(result(finding(), finding("CVE-2020-28493"), packages=(audited(records=2), audited(DJANGO))))
    (suite,) = root
    assert suite.get("name") == "requirements.txt"
    vulnerable, fine = suite.findall("testcase")
    assert (vulnerable.get("classname"), vulnerable.get("name")) == ("requirements.txt", "jinja2 2.10")
    assert [each.get("type") for each in vulnerable.findall("failure")] == ["CVE-2019-10906", "CVE-2020-28493"]
    assert len(fine) == 0
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")


def test_what_nobody_knows_is_an_error():
    found = cases(every_kind())
    assert found["inside"] == ["error", "system-out"]
    assert found["binderhub 0.2.0-n653"].count("error") == 2


def test_what_is_accepted_is_skipped_with_its_reason():
    root = read(result(finding(excuse=excuse(), counts=False)))
    (skipped,) = root.iter("skipped")
    for said in ("CVE-2019-10906", "no sandbox is used", "team-web@acme.example", "2024-12-31", "audit.toml:4"):
        assert said in skipped.get("message")


def test_what_is_accepted_beside_a_failure_skips_nothing():
    found = cases(result(finding(excuse=excuse(), counts=False), finding("CVE-2020-28493")))
    assert found["jinja2 2.10"] == ["failure", "system-out"]


def test_an_audit_of_nothing_is_a_testcase_with_an_error():
    assert cases(result(packages=(), outcome="undecided")) == {"audit": ["error"]}


def test_what_is_about_the_whole_audit_is_a_testcase_of_its_own():
    stale = Reason(code="vulnerability.database-stale", subject="osv.db", message="40 days")
    weak = Reason(code="dependency.hash-weak", subject="a.txt:1", message="MD5")
    found = cases(result(reasons=(stale, weak)))
    assert found["vulnerability.database-stale osv.db"] == ["error"]
    assert found["dependency.hash-weak a.txt:1"] == ["failure"]


def test_a_finding_of_a_package_that_is_not_listed_is_not_lost():
    assert cases(result(finding(), packages=(audited(package("left", "1.0")),)))["pkg:pypi/jinja2@2.10"] == ["failure"]


def test_every_suite_has_the_numbers_and_the_database():
    for suite in read(every_kind()).iter("testsuite"):
        said = {each.get("name"): each.get("value") for each in suite.iter("property")}
        assert said["database"].startswith("sha256:")
        assert "1 of 6 packages has no record" in said["packages"]


def test_two_packages_of_one_purl_are_not_taken_for_each_other():
    other = replace(JINJA, source="git", places=(Place("other.txt", 3),))
    root = read(result(finding(), packages=(audited(other, "unknown", why="git"), audited(records=1))))
    found = {case.get("classname"): case[0].tag for case in root.iter("testcase")}
    assert found == {"other.txt": "error", "requirements.txt": "failure"}


def test_a_fault_of_hygiene_is_a_failure_of_its_package():
    weak = Reason(code="dependency.hash-weak", subject=JINJA.purl, message="MD5")
    assert cases(result(reasons=(weak,))) == {"jinja2 2.10": ["failure", "system-out"]}
