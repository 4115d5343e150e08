"""Packages of images whose layers are made to hide some: what a container would have is what is listed."""

import pytest

from tests.support.material import codes
from tests.support.sboms.databases import (
    ALPINE,
    APK,
    DEBIAN,
    FEDORA,
    INFO,
    RPM,
    STATUS,
    apk,
    database,
    dpkg,
    header,
    names,
    one,
    package,
    paragraph,
    rpm,
)
from tests.support.sboms.layers import GONE, OPAQUE, Link, contents_in
from verifier.core.errors import Refused
from verifier.sbom.catalog.table import catalog_of

TOOL = {"usr/bin/tool": b"tool"}


def listed(folder, *layers, files=False, **how):
    return catalog_of(contents_in(folder, *layers, **how), files=files)


def test_only_packages_that_are_installed_are_listed_of_an_image(tmp_path):
    """Item 5."""
    status = b"\n".join(
        (paragraph("here"), paragraph("gone", state="config-files"), paragraph("half", state="half-installed"))
    )
    catalog = listed(tmp_path, {**DEBIAN, STATUS: status})
    assert names(catalog, "deb") == [("half", "1.0-1"), ("here", "1.0-1")]
    assert "package.half-installed" in {each.code for each in catalog.findings}


@pytest.mark.parametrize("folders", [True, False], ids=["with folders", "without folders"])
def test_records_in_a_layer_without_entries_of_folders_are_found(tmp_path, folders):
    """Item 7: for others two packages are none then."""
    records = {
        f"var/lib/dpkg/status.d/{name}": f"Package: {name}\nVersion: 1\n".encode() for name in ("base", "tzdata")
    }
    catalog = listed(tmp_path, {**DEBIAN, **records}, folders=folders)
    assert names(catalog, "deb") == [("base", "1"), ("tzdata", "1")]


@pytest.mark.parametrize("folders", [True, False], ids=["with folders", "without folders"])
@pytest.mark.parametrize("hidden", [{APK: GONE}, {"lib/apk/db": OPAQUE}], ids=["whiteout", "opaque"])
def test_deleting_apks_database_in_a_later_layer_is_no_empty_list(tmp_path, hidden, folders):
    """Item 8, anchore/syft#3980."""
    lower = {**ALPINE, "etc/apk/world": b"tool\n", APK: apk("tool", files=TOOL), **TOOL}
    with pytest.raises(Refused) as refused:
        listed(tmp_path, lower, hidden, folders=folders)
    assert codes(refused) == ["input.unreadable"]


@pytest.mark.parametrize(
    ("lower", "hidden"),
    [
        ({**DEBIAN, **dpkg(paragraph("tool"), tool=TOOL)}, STATUS),
        ({**FEDORA, RPM: rpm(header(package("tool", files=TOOL))), f"{RPM}-shm": b"\0" * 32, **TOOL}, RPM),
    ],
    ids=["dpkg", "rpm"],
)
def test_deleting_another_database_in_a_later_layer_is_no_empty_list(tmp_path, lower, hidden):
    with pytest.raises(Refused, match="is not there") as refused:
        listed(tmp_path, lower, {hidden: GONE})
    assert codes(refused) == ["input.unreadable"]


def test_deleting_all_that_a_package_manager_has_is_a_warning_and_its_files_are_nobodys(tmp_path):
    hidden = dict.fromkeys(("etc/apk", "lib/apk"), GONE)
    catalog = listed(tmp_path, {**ALPINE, "etc/apk/world": b"tool\n", APK: apk("tool", files=TOOL), **TOOL}, hidden)
    assert [each.code for each in catalog.findings] == ["package.no-database"]
    assert "usr/bin/tool" in catalog.integrity.unowned
    assert catalog.aggregate == "incomplete"


@pytest.mark.corpus
@pytest.mark.parametrize("damage", ["cut short", "overwritten", "no SQLite"])
def test_a_database_that_cannot_be_read_is_no_empty_list(tmp_path, damage):
    """Item 12: for others it is one, with exit status 0."""
    content = database("rpm/rpmdb.sqlite")
    damaged = {
        "cut short": content[:30_000],
        "overwritten": content[:8_192] + b"\xff" * 4_000 + content[12_192:],
        "no SQLite": b"this is no database\n" * 1_000,
    }[damage]
    with pytest.raises(Refused) as refused:
        listed(tmp_path, {**FEDORA, RPM: damaged})
    assert codes(refused) == ["input.unreadable"]
    assert refused.value.reasons[0].is_undecided


def test_a_status_with_a_version_of_nine_megabytes_is_refused(tmp_path):
    """Item 12: for others it is a package without a version."""
    with pytest.raises(Refused, match="expected at most") as refused:
        listed(tmp_path, {STATUS: paragraph("a", "9" * 9_000_000)})
    assert codes(refused) == ["input.unreadable"]


def test_a_database_that_a_later_layer_brings_anew_is_the_one_that_counts(tmp_path):
    upgraded = {"usr/bin/tool": b"newer"}
    catalog = listed(
        tmp_path,
        {**DEBIAN, **dpkg(paragraph("tool"), paragraph("other"), tool=TOOL, other={"usr/bin/other": b"o"})},
        dpkg(paragraph("tool", "2.0-1"), paragraph("other"), tool=upgraded),
    )
    assert names(catalog, "deb") == [("other", "1.0-1"), ("tool", "2.0-1")]
    assert (catalog.integrity.altered, catalog.integrity.missing) == ((), ())
    digests = [each.layer for each in (one(catalog, "other"), one(catalog, "tool"))]
    assert len(set(digests)) == 2


def test_a_file_that_a_later_layer_swaps_is_altered_and_listed_with_that_layer(tmp_path):
    catalog = listed(tmp_path, {**DEBIAN, **dpkg(paragraph("tool"), tool=TOOL)}, {"usr/bin/tool": b"t00l"}, files=True)
    swapped, honest = one(catalog, "usr/bin/tool"), one(catalog, f"{INFO}/tool.list")
    assert ("verifier:integrity", "altered") in swapped.properties
    assert swapped.layer != honest.layer
    assert one(catalog, "tool").layer == honest.layer


def test_a_database_that_a_later_layer_leads_out_of_the_root_is_refused(tmp_path):
    with pytest.raises(Refused) as refused:
        listed(tmp_path, {STATUS: paragraph("a")}, {STATUS: Link("../../../../../../proc/1/status")})
    assert codes(refused) == ["input.unreadable"]


def test_a_database_whose_folder_lies_elsewhere_is_refused_and_not_passed_by(tmp_path):
    """It is not kept while layers are read: what nobody looks for there cannot be listed, and is no empty list."""
    with pytest.raises(Refused) as refused:
        listed(tmp_path, {"var/lib/dpkg": Link("/srv/dpkg"), "srv/dpkg/status": paragraph("a")})
    assert codes(refused) == ["input.unreadable"]
