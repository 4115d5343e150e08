"""VEX documents keep findings from counting: what they are bound to, and for how long."""

import pytest

from tests.support.audit.judged import findings
from tests.support.audit.made import NOW, package, record
from tests.support.sboms.vexes import content, cyclonedx, openvex, statement, vulnerability
from verifier.audit.exceptions.applying import excused
from verifier.audit.exceptions.model import Exceptions, NamedVex, VexInput
from verifier.audit.exceptions.reading import read_exceptions
from verifier.formats.audit.result import AuditedPackage
from verifier.sbom.vex.reading import read_vex

JINJA2 = "pkg:pypi/jinja2@2.10"
APP = "pkg:pypi/app@1.0"
WHEN = "2024-10-01T00:00:00Z"
RECORDS = [record("PYSEC-2026-1", aliases=("CVE-2026-1",))]
OWN = package("app", "1.0", source="path", local=True)


def named(tree, name="vex.json"):
    return NamedVex(name=name, document=read_vex(content(tree), subject=name))


def about(*products, **said):
    return statement(products=[{"@id": each} if isinstance(each, str) else each for each in products], **said)


def applied(*trees, exceptions=None, local=(), max_days=365, edges=()):
    audited = [AuditedPackage(package=each, status="audited") for each in (package(), *local)]
    documents = tuple(named(each, f"{number}.json") for number, each in enumerate(trees))
    vex = VexInput(documents=documents, max_days=max_days, edges=edges)
    return excused(findings(RECORDS), audited, exceptions or Exceptions(), vex, now=NOW)


def codes(done):
    return [(each.code, each.severity.value) for each in done.reasons]


class TestWhatKeepsAFindingFromCounting:
    @pytest.mark.parametrize("status", ["not_affected", "fixed"])
    def test_a_statement_about_the_package(self, status):
        done = applied(openvex(about(JINJA2, status=status), timestamp=WHEN))
        excuse = done.findings[0].excuse
        assert done.findings[0].suppressed
        assert (excuse.by, excuse.where, excuse.status, excuse.owner) == ("vex", "0.json", status, "Acme")
        assert excuse.expires.isoformat() == "2025-10-01T00:00:00+00:00"
        assert codes(done) == []

    def test_a_statement_by_an_alias(self):
        alias = about(JINJA2, vulnerability={"name": "PYSEC-2026-1"})
        assert applied(openvex(alias, timestamp=WHEN)).findings[0].suppressed

    def test_a_statement_about_the_whole_project(self):
        assert applied(openvex(about(APP), timestamp=WHEN), local=[OWN]).findings[0].suppressed

    def test_a_statement_about_a_part_of_the_project(self):
        part = about({"@id": APP, "subcomponents": [{"@id": JINJA2}]})
        assert applied(openvex(part, timestamp=WHEN), local=[OWN]).findings[0].suppressed

    def test_a_statement_about_a_part_of_a_member_of_the_workspace(self):
        other = package("other", "1.0", source="path", local=True)
        part = openvex(about({"@id": APP, "subcomponents": [{"@id": JINJA2}]}), timestamp=WHEN)
        assert applied(part, local=[OWN, other], edges=((APP, JINJA2),)).findings[0].suppressed
        assert not applied(part, local=[OWN, other]).findings[0].suppressed

    def test_a_statement_in_cyclonedx(self):
        component = {"type": "library", "bom-ref": "j", "name": "jinja2", "version": "2.10", "purl": JINJA2}
        tree = cyclonedx(vulnerability(ref="j"), components=[component], metadata={"timestamp": WHEN})
        assert applied(tree).findings[0].suppressed


class TestWhatDoesNot:
    @pytest.mark.parametrize("status", ["affected", "under_investigation"])
    def test_another_status(self, status):
        done = applied(openvex(about(JINJA2, status=status), timestamp=WHEN))
        assert done.findings[0].excuse is None

    @pytest.mark.parametrize(
        "product", ["pkg:pypi/jinja2@2.11", "pkg:pypi/jinja2", "pkg:npm/jinja2@2.10", "pkg:pypi/flask@2.10", APP]
    )
    def test_a_statement_about_something_else(self, product):
        done = applied(openvex(about(product), timestamp=WHEN))
        assert done.findings[0].excuse is None
        assert codes(done) == [("vex.elsewhere", "warning")]

    def test_a_part_of_somebody_elses_product(self):
        done = applied(openvex(about({"@id": "pkg:pypi/theirs@1", "subcomponents": [{"@id": JINJA2}]}), timestamp=WHEN))
        assert done.findings[0].excuse is None

    def test_another_vulnerability_is_unused(self):
        done = applied(openvex(about(JINJA2, vulnerability={"name": "CVE-2026-2"}), timestamp=WHEN))
        assert codes(done) == [("vulnerability.exception-unused", "warning")]

    def test_a_statement_that_has_ended_is_said(self):
        done = applied(openvex(about(JINJA2), timestamp="2023-10-01T00:00:00Z"))
        assert not done.findings[0].suppressed
        assert done.findings[0].excuse.expired
        assert codes(done) == [("vulnerability.exception-expired", "warning")]

    def test_it_lasts_as_long_as_exceptions_may(self):
        assert not applied(openvex(about(JINJA2), timestamp=WHEN), max_days=10).findings[0].suppressed

    def test_a_statement_of_the_future(self):
        done = applied(openvex(about(JINJA2), timestamp="2025-01-01T00:00:00Z"))
        assert done.findings[0].excuse is None
        assert codes(done) == [("vex.elsewhere", "warning")]

    def test_a_statement_that_nobody_has_dated(self):
        component = {"type": "library", "bom-ref": "j", "name": "jinja2", "version": "2.10", "purl": JINJA2}
        done = applied(cyclonedx(vulnerability(ref="j"), components=[component], metadata={}))
        assert done.findings[0].excuse is None
        assert codes(done) == [("vex.invalid", "warning")]


class TestSeveralStatements:
    def test_the_newest_counts_also_where_it_silences_nothing(self):
        older = openvex(about(JINJA2), timestamp=WHEN)
        newer = openvex(about(JINJA2, status="affected"), timestamp="2024-10-02T00:00:00Z")
        assert applied(older, newer).findings[0].excuse is None
        assert applied(newer, older).findings[0].excuse is None

    def test_of_two_of_one_moment_the_one_that_silences_least(self):
        both = openvex(about(JINJA2), about(JINJA2, status="under_investigation"), timestamp=WHEN)
        assert applied(both).findings[0].excuse is None

    def test_the_file_of_exceptions_comes_before_them_while_it_holds(self):
        text = (
            '[[exception]]\nid = "CVE-2026-1"\npackage = "pkg:pypi/jinja2"\nstatus = "affected"\nreason = "r"\n'
            'owner = "o"\nexpires = %s\n'
        )
        tree = openvex(about(JINJA2), timestamp=WHEN)
        for expires, by in (("2024-12-31", "exceptions"), ("2024-10-01", "vex")):
            held = read_exceptions((text % expires).encode(), where="e.toml", now=NOW)
            done = applied(tree, exceptions=held)
            assert done.findings[0].suppressed
            assert done.findings[0].excuse.by == by

    def test_unused_ones_beyond_a_hundred_are_counted(self):
        many = [about(JINJA2, vulnerability={"name": f"CVE-2027-{number}"}) for number in range(150)]
        done = applied(openvex(*many, timestamp=WHEN))
        assert len(done.reasons) == 101
        assert done.reasons[-1].message == "50 more statements keep nothing from counting"
