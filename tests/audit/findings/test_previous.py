"""What is new, unchanged and gone since an earlier report."""

import json

import pytest

from tests.support.audit.judged import findings
from tests.support.audit.made import NOW, package, record
from verifier.audit.findings.previous import compared, read_previous
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError
from verifier.core.value import replace
from verifier.formats.audit.document import write
from verifier.formats.audit.package import Place
from verifier.formats.audit.result import AuditedPackage, AuditResult


def report(found):
    """The report of an audit that has found this."""
    result = AuditResult(
        targets=("requirements.txt",),
        packages=tuple(AuditedPackage(package=each.package, status="audited") for each in found),
        findings=tuple(found),
        reasons=(),
        outcome="clean",
        now=NOW,
        started=NOW,
        settings=Digest.of(b""),
        verifier=("urn:verifier", "1"),
    )
    return json.dumps(write(result)).encode()


def since(before, now, **more):
    told, gone = compared(now, read_previous(report(before), subject="previous.json"), **more)
    return [each.novelty for each in told], gone


def found(*records, about=None):
    return findings(records, about)


class TestWhatIsTheSame:
    def test_the_same_findings_are_unchanged(self):
        now = found(record("PYSEC-1", aliases=("CVE-1",)), record("PYSEC-2"))
        assert since(now, now) == (["unchanged", "unchanged"], ())

    def test_an_upgrade_that_mends_nothing_makes_nothing_new(self):
        before = found(record("PYSEC-1"), about=package(version="2.9"))
        assert since(before, found(record("PYSEC-1"))) == (["unchanged"], ())

    def test_nor_does_another_line(self):
        moved = found(record("PYSEC-1"), about=package(line=7))
        assert since(moved, found(record("PYSEC-1"))) == (["unchanged"], ())

    def test_nor_does_another_primary_id(self):
        now = found(record("PYSEC-1", aliases=("CVE-1",)))
        assert since(found(record("PYSEC-1")), now) == (["unchanged"], ())

    def test_nor_does_another_spelling_of_the_name(self):
        before = json.loads(report(found(record("PYSEC-1"))))
        before["audit"]["findings"][0]["package"]["purl"] = "pkg:pypi/Jinja2@2.9"
        _, gone = compared(found(record("PYSEC-1")), read_previous(json.dumps(before).encode(), subject="p"))
        assert gone == ()

    def test_findings_that_have_become_one_are_unchanged(self):
        before = found(record("A"), record("B"))
        assert since(before, found(record("A", aliases=("B",)))) == (["unchanged"], ())

    def test_a_finding_that_has_become_two_is_unchanged_twice(self):
        before = found(record("A", aliases=("B",)))
        assert since(before, found(record("A"), record("B"))) == (["unchanged", "unchanged"], ())

    def test_a_report_without_places_is_compared_by_name_and_id(self):
        before = json.loads(report(found(record("PYSEC-1"))))
        del before["audit"]["findings"][0]["places"]
        told, gone = compared(found(record("PYSEC-1")), read_previous(json.dumps(before).encode(), subject="p"))
        assert (told[0].novelty, gone) == ("unchanged", ())


