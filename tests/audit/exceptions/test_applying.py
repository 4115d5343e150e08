"""Who has decided what about a finding, and for how long."""

from datetime import timedelta

import pytest

from tests.support.audit.judged import findings
from tests.support.audit.made import NOW, package, record
from verifier.audit.exceptions.applying import excused
from verifier.audit.exceptions.reading import read_exceptions
from verifier.core.value import replace
from verifier.formats.audit.result import AuditedPackage
from verifier.formats.osv.record import AffectedPackage, Event, Range

RECORDS = [record("PYSEC-2099-1", aliases=("CVE-2099-1", "GHSA-1"), database_severity="high")]
ONLY_COMMITS = (AffectedPackage("PyPI", "jinja2", ranges=(Range("GIT", (Event("introduced", "0"),)),)),)


def exceptions(*tables, now=NOW):
    return read_exceptions("".join(tables).encode(), where="exceptions.toml", now=now)


def exception(identifier="CVE-2099-1", about="pkg:pypi/jinja2@2.10", expires="2024-12-31", more=""):
    why = 'status = "not_affected"\njustification = "vulnerable_code_not_present"'
    return (
        f'[[exception]]\nid = "{identifier}"\npackage = "{about}"\n{why}\nreason = "not called"\n'
        f'owner = "platform@acme.example"\nexpires = {expires}\n{more}'
    )


def unknown(about="acme-core", expires="2024-12-31"):
    return f'[[unknown]]\npackage = "{about}"\nreason = "ours"\nowner = "core@acme.example"\nexpires = {expires}\n'


def applied(*tables, records=RECORDS, about=None, packages=(), now=NOW, **more):
    about = about or package()
    found = findings(records, about)
    audited = [AuditedPackage(package=about, status="audited"), *packages]
    return excused(found, audited, exceptions(*tables), now=now, **more)


def codes(done):
    return [(each.code, each.severity.value) for each in done.reasons]


class TestAnException:
    @pytest.mark.parametrize("identifier", ["CVE-2099-1", "PYSEC-2099-1", "GHSA-1"])
    def test_covers_a_finding_by_any_of_its_ids(self, identifier):
        done = applied(exception(identifier))
        (finding,) = done.findings
        assert finding.suppressed
        assert finding.excuse.id == identifier
        assert (finding.excuse.by, finding.excuse.where) == ("exceptions", "exceptions.toml:1")
        assert codes(done) == []

    @pytest.mark.parametrize(
        "about",
        ["pkg:pypi/jinja2", "pkg:pypi/Jinja2@2.10", "pkg:pypi/jinja2@2.10.0", "pkg:pypi/jinja2@v2.10"],
    )
    def test_is_bound_to_a_package_by_name_and_version(self, about):
        assert applied(exception(about=about)).findings[0].suppressed

    @pytest.mark.parametrize(
        "about",
        ["pkg:pypi/jinja2@2.9", "pkg:pypi/flask", "pkg:npm/jinja2@2.10", "pkg:pypi/jinja2@2.10%2Bcu118",
         "pkg:pypi/jinja2@2.10?arch=x86_64"],
    )  # fmt: skip
    def test_of_another_package_or_version_covers_nothing(self, about):
        done = applied(exception(about=about))
        assert done.findings[0].excuse is None
        assert codes(done) == [("vulnerability.exception-unused", "warning")]

    def test_of_the_public_version_does_not_cover_a_build_of_its_own(self):
        done = applied(exception(), about=package(version="2.10+cu118"))
        assert not done.findings[0].suppressed

    def test_of_an_id_that_nothing_has_is_unused(self):
        done = applied(exception("CVE-2099-2"))
        assert codes(done) == [("vulnerability.exception-unused", "warning")]
        assert "exceptions.toml:1: no finding of pkg:pypi/jinja2" in done.reasons[0].message

    def test_of_two_on_one_line_the_one_that_covers_nothing_is_unused(self):
        rest = 'package = "pkg:pypi/jinja2", status = "affected", reason = "r", owner = "o", expires = 2024-12-31'
        both = ", ".join(f'{{id = "{identifier}", {rest}}}' for identifier in ("CVE-2099-1", "CVE-2099-2"))
        done = applied(f"exception = [{both}]")
        assert done.findings[0].suppressed
        assert [(each.code, each.subject) for each in done.reasons] == [
            ("vulnerability.exception-unused", "CVE-2099-2")
        ]

    def test_covers_what_nobody_can_decide_by_the_records_id(self):
        done = applied(exception("OSV-1"), records=[record("OSV-1", affected=ONLY_COMMITS)])
        assert done.findings[0].suppressed

    def test_covers_what_could_not_be_read(self):
        found = findings([], refused=("OSV-1",))
        done = excused(found, [], exceptions(exception("OSV-1")), now=NOW)
        assert done.findings[0].suppressed

    def test_needs_its_qualifiers_in_the_packages_purl(self):
        about = replace(
            package("zlib", "1.2", ecosystem="apk", namespace="alpine"), purl="pkg:apk/alpine/zlib@1.2?distro=3.18"
        )
        records = [record("A", "zlib", ecosystem="Alpine", fixed="1.3")]
        assert (
            applied(exception("A", "pkg:apk/alpine/zlib@1.2?distro=3.18"), records=records, about=about)
            .findings[0]
            .suppressed
        )
        other = applied(exception("A", "pkg:apk/alpine/zlib@1.2?distro=3.19"), records=records, about=about)
        assert not other.findings[0].suppressed


