"""Debian's packages: what dpkg says is there is listed, and its database is never taken for an empty one."""

import pytest

from tests.support.material import codes
from tests.support.sboms.databases import DEBIAN, INFO, STATUS, database, dpkg, found, names, one, paragraph
from verifier.core.errors import Refused

THERE = ["installed", "unpacked", "half-configured", "triggers-awaited", "triggers-pending"]


def truth(content):
    """Name and version of each paragraph that says it is installed: an independent reading, by lines."""
    said = [
        dict(line.split(": ", 1) for line in each.split("\n") if ": " in line[:40]) for each in content.split("\n\n")
    ]
    return sorted((each["Package"], each["Version"]) for each in said if each.get("Status", "").endswith(" installed"))


@pytest.mark.corpus
@pytest.mark.parametrize(("name", "count"), [("debian-only", 1), ("postgresql", 3), ("texlive", 357)])
def test_real_databases_are_listed_to_the_last_package_and_no_other(name, count):
    content = database(f"dpkg/{name}.status")
    catalog = found({STATUS: content})
    assert names(catalog, "deb") == truth(content.decode())
    assert len(names(catalog, "deb")) == count
    assert "deb" in catalog.ecosystems


@pytest.mark.parametrize("state", THERE)
def test_what_is_there_in_any_state_is_listed_with_that_state(state):
    package = one(found({STATUS: paragraph("a", state=state)}), "a")
    assert dict(package.properties).get("verifier:package-state", "installed") == state


@pytest.mark.parametrize("state", ["config-files", "not-installed"])
def test_what_only_left_its_configuration_is_not_listed(state):
    """anchore/syft#3063."""
    catalog = found({STATUS: paragraph("gone", state=state) + b"\n" + paragraph("here")})
    assert names(catalog, "deb") == [("here", "1.0-1")]


def test_what_is_half_installed_is_listed_and_a_warning():
    catalog = found({**DEBIAN, **dpkg(paragraph("a", state="half-installed"), a={"usr/bin/a": b"a"})})
    assert names(catalog, "deb") == [("a", "1.0-1")]
    assert [(each.code, each.subject) for each in catalog.findings] == [
        ("package.half-installed", "pkg:deb/debian/a@1.0-1?arch=amd64&distro=debian-12")
    ]


def test_a_package_on_hold_and_one_that_is_to_be_removed_are_there_until_they_are_gone():
    held = (
        paragraph("a").replace(b"install ok", b"hold ok")
        + b"\n"
        + paragraph("b").replace(b"install ok", b"deinstall ok")
    )
    assert names(found({STATUS: held}), "deb") == [("a", "1.0-1"), ("b", "1.0-1")]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "pkg:deb/debian/a@1.0-1?arch=amd64&distro=debian-12"),
        ({"Source": "src"}, "pkg:deb/debian/a@1.0-1?arch=amd64&distro=debian-12&upstream=src"),
        ({"Source": "src (2:1.0~rc1)"}, "pkg:deb/debian/a@1.0-1?arch=amd64&distro=debian-12&upstream=src%402:1.0~rc1"),
        ({"Source": "a (0.9)"}, "pkg:deb/debian/a@1.0-1?arch=amd64&distro=debian-12&upstream=a%400.9"),
        ({"Version": "1:2.0+dfsg-1"}, "pkg:deb/debian/a@1:2.0%2Bdfsg-1?arch=amd64&distro=debian-12"),
        ({"Architecture": "all"}, "pkg:deb/debian/a@1.0-1?arch=all&distro=debian-12"),
    ],
)
def test_a_purl_says_epoch_architecture_source_and_distribution(fields, expected):
    assert one(found({**DEBIAN, STATUS: paragraph("a", **fields)}), "a").purl == expected


def test_where_no_system_is_said_the_purl_names_none():
    assert one(found({STATUS: paragraph("a")}), "a").purl == "pkg:deb/a@1.0-1?arch=amd64"


