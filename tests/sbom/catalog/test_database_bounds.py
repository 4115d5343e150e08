"""What a small database could make endless is bounded: lines, records, files, edges, rules."""

import pytest

from tests.support.material import codes
from tests.support.sboms.databases import APK, INFO, RPM, STATUS, apk, dpkg, found, header, package, paragraph, rpm
from verifier.core.errors import Refused

TWO = paragraph("a", Depends="b, c, d") + b"\n" + paragraph("b")
FILES = {f"usr/{number}": b"" for number in range(4)}
OF_DPKG = dpkg(paragraph("a"), a=FILES)
RULES = {"etc/dpkg/dpkg.cfg": b"path-exclude=/a\n" * 4}
TABLE = ["CREATE TABLE x (y)"]
BOUNDS = [
    ("databases.paragraphs.MAX_LINES", {STATUS: b"\n" * 4 + TWO}, "more than 3 lines"),
    ("databases.paragraphs.MAX_FIELDS", {STATUS: TWO}, "more than 3 fields"),
    ("databases.paragraphs.MAX_FIELD", {STATUS: TWO}, "expected at most 3"),
    ("databases.dpkg_status.MAX_COMPONENTS", {STATUS: TWO + b"\n" + TWO}, "more than 3 records"),
    ("databases.dpkg_files.MAX_OWNED", OF_DPKG, "more than 3 lines"),
    ("databases.dpkg_files.MAX_RULES", {**OF_DPKG, **RULES}, "more than 3 rules"),
    ("databases.needs.MAX_EDGES", {STATUS: TWO + b"Depends: e\n"}, "more than 3 others"),
    ("databases.apk_installed.MAX_LINES", {APK: apk("a")+ b"\n" + apk("b")}, "more than 3 lines"),
    ("databases.apk_installed.MAX_LINE", {APK: apk("a")}, "expected at most 3"),
    ("databases.apk_installed.MAX_OWNED", {APK: apk("a", files=FILES)}, "more than 3 files"),
    ("databases.apk_installed.MAX_COMPONENTS", {APK: b"\n".join([apk("a")] * 4)}, "more than 3 packages"),
    ("databases.rpm_sqlite.MAX_COMPONENTS", {RPM: rpm(*[header(package("a"))] * 4)}, "more than 3 packages"),
    ("databases.rpm_sqlite._MAX_TABLES", {RPM: rpm(header(package("a")), after=TABLE)}, "more than 3 tables"),
    ("databases.rpm_header.MAX_TAGS", {RPM: rpm(header(package("a")))}, "says 1"),
    ("databases.rpm_header.MAX_COUNT", {RPM: rpm(header(package("a", files=FILES)))}, "with 16 values"),
    ("catalog.rpm.MAX_OWNED", {RPM: rpm(header(package("a", files=FILES)))}, "more than 3 files"),
]  # fmt: skip


@pytest.mark.parametrize(("bound", "files", "said"), BOUNDS, ids=[bound for bound, *_ in BOUNDS])
def test_what_is_beyond_a_bound_is_refused_and_says_the_bound(bound, files, said, monkeypatch):
    found({})  # every reader is loaded, and has its bounds, before one is changed
    monkeypatch.setattr(f"verifier.sbom.{bound}", 3)
    with pytest.raises(Refused, match=said) as refused:
        found(files)
    assert codes(refused) == ["input.unreadable"]


def test_a_database_larger_than_any_is_refused_by_its_size(monkeypatch):
    found({})
    monkeypatch.setattr("verifier.sbom.catalog.dpkg.MAX_STATUS", 3)
    with pytest.raises(Refused, match="at most 3 are allowed") as refused:
        found({STATUS: TWO})
    assert codes(refused) == ["input.unreadable"]


def test_rules_of_many_stars_are_matched_in_no_time():
    rules = b"path-exclude=/" + b"*a" * 100 + b"*b\n" + b"path-exclude=/[z-a]*\npath-exclude=/[\n"
    files = {STATUS: paragraph("a"), f"{INFO}/a.list": b"/" + b"a" * 200 + b"\n", "etc/dpkg/dpkg.cfg": rules}
    assert found(files).integrity.missing == ("a" * 200,)
