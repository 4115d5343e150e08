"""File systems inside of an image's own are listed too, where they are: no package is hidden in a folder."""

import pytest

from tests.support.sboms.databases import (
    ALPINE,
    APK,
    DEBIAN,
    RPM,
    STATUS,
    apk,
    dpkg,
    found,
    header,
    names,
    one,
    package,
    paragraph,
    rpm,
)
from tests.support.sboms.layers import contents_in
from verifier.core.errors import Refused
from verifier.sbom.catalog.table import catalog_of

OUTER = {**DEBIAN, **dpkg(paragraph("outer"), outer={"usr/bin/outer": b"o"})}


def inside(root, files):
    return {f"{root}{path}": content for path, content in files.items()}


INNER = {
    "dpkg": ({**DEBIAN, **dpkg(paragraph("inner"), inner={"usr/bin/inner": b"i"})}, "deb"),
    "status.d": ({**DEBIAN, "var/lib/dpkg/status.d/inner": b"Package: inner\nVersion: 1.0-1\n"}, "deb"),
    "apk": ({**ALPINE, APK: apk("inner", "1.0-1", files={"bin/a": b"a"}), "bin/a": b"a"}, "apk"),
    "rpm": ({RPM: rpm(header(package("inner", "1.0", "1", files={"bin/a": b"a"}))), "bin/a": b"a"}, "rpm"),
}


@pytest.mark.parametrize("inner", INNER)
@pytest.mark.parametrize("root", ["srv/root/", "var/", "opt/a b/"])
def test_packages_of_a_file_system_inside_are_listed_with_where_it_is(tmp_path, inner, root):
    files, ecosystem = INNER[inner]
    catalog = catalog_of(contents_in(tmp_path, {**OUTER, **inside(root, files)}))
    assert ("inner", "1.0-1") in names(catalog, ecosystem)
    assert ("outer", "1.0-1") in names(catalog, "deb")
    component = one(catalog, "inner")
    assert ("verifier:root", root) in component.properties
    assert component.path.startswith(root)
    assert (catalog.integrity.altered, catalog.integrity.missing, catalog.findings) == ((), (), ())


def test_its_packages_are_of_its_own_system_and_its_files_theirs():
    catalog = found({**OUTER, **inside("srv/alpine/", INNER["apk"][0])}, list_files=True)
    assert one(catalog, "inner").purl == "pkg:apk/alpine/inner@1.0-1?arch=x86_64&distro=alpine-3.20.1"
    assert one(catalog, "srv/alpine/bin/a").owner == one(catalog, "inner").ref


def test_a_swapped_file_inside_is_altered():
    catalog = found({**OUTER, **inside("srv/", INNER["rpm"][0]), "srv/bin/a": b"b"})
    assert catalog.integrity.altered == ("srv/bin/a",)


def test_the_same_package_inside_and_outside_is_two_components():
    catalog = found({**OUTER, **inside("srv/root/", OUTER), **inside("srv/other/", OUTER)})
    assert names(catalog, "deb") == [("outer", "1.0-1")] * 3
    assert len({each.ref for each in catalog.components}) == 4


def test_links_inside_do_not_lead_out():
    files = {**OUTER, "srv/lib/apk/db/installed": apk("inner"), "srv/etc/os-release": ("link", "/etc/os-release")}
    assert one(found(files), "inner").purl == "pkg:apk/inner@1.0-r0?arch=x86_64"


@pytest.mark.parametrize(
    "files",
    [{STATUS: b"no database"}, {APK: b"no database"}, {RPM: b"no database"}, {"var/lib/rpm/Packages": b"BerkeleyDB"}],
    ids=lambda files: next(iter(files)),
)
def test_one_that_cannot_be_read_is_a_warning_and_in_the_root_itself_an_error(files):
    catalog = found({**OUTER, **inside("home/me/testdata/", files)}, list_files=True)
    (reason,) = catalog.findings
    assert (reason.code, reason.subject) == ("package.unread-root", "home/me/testdata/")
    assert catalog.aggregate == "incomplete"
    assert names(catalog, "deb") == [("outer", "1.0-1")]
    with pytest.raises(Refused):
        found({**OUTER, **files})


def test_more_than_can_be_listed_are_a_warning():
    many = {f"srv/{number}/{APK}": apk(f"a{number}") for number in range(101)}
    catalog = found(many)
    assert len(names(catalog, "apk")) == 100
    assert [each.code for each in catalog.findings] == ["package.unread-root"]


def test_documents_that_lie_where_a_root_has_its_own_are_no_root():
    files = {
        f"srv/{path}": b"x" for path in ("usr/share/doc/a/copyright", "etc/os-release", "var/lib/dpkg/info/a.list")
    }
    assert found({**OUTER, **files}).findings == ()
