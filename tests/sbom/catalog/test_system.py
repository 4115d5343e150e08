"""What an image consists of, put together: whose each file is, what was changed, from which layer."""

import hashlib
import random

import pytest

from tests.support.sboms.databases import (
    APK,
    DEBIAN,
    INFO,
    RPM,
    STATUS,
    apk,
    dpkg,
    found,
    header,
    one,
    package,
    paragraph,
    rpm,
)
from tests.support.sboms.made import MemoryFiles
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.evidence.contents import Contents
from verifier.sbom.catalog.table import catalog_of

LAYERS = (Digest.of(b"lower"), Digest.of(b"upper"))
OWNED = {"usr/bin/tool": b"tool", "usr/lib/libtool.so": b"library"}


def debian(**files):
    """An image with one package, `tool`, that owns two files."""
    return {**DEBIAN, **dpkg(paragraph("tool"), tool=OWNED), **files}


def alpine(files=OWNED):
    return {APK: apk("tool", files=files), **files}


def fedora(files=OWNED):
    return {RPM: rpm(header(package("tool", files=files))), **files}


SYSTEMS = pytest.mark.parametrize("image", [debian, alpine, fedora])


@SYSTEMS
def test_files_that_are_as_their_package_says_are_no_finding(image):
    catalog = found(image())
    integrity = catalog.integrity
    assert (integrity.altered, integrity.missing, integrity.unchecked, catalog.findings) == ((), (), (), ())


@SYSTEMS
def test_a_swapped_file_is_found_and_named(image):
    """Item 13: for others an image with one other byte in a file has the same packages and hashes."""
    catalog = found({**image(), "usr/bin/tool": b"t00l"})
    assert catalog.integrity.altered == ("usr/bin/tool",)
    (reason,) = [each for each in catalog.findings if each.code == "package.altered"]
    assert "1 altered (usr/bin/tool)" in reason.message
    assert "--files" in reason.hint


@SYSTEMS
def test_a_file_that_is_gone_is_missing(image):
    files = image()
    del files["usr/bin/tool"]
    catalog = found(files)
    assert catalog.integrity.missing == ("usr/bin/tool",)
    assert "1 missing (usr/bin/tool)" in catalog.findings[-1].message


@SYSTEMS
@pytest.mark.parametrize("instead", [("link", "/usr/bin/other"), ("link", "/nowhere")], ids=["link", "dangling"])
def test_a_file_in_whose_place_a_link_to_other_bytes_stands_is_altered(image, instead):
    catalog = found({**image(), "usr/bin/other": b"other", "usr/bin/tool": instead})
    assert catalog.integrity.altered == ("usr/bin/tool",)


@SYSTEMS
def test_a_file_in_whose_place_a_folder_stands_is_altered(image):
    files = image()
    del files["usr/bin/tool"]
    assert found({**files, "usr/bin/tool/inside": b"x"}).integrity.altered == ("usr/bin/tool",)


@SYSTEMS
def test_a_file_of_no_package_is_unowned_and_the_list_is_incomplete(image):
    catalog = found({**image(), "opt/app/run": b"app"})
    assert "opt/app/run" in catalog.integrity.unowned
    assert "usr/bin/tool" not in catalog.integrity.unowned
    assert catalog.aggregate == "incomplete"


@pytest.mark.parametrize("image", [alpine, fedora])
def test_a_link_that_leads_elsewhere_than_its_package_says_is_altered(image):
    files = {"usr/bin/sh": ("link", "/bin/busybox"), "bin/busybox": b"b"}
    assert found(image(files)).integrity.altered == ()
    assert found({**image(files), "usr/bin/sh": ("link", "/tmp/x")}).integrity.altered == ("usr/bin/sh",)  # noqa: S108


def test_settings_that_were_changed_or_removed_are_told_apart():
    digest = hashlib.md5(b"as it came", usedforsecurity=False).hexdigest()
    conffiles = f"\n /etc/tool.conf {digest}\n /etc/gone.conf {digest}\n /etc/old.conf {digest} obsolete"
    files = debian(**{STATUS: paragraph("tool", Conffiles=conffiles), "etc/tool.conf": b"changed"})
    integrity = found(files).integrity
    assert integrity.configured == ("etc/gone.conf", "etc/tool.conf")
    assert (integrity.altered, integrity.missing) == ((), ())