def test_two_architectures_of_one_package_are_two_packages_with_their_own_files():
    files = {
        STATUS: paragraph("lib") + b"\n" + paragraph("lib", Architecture="i386"),
        f"{INFO}/lib:amd64.list": b"/usr/lib/x86_64/lib.so\n",
        f"{INFO}/lib:i386.list": b"/usr/lib/i386/lib.so\n",
        "usr/lib/x86_64/lib.so": b"64",
        "usr/lib/i386/lib.so": b"32",
    }
    catalog = found(files, list_files=True)
    assert one(catalog, "usr/lib/i386/lib.so").owner == "pkg:deb/lib@1.0-1?arch=i386"
    assert not catalog.integrity.missing


@pytest.mark.parametrize("record", ["base", "tzdata"])
def test_records_of_distroless_images_are_found_and_their_files_are_theirs(record):
    """Item 7: no entry of a folder is needed for that."""
    files = {
        f"var/lib/dpkg/status.d/{record}": b"Package: base-files\nVersion: 12\nArchitecture: amd64\n",
        f"var/lib/dpkg/status.d/{record}.md5sums": b"0cc175b9c0f1b6a831c399e269772661  usr/bin/a\n",
        "usr/bin/a": b"a",
    }
    catalog = found({**DEBIAN, **files}, list_files=True)
    assert names(catalog, "deb") == [("base-files", "12")]
    assert one(catalog, "usr/bin/a").owner == one(catalog, "base-files").ref
    assert not catalog.findings


@pytest.mark.parametrize("record", ["base.egg-info", "package.json", "METADATA", "rpmdb.sqlite"])
def test_a_record_that_is_named_as_another_readers_are_is_found_all_the_same(record):
    files = {f"var/lib/dpkg/status.d/{record}": b"Package: base-files\nVersion: 12\nArchitecture: amd64\n"}
    assert names(found({**DEBIAN, **files}), "deb") == [("base-files", "12")]


def test_what_dpkg_has_noted_and_not_merged_counts():
    updates = {
        "var/lib/dpkg/updates/0000": paragraph("a", "2.0-1"),
        "var/lib/dpkg/updates/0001": paragraph("b", state="not-installed", Version=None),
        "var/lib/dpkg/updates/tmp.i": paragraph("never"),
    }
    catalog = found({STATUS: paragraph("a") + b"\n" + paragraph("b"), **updates})
    assert names(catalog, "deb") == [("a", "2.0-1")]


def test_who_needs_whom_is_told_by_choices_and_by_what_is_provided():
    status = b"\n".join(
        [
            paragraph("app", Depends="libc6 (>= 2.30), mail-agent | nothing, gone [i386]", Pre_Depends="init:any"),
            paragraph("exim", Provides="mail-agent (= 1), other"),
            paragraph("init"),
            paragraph("libc6"),
        ]
    )
    catalog = found({STATUS: status})
    names_of = {each.ref: each.name for each in catalog.components}
    edges = {names_of[ref]: sorted(names_of[each] for each in others) for ref, others in catalog.dependencies}
    assert edges == {"app": ["exim", "init", "libc6"], "exim": [], "init": [], "libc6": []}


def test_licences_are_those_that_a_machine_readable_copyright_states():
    machine_readable = (
        b"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
        b"Files: *\nCopyright: 2020 Acme\nLicense: GPL-2+\n\nFiles: b\nLicense: Expat\n\nFiles: c\nLicense: odd-one\n\n"
        b"License: Apache-2.0\n A text that nothing is under.\n"
    )
    files = {STATUS: paragraph("a") + b"\n" + paragraph("b"), "usr/share/doc/a/copyright": machine_readable}
    files["usr/share/doc/b/copyright"] = b"This is GPL-2+ somehow. License: none of it.\n"
    catalog = found(files)
    assert [(each.text, each.form) for each in one(catalog, "a").licenses] == [
        ("GPL-2.0-or-later", "id"),
        ("MIT", "id"),
        ("odd-one", "name"),
    ]
    assert one(catalog, "b").licenses == ()