class TestWhatIsNot:
    def test_another_vulnerability_is_new(self):
        assert since(found(record("A")), found(record("A"), record("B")))[0] == ["unchanged", "new"]

    def test_the_same_id_in_another_package_is_new_and_the_old_one_gone(self):
        theirs = found(record("A", "flask", fixed="9"), about=package("flask", "1.0"))
        assert since(theirs, found(record("A"))) == (["new"], (("A", "pkg:pypi/flask@1.0"),))

    def test_the_same_one_in_another_file_is_new(self):
        there = found(record("A"), about=package(file="dev.txt"))
        assert since(there, found(record("A"))) == (["new"], (("A", "pkg:pypi/jinja2@2.10"),))

    def test_in_one_more_file_it_is_unchanged(self):
        (both,) = found(record("A"))
        both = replace(both, package=replace(both.package, places=(Place("requirements.txt", 1), Place("dev.txt", 1))))
        assert since(found(record("A")), [both]) == (["unchanged"], ())

    @pytest.mark.parametrize("file", ["./requirements.txt", "/home/ci/app/requirements.txt"])
    def test_the_same_file_called_from_another_folder_is_the_same(self, file):
        there = found(record("A"), about=package(file=file))
        assert since(there, found(record("A"))) == (["unchanged"], ())
        assert since(found(record("A")), there) == (["unchanged"], ())

    def test_a_file_of_that_name_in_a_folder_beside_it_is_another(self):
        above, below = found(record("A")), found(record("A"), about=package(file="dev/requirements.txt"))
        assert since(above, [*above, *below]) == (["unchanged", "new"], ())

    def test_what_is_no_longer_found_is_gone_by_its_primary_id(self):
        assert since(found(record("A", aliases=("CVE-1",))), ()) == ([], (("CVE-1", "pkg:pypi/jinja2@2.10"),))

    def test_nothing_is_gone_of_a_package_about_which_nobody_could_be_asked(self):
        unknown = AuditedPackage(package=package(version="2.11"), status="unknown", why="the service failed")
        assert since(found(record("A")), (), packages=[unknown]) == ([], ())

    def test_an_earlier_report_without_findings_makes_everything_new(self):
        assert since((), found(record("A"))) == (["new"], ())


AUDIT = {"packages": [], "findings": [{"package": {"purl": "pkg:pypi/jinja2@2.10"}, "ids": ["CVE-1"]}]}


class TestWhatIsNoEarlierReport:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{}",
            b"[]",
            b"null",
            b"{",
            b"\xff\xfe{\x00}\x00",
            b'{"audit": null}',
            b'{"audit": {}}',
            b'{"audit": {"findings": []}}',
            b'{"audit": {"packages": []}}',
            b'{"audit": {"packages": [], "findings": {}}}',
            b'{"audit": {"packages": [], "findings": [3]}}',
            b'{"audit": {"packages": [], "findings": [{}]}}',
            b'{"vulnerabilities": [], "dependencies": []}',
            b'{"audit": ' + b"[" * 100_000,
            json.dumps({"audit": AUDIT}).encode() * 2,
            json.dumps({"audit": AUDIT}).encode("utf-16"),
        ],
    )
    def test_it_is_refused_and_the_file_named(self, content):
        with pytest.raises(ConfigurationError, match=r"^previous\.json: ") as caught:
            read_previous(content, subject="previous.json")
        assert "--format json" in caught.value.hint

    @pytest.mark.parametrize(
        "changed",
        [
            {"ids": []},
            {"ids": None},
            {"ids": [1]},
            {"ids": [""]},
            {"package": None},
            {"package": {"purl": "jinja2"}},
            {"package": {"purl": ""}},
            {"places": [{"line": 1}]},
            {"places": "requirements.txt"},
        ],
    )
    def test_nor_one_whose_finding_cannot_be_told(self, changed):
        tree = {"audit": {**AUDIT, "findings": [{**AUDIT["findings"][0], **changed}]}}
        with pytest.raises(ConfigurationError, match=r"^previous\.json: "):
            read_previous(json.dumps(tree).encode(), subject="previous.json")

    def test_a_report_cut_short_is_refused_wherever_it_ends(self):
        whole = report(found(record("A")))
        for end in range(0, len(whole) - 1, 37):
            with pytest.raises(ConfigurationError):
                read_previous(whole[:end], subject="previous.json")


def test_fifty_thousand_findings_are_compared_at_once():
    tree = {
        "audit": {
            "packages": [],
            "findings": [{**AUDIT["findings"][0], "ids": [f"A-{number}"]} for number in range(50_000)],
        }
    }
    previous = read_previous(json.dumps(tree).encode(), subject="previous.json")
    told, gone = compared(found(record("A-7")), previous)
    assert told[0].novelty == "unchanged"
    assert len(gone) == 49_999