def test_settings_of_apk_and_rpm_are_told_apart_too():
    settings = {"etc/tool.conf": b"as it came"}
    assert found({**alpine(settings), "etc/tool.conf": b"x"}).integrity.configured == ("etc/tool.conf",)
    of_rpm = {RPM: rpm(header(package("tool", files=settings, flags=1))), "etc/tool.conf": b"x"}
    assert found(of_rpm).integrity.configured == ("etc/tool.conf",)


def test_documentation_and_what_dpkg_was_told_to_leave_out_may_be_missing():
    """Slim images have none, by `path-exclude`; what was included again after that has to be there."""
    owned = {path: path.encode() for path in ("usr/share/doc/tool/README", "opt/big/a", "opt/big/keep", "usr/bin/tool")}
    files = {**DEBIAN, **dpkg(paragraph("tool"), tool=owned), "usr/bin/tool": b"usr/bin/tool"}
    for path in ("usr/share/doc/tool/README", "opt/big/a", "opt/big/keep"):
        del files[path]
    files["etc/dpkg/dpkg.cfg.d/slim"] = b"# slim\npath-exclude=/opt/big/*\npath-include /opt/big/keep\n"
    integrity = found(files).integrity
    assert integrity.spared == ("opt/big/a", "usr/share/doc/tool/README")
    assert integrity.missing == ("opt/big/keep",)


def test_documentation_that_was_altered_is_altered():
    files = dpkg(paragraph("tool"), tool={"usr/share/doc/tool/README": b"read"})
    assert found({**files, "usr/share/doc/tool/README": b"x"}).integrity.altered == ("usr/share/doc/tool/README",)


def test_a_file_without_a_digest_is_counted_as_unchecked():
    files = {
        STATUS: paragraph("tool"),
        f"{INFO}/tool.list": b"/.\n/usr\n/usr/bin\n/usr/bin/tool\n",
        "usr/bin/tool": b"?",
    }
    assert found(files).integrity.unchecked == ("usr/bin/tool",)


def test_a_diverted_file_is_where_the_diversion_put_it():
    diversions = b"/usr/bin/tool\n/usr/bin/tool.distrib\nother\n"
    files = debian(
        **{"var/lib/dpkg/diversions": diversions, "usr/bin/tool": b"of other", "usr/bin/tool.distrib": b"tool"}
    )
    integrity = found(files).integrity
    assert (integrity.altered, integrity.missing) == ((), ())


def test_a_file_is_its_packages_where_links_to_folders_lead():
    """Merged `/usr`: packages list `/bin/sh`, and `/bin` is a link."""
    files = {**dpkg(paragraph("tool"), tool={"bin/tool": b"tool"}), "bin": ("link", "usr/bin"), "usr/bin/tool": b"tool"}
    del files["bin/tool"]
    catalog = found(files, list_files=True)
    assert catalog.integrity.missing == ()
    assert one(catalog, "usr/bin/tool").owner == one(catalog, "tool").ref


def test_with_files_every_file_is_listed_with_its_digest_its_owner_and_its_state():
    catalog = found({**debian(), "usr/bin/tool": b"t00l", "opt/app": b"app"}, list_files=True)
    altered, honest, other = (one(catalog, name) for name in ("usr/bin/tool", "usr/lib/libtool.so", "opt/app"))
    owner = one(catalog, "tool").ref
    assert altered.properties == (("verifier:integrity", "altered"), ("verifier:owned-by", owner))
    assert honest.properties == (("verifier:owned-by", owner),)
    assert other.properties == (("verifier:integrity", "unowned"),)
    assert [(each.algorithm, each.value) for each in other.hashes] == [("SHA-256", hashlib.sha256(b"app").hexdigest())]
    assert "file" in catalog.ecosystems
    assert catalog.aggregate == "complete"
    assert "file" not in found(debian()).ecosystems


def test_one_byte_of_one_file_makes_another_catalogue():
    assert found(debian(), list_files=True) != found(debian(**{"opt/module.py": b"x"}), list_files=True)
    one_way, other = (found(debian(**{"opt/module.py": text}), list_files=True) for text in (b"x", b"y"))
    assert one_way.components != other.components


def layered(files, upper):
    """An image whose files are of the lower layer, but for some."""
    made = MemoryFiles(files, layers={path: int(path in upper) for path in files})
    return catalog_of(Contents(kind="image", name="acme/app", files=made, layers=LAYERS))