class TestAnExceptionThatHasEnded:
    def test_keeps_nothing_from_counting_and_is_said(self):
        done = applied(exception(expires="2024-10-11"))
        (finding,) = done.findings
        assert not finding.suppressed
        assert finding.excuse.expired
        assert codes(done) == [("vulnerability.exception-expired", "warning")]

    def test_ends_at_the_beginning_of_its_day(self):
        assert not applied(exception(expires="2024-10-12")).findings[0].suppressed
        assert applied(exception(expires="2024-10-12T00:00:01Z")).findings[0].suppressed

    def test_is_said_too_where_another_covers_the_same(self):
        done = applied(exception("GHSA-1", expires="2024-10-11"), exception())
        assert done.findings[0].suppressed
        assert codes(done) == [("vulnerability.exception-expired", "warning")]
        assert done.findings[0].excuse.id == "CVE-2099-1"

    def test_and_covers_nothing_is_unused_and_says_that_it_has_ended(self):
        done = applied(exception("CVE-2099-2", expires="2024-10-11"))
        assert codes(done) == [("vulnerability.exception-unused", "warning")]
        assert "it ended on 2024-10-11" in done.reasons[0].message

    def test_ends_while_the_file_stays_as_it_is(self):
        tables = exceptions(exception())
        found = findings(RECORDS)
        valid = [excused(found, [], tables, now=NOW + timedelta(days=days)).findings[0].suppressed for days in (79, 80)]
        assert valid == [True, False]


class TestAnUnknownPackage:
    def unasked(self, name="acme-core", version="1.0", **more):
        return AuditedPackage(package=package(name, version, source="git", **more), status="unknown", why="from git")

    @pytest.mark.parametrize("about", ["acme-core", "Acme.Core", "pkg:pypi/acme-core", "pkg:pypi/acme_core"])
    def test_is_accepted_by_its_name(self, about):
        done = applied(unknown(about), packages=[self.unasked()], records=[])
        assert done.packages[1].accepted == "core@acme.example until 2024-12-31T00:00:00Z: ours (exceptions.toml:1)"
        assert done.packages[1].status == "unknown"
        assert codes(done) == []

    @pytest.mark.parametrize("about", ["acme-core-2", "pkg:npm/acme-core", "acme"])
    def test_is_not_accepted_by_another(self, about):
        done = applied(unknown(about), packages=[self.unasked()], records=[])
        assert done.packages[1].accepted == ""
        assert codes(done) == [("vulnerability.exception-unused", "warning")]

    def test_is_known_by_its_namespace_too(self):
        done = applied(
            unknown("@acme/core"), packages=[self.unasked("core", ecosystem="npm", namespace="@acme")], records=[]
        )
        assert done.packages[1].accepted

    def test_is_unknown_again_once_that_has_ended(self):
        done = applied(unknown(expires="2024-10-11"), packages=[self.unasked()], records=[])
        assert done.packages[1].accepted == ""
        assert codes(done) == [("vulnerability.exception-expired", "warning")]

    def test_that_somebody_can_say_something_about_needs_no_acceptance(self):
        done = applied(unknown("jinja2"), records=[])
        assert done.packages[0].accepted == ""
        assert codes(done) == [("vulnerability.exception-unused", "warning")]

    def test_accepts_no_finding(self):
        assert not applied(unknown("jinja2")).findings[0].suppressed


def test_nothing_is_left_out_or_put_in_another_order():
    several = [record(f"A-{number}") for number in range(10)]
    done = applied(*(exception(f"A-{number}") for number in (3, 7)), records=several)
    assert [each.ids for each in done.findings] == [each.ids for each in findings(several)]
    assert [each.suppressed for each in done.findings].count(True) == 2


def test_thousands_of_exceptions_and_packages_cost_what_they_are():
    tables = [exception("CVE-2099-1", f"pkg:pypi/p{number}") for number in range(1_000)]
    packages = [AuditedPackage(package=package(f"p{number}", "1"), status="unknown") for number in range(20_000)]
    found = [
        each
        for number in range(1_000)
        for each in findings([record("CVE-2099-1", f"p{number}", fixed="2")], package(f"p{number}", "1"))
    ]
    done = excused(found, packages, exceptions(*tables), now=NOW)
    assert all(each.suppressed for each in done.findings)
