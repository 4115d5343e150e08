"""VEX of an audit in both forms: read back by our own strict readers as the statements that were meant."""

import json

import pytest
from hypothesis import assume, given, settings

from tests.support.audit.made import package
from tests.support.audit.results import JINJA, audited, every_kind, excuse, finding, result, results
from verifier.core.outcome import Reason
from verifier.core.value import replace
from verifier.reports.audit.table import renderer
from verifier.reports.table import PLAIN
from verifier.sbom.vex.reading import read_vex

BOTH = pytest.mark.parametrize("form", ["openvex", "cyclonedx-vex"])


def read(what, form):
    """The document, read strictly and held against the schema where there is one."""
    return read_vex(renderer(form)(what, PLAIN).encode(), subject="vex.json")


def statuses(what, form):
    return {each.vulnerability: each.status for each in read(what, form).statements}


@BOTH
def test_each_finding_is_the_statement_that_it_means(form):
    assert statuses(every_kind(), form) == {
        "CVE-2021-35042": "affected",
        "PYSEC-2022-1": "affected",
        "CVE-2020-28493": "affected",
        "CVE-2019-10906": "not_affected",
        "PYSEC-2023-9": "under_investigation",
        "vulnerability.undecided": "under_investigation",
        "vulnerability.unknown-dependency": "under_investigation",
    }


@BOTH
@settings(max_examples=40)
@given(what=results())
def test_whatever_a_text_holds_it_is_read_again(form, what):
    stated = json.loads(renderer("openvex")(what, PLAIN))["statements"]
    assume(stated)
    meant = {(each["vulnerability"]["name"], each["status"]) for each in stated}
    assert {(each.vulnerability, each.status) for each in read(what, form).statements} == meant


@BOTH
@pytest.mark.parametrize("said", ["0 ", " CVE-2019-1 ", "CVE-2019-1\t"])
def test_an_id_with_blanks_around_it_is_the_same_in_both(form, said):
    (found,) = read(result(finding(said)), form).statements
    assert found.vulnerability == said.replace("\t", "\\x09")


@BOTH
def test_a_statement_is_about_the_package_by_its_purl(form):
    (found,) = read(result(finding("CVE-2019-10906", "GHSA-1", of=package("a-b", "1.0%2Bx"))), form).statements
    (product,) = found.products
    assert "pkg:pypi/a-b@1.0%2Bx" in (*product.purls, product.component.purl if product.component else "")
    assert found.names == {"CVE-2019-10906", "GHSA-1"}
    assert "Upgrade a-b to 2.10.1" in found.action + found.notes


@BOTH
def test_an_exception_is_not_affected_with_its_justification_and_reason(form):
    (found,) = read(result(finding(excuse=excuse(), counts=False)), form).statements
    assert found.status == "not_affected"
    assert "vulnerable_code_not_in_execute_path" in found.justification + found.impact
    assert "no sandbox is used" in found.impact
    assert "team-web@acme.example" in found.notes
    assert "until 2024-12-31" in found.notes


@BOTH
@pytest.mark.parametrize("said", [{"expired": True}, {"status": "affected", "justification": ""}])
def test_one_that_has_ended_or_accepts_the_risk_silences_nothing(form, said):
    (found,) = read(result(finding(excuse=excuse(**said), counts=False)), form).statements
    assert found.status == "affected"


@BOTH
def test_one_of_somebody_elses_words_keeps_them_and_is_still_sound(form):
    said = excuse(by="vex", status="fixed", justification="", reason="", owner="")
    assert statuses(result(finding(excuse=said, counts=False)), form) == {"CVE-2019-10906": "fixed"}
    said = excuse(justification="code_not_reachable", reason="")
    (found,) = read(result(finding(excuse=said, counts=False)), form).statements
    assert "code_not_reachable" in found.justification + found.impact


@BOTH
@pytest.mark.parametrize(
    "what",
    [
        result(packages=(audited(status="unknown", why="it has no version"),)),
        result(packages=(), reasons=(Reason(code="vulnerability.database-invalid", subject="a.db", message="none"),)),
    ],
)
def test_where_nobody_knows_nothing_is_silenced_and_something_is_said(form, what):
    assert set(statuses(what, form).values()) == {"under_investigation"}


@BOTH
def test_a_purl_that_is_none_is_named_and_not_believed(form):
    strange = replace(JINJA, purl="pkg:pypi/a b@1")
    (found,) = read(result(finding(of=strange)), form).statements
    assert "urn:verifier:package:pkg%3Apypi%2Fa%20b%401" in str(found.products)


class TestOpenVex:
    def test_its_name_is_a_digest_of_its_content(self):
        first, second = (json.loads(renderer("openvex")(what, PLAIN)) for what in (result(finding()), every_kind()))
        assert first["@id"] != second["@id"]
        assert first["@id"] == json.loads(renderer("openvex")(result(finding()), PLAIN))["@id"]

    def test_a_clean_audit_states_nothing(self):
        assert json.loads(renderer("openvex")(result(), PLAIN))["statements"] == []


class TestCycloneDx:
    def document(self, what):
        return json.loads(renderer("cyclonedx-vex")(what, PLAIN))

    def test_what_is_affected_is_listed_under_its_ref_with_its_rating(self):
        document = self.document(result(finding(severity="critical", score="9.8")))
        (vulnerability,) = document["vulnerabilities"]
        refs = {each["bom-ref"] for each in document["components"]}
        assert {each["ref"] for each in vulnerability["affects"]} == refs == {JINJA.purl}
        assert vulnerability["ratings"] == [{"severity": "critical", "score": 9.8}]

    @pytest.mark.parametrize(
        ("vector", "method"),
        [
            ("CVSS:4.0/AV:N", "CVSSv4"),
            ("CVSS:3.1/AV:N", "CVSSv31"),
            ("CVSS:3.0/AV:N", "CVSSv3"),
            ("AV:N/AC:L/Au:N/C:P/I:P/A:P", "CVSSv2"),
            ("strange", "other"),
        ],
    )
    def test_a_vector_has_its_method(self, vector, method):
        rating = finding().rating._replace(vector=vector)
        (vulnerability,) = self.document(result(finding(rating=rating)))["vulnerabilities"]
        assert vulnerability["ratings"][0]["method"] == method

    def test_the_numbers_and_what_nobody_knows_are_properties(self):
        said = [(each["name"], each["value"]) for each in self.document(every_kind())["metadata"]["properties"]]
        assert ("verifier:audit:outcome", "vulnerable") in said
        assert any(name == "verifier:audit:unknown" and "inside" in value for name, value in said)
        assert any(
            name == "verifier:audit:packages" and "1 of 6 packages has no record" in value for name, value in said
        )