def test_a_package_is_of_the_layer_that_its_files_came_with():
    both = {f"usr/{name}": name.encode() for name in ("bin/b", "lib/b", "share/b")}
    files = {**dpkg(paragraph("tool") + b"\n" + paragraph("b"), tool=OWNED, b=both)}
    upper = {STATUS, f"{INFO}/b.list", f"{INFO}/b.md5sums", *both}
    catalog = layered(files, upper)
    assert one(catalog, "tool").layer == str(LAYERS[0])
    assert one(catalog, "b").layer == str(LAYERS[1])


@pytest.mark.parametrize("image", [alpine, fedora])
def test_a_package_of_a_database_that_a_later_layer_wrote_is_of_the_layer_of_its_files(image):
    files = image()
    assert one(layered(files, {APK, RPM}), "tool").layer == str(LAYERS[0])
    assert one(layered(files, set(files)), "tool").layer == str(LAYERS[1])


def test_what_a_package_has_installed_that_is_a_package_too_is_owned_by_it():
    """Item 9: as Debian's packages of Python's are; here a record of dpkg's that a package of apk brought."""
    record = "var/lib/dpkg/status.d/inner"
    files = alpine({record: b"Package: inner\nVersion: 1\nArchitecture: all\n"})
    catalog = found(files)
    inner, outer = one(catalog, "inner"), one(catalog, "tool")
    assert (inner.owner, dict(inner.properties)["verifier:owned-by"]) == (outer.ref, outer.ref)
    assert outer.owner == ""
    assert dict(catalog.dependencies)[outer.ref] == (inner.ref,)


def test_a_python_package_that_debian_has_installed_is_owned_by_debians():
    """Item 9: two components for others, without a link; what Python's own list has besides may be missing."""
    folder = "usr/lib/python3/dist-packages"
    owned = {
        f"{folder}/requests/__init__.py": b"code",
        f"{folder}/requests-2.28.dist-info/METADATA": b"Metadata-Version: 2.1\nName: requests\nVersion: 2.28\n",
        f"{folder}/requests-2.28.dist-info/RECORD": b"requests/__init__.py,,\n../../../bin/never,,\n",
    }
    catalog = found({**DEBIAN, **dpkg(paragraph("python3-requests"), python3_requests=owned)})
    inner, outer = one(catalog, "requests"), one(catalog, "python3-requests")
    assert (inner.owner, dict(inner.properties)["verifier:owned-by"]) == (outer.ref, outer.ref)
    assert inner.ref in dict(catalog.dependencies)[outer.ref]
    assert (catalog.integrity.missing, catalog.integrity.unchecked) == ((), ())


def test_the_system_is_a_component_and_the_image_the_subject():
    image = Contents(
        kind="image",
        name="registry.acme.example/team/App",
        version="1.0",
        digests=(Digest.of(b"manifest"),),
        files=MemoryFiles(DEBIAN),
    )
    catalog = catalog_of(image)
    system = one(catalog, "debian")
    assert (system.type, system.version, system.description) == (
        "operating-system",
        "12",
        "Debian GNU/Linux 12 (bookworm)",
    )
    assert catalog.subject.purl == f"pkg:oci/app@{Digest.of(b'manifest')}"
    assert (catalog.subject.name, catalog.subject.version) == ("registry.acme.example/team/App", "1.0")


def test_an_image_with_nothing_in_it_has_whole_lists_of_nothing():
    catalog = found({})
    assert (catalog.components, catalog.findings) == ((), ())
    assert {"deb", "apk", "rpm"} <= catalog.ecosystems


def test_the_same_files_in_any_order_are_the_same_catalogue():
    files = {**debian(), **fedora({"opt/rpm/a": b"a"}), APK: apk("z") + b"\n" + apk("y", D="z")}
    paths = list(files)
    expected = found(files, list_files=True)
    for seed in range(10):
        random.Random(seed).shuffle(paths)  # noqa: S311 - an order, no secret
        assert found({path: files[path] for path in paths}, list_files=True) == expected
    refs = [each.ref for each in expected.components]
    assert refs == sorted(set(refs))


def test_two_records_of_one_package_have_refs_of_their_own():
    catalog = found({APK: apk("a"), "usr/lib/apk/db/installed": apk("a")})
    assert [each.ref for each in catalog.components] == [
        "pkg:apk/a@1.0-r0?arch=x86_64",
        "pkg:apk/a@1.0-r0?arch=x86_64#usr/lib/apk/db/installed",
    ]


def test_more_components_than_may_be_are_refused(monkeypatch):
    monkeypatch.setattr("verifier.sbom.catalog.system.MAX_COMPONENTS", 3)
    with pytest.raises(Refused, match="at most 3"):
        found({f"opt/{number}": b"" for number in range(4)}, list_files=True)