REFUSED = {
    "a version of 9 MB": paragraph("a", "9" * 9_000_000),
    "a description of 9 MB in lines": paragraph("a", Description="x\n" + " y\n" * 3_000_000 + " z"),
    "no text": b"\x7fELF" + b"\0" * 500,
    "zero bytes": b"\0" * 4096,
    "overwritten": paragraph("a") + b"\xff" * 4000 + paragraph("b"),
    "UTF-16": paragraph("a").decode().encode("utf-16"),
    "no name": b"Status: install ok installed\nVersion: 1\n",
    "no version": paragraph("a", Version=None),
    "no status": paragraph("a", Status=None),
    "a state that dpkg does not know": paragraph("a", state="hidden"),
    "a field that stands twice": paragraph("a") + b"Version: 2\n",
    "a record that begins in its middle": b" continued\n" + paragraph("a"),
    "a name with a terminal escape": paragraph("a\x1b[31m"),
    "a version with a blank": paragraph("a", "1 2"),
    "an architecture that is a path": paragraph("a", Architecture="../../etc"),
    "a source that is none": paragraph("a", Source="b (1) (2)"),
    "300 fields": paragraph("a", **{f"X{number}": "y" for number in range(300)}),
    "JSON": b'{"Package": "a"}',
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_a_database_that_is_there_and_cannot_be_read_is_refused(content):
    with pytest.raises(Refused) as refused:
        found({STATUS: content})
    assert codes(refused) == ["input.unreadable"]
    assert refused.value.reasons[0].subject == STATUS


@pytest.mark.parametrize("status", [{}, {STATUS: b""}, {STATUS: b"\n\n\n"}], ids=["removed", "emptied", "blank"])
def test_a_database_that_is_gone_while_its_lists_are_there_is_refused(status):
    files = dpkg(paragraph("a"), a={"usr/bin/a": b"a"})
    del files[STATUS]
    with pytest.raises(Refused, match=r"1 (files of its packages|lists of files)"):
        found({**files, **status})


@pytest.mark.parametrize("target", ["../../../../outside/status", "/nowhere", "status"])
def test_a_database_that_is_a_link_to_nothing_inside_is_refused(target):
    with pytest.raises(Refused, match="symbolic link"):
        found({STATUS: ("link", target)})


def test_a_database_is_found_where_links_lead_inside_the_root():
    catalog = found({"var/lib/dpkg": ("link", "/opt/../data"), "data/status": paragraph("a")})
    assert names(catalog, "deb") == [("a", "1.0-1")]


def test_a_record_that_somebody_took_out_leaves_its_list_and_is_a_warning():
    files = dpkg(paragraph("a"), a={"usr/bin/a": b"a"}, hidden={"usr/bin/hidden": b"h"})
    (reason,) = found(files).findings
    assert (reason.code, reason.subject) == ("package.contradictory", INFO)
    assert "hidden" in reason.message


@pytest.mark.parametrize("state", ["config-files", "not-installed"])
def test_a_package_that_is_said_to_be_gone_and_whose_files_are_there_is_a_warning(state):
    """One word in its record hides a package from whoever lists what is installed."""
    files = dpkg(paragraph("hidden", state=state), hidden={"usr/bin/hidden": b"h", "etc/hidden.conf": b"c"})
    (reason,) = found(files).findings
    assert (reason.code, reason.subject) == ("package.contradictory", "hidden 1.0-1")
    assert "usr/bin/hidden" in reason.message


def test_a_package_that_left_its_configuration_is_no_finding():
    digest = "0cc175b9c0f1b6a831c399e269772661"
    record = paragraph("gone", state="config-files", Conffiles=f"\n /etc/gone.conf {digest}")
    files = dpkg(record, gone={"etc/gone.conf": b"c"})
    assert found(files).findings == ()


def test_a_package_whose_list_is_gone_is_a_warning():
    (reason,) = found(
        dpkg(paragraph("a"), b"", b={"usr/bin/b": b"b"}) | {STATUS: paragraph("a") + b"\n" + paragraph("b")}
    ).findings
    assert (reason.code, "for a:" in reason.message) == ("package.contradictory", True)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.list", b"/usr/bin/../../../etc/shadow\n"),
        ("a.list", b"/usr/bin/a\0\n"),
        ("a.md5sums", b"nothing of the kind\n"),
        ("a.md5sums", b"0cc175b9c0f1b6a831c399e26977266  usr/bin/a\n"),
    ],
)
def test_a_list_that_is_none_is_refused(name, content):
    with pytest.raises(Refused) as refused:
        found({**dpkg(paragraph("a"), a={"usr/bin/a": b"a"}), f"{INFO}/{name}": content})
    assert codes(refused) == ["input.unreadable"]
    assert refused.value.reasons[0].subject == f"{INFO}/{name}"
