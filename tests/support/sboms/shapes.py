"""Small images, one for each thing that lists of packages get wrong: the layers of each, by the name of its row in
fixtures/sboms/images.toml, which says what we find in it, and what others do."""

import tomllib

from tests.support.places import ROOT
from tests.support.sboms.databases import ALPINE, APK, DEBIAN, FEDORA, INFO, RPM, STATUS, apk, database, dpkg, paragraph
from tests.support.sboms.installed import SITE, dist_info, node_package
from tests.support.sboms.layers import GONE, OPAQUE, Folder, Link, Program, layout_of
from verifier.engine.targets.target import Target, contents_of
from verifier.sbom.catalog.table import catalog_of
from verifier.sbom.compare.identity import key_of

ROWS = tomllib.loads((ROOT / "fixtures" / "sboms" / "images.toml").read_text(encoding="utf-8"))
MERGED = {"bin": Link("usr/bin"), "lib": Link("usr/lib")}
DIST = "usr/lib/python3/dist-packages"
OF_CORPUS = frozenset({"fedora", "fedora-truncated", "fedora-overwritten"})
"""Whose databases are the corpus'."""
WITHOUT_FOLDERS = frozenset({"distroless-without-folders"})
"""Whose layers have no entries of folders."""


def layers_of(name):
    """The layers of the image of this row, lowest first."""
    return _LAYERS[name]()


def written_at(name, folder):
    """The layout of the image of this row, written to `folder`."""
    return layout_of(folder, *layers_of(name), folders=name not in WITHOUT_FOLDERS)


def listed_of(name, folder):
    """What we find in it."""
    return catalog_of(contents_of(Target(reference=f"oci-layout:{written_at(name, folder)}")))


def spelled(components):
    """Packages as the rows spell them, sorted: `ecosystem/name@version`."""
    keys = (key_of(each) for each in components if each.type not in {"operating-system", "file"})
    return sorted(f"{key.ecosystem}/{key.name}@{key.version}" for key in keys)


def _dpkg(*records):
    """Debian's database of these packages, which have no files."""
    packages = [record.split(b"\n")[0].removeprefix(b"Package: ").decode() for record in records]
    return dpkg(*records) | {f"{INFO}/{name}.list": b"/.\n" for name in packages}


def _debian():
    libc = {"usr/lib/libc.so.6": b"libc", "usr/bin/ldd": Program(b"#!/bin/sh\n")}
    status = paragraph("libc6", "2.36-9", Source="glibc"), paragraph("tzdata", "2024a-0", Architecture="all")
    newer = status[0], paragraph("tzdata", "2024b-1", Architecture="all")
    return (
        {**DEBIAN, **MERGED, **_dpkg(*status), **libc, "usr/share/zoneinfo/UTC": b"old"},
        {**_dpkg(*newer), "usr/share/zoneinfo/UTC": b"new"},
    )


def _epochs():
    return ({**DEBIAN, **_dpkg(paragraph("vim", "2:9.0.1378-2+b1"), paragraph("dash", "0.5.12~rc1-2"))},)


def _config_files():
    return ({**DEBIAN, **_dpkg(paragraph("here"), paragraph("gone", "2.0-1", Status="deinstall ok config-files"))},)


def _half_installed():
    return ({**DEBIAN, **_dpkg(paragraph("here"), paragraph("half", "2.0-1", state="half-installed"))},)


def _unpacked():
    states = ("unpacked", "half-configured", "triggers-awaited", "triggers-pending")
    return ({**DEBIAN, **_dpkg(*(paragraph(state, state=state) for state in states))},)


def _distroless():
    records = {f"var/lib/dpkg/status.d/{name}": _record(name) for name in ("base-files", "tzdata")}
    return ({**DEBIAN, **records, "usr/share/zoneinfo/UTC": b"zone"},)


def _record(name):
    return f"Package: {name}\nVersion: 1.0-1\nArchitecture: amd64\n".encode()


def _alpine():
    return ({**ALPINE, APK: b"\n".join((apk("musl", "1.2.5-r0"), apk("busybox", "1.36.1-r29", o="busybox")))},)


def _alpine_merged():
    return ({**ALPINE, "lib": Link("usr/lib"), f"usr/{APK}": apk("musl", "1.2.5-r0")},)


def _alpine_upgraded():
    before, after = apk("musl", "1.2.5-r0"), apk("musl", "1.2.5-r1")
    return ({**ALPINE, APK: b"\n".join((before, apk("curl", "8.9.0-r0")))}, {APK: after})


def _alpine_without_database():
    files = {"usr/bin/curl": Program(b"curl"), "etc/apk/world": b"curl\n"}
    return {**ALPINE, APK: apk("curl", "8.9.0-r0", files={"usr/bin/curl": b"curl"}), **files}, {APK: GONE}


def _fedora():
    """As rpm itself has written it: others read no header that is made by hand."""
    return ({**FEDORA, RPM: database("rpm/rpmdb.sqlite")},)


def _fedora_truncated():
    return ({**FEDORA, RPM: database("rpm/rpmdb.sqlite")[:30_000]},)


def _fedora_overwritten():
    content = database("rpm/rpmdb.sqlite")
    return ({**FEDORA, RPM: content[:8_000] + b"x" * 4_000 + content[12_000:]},)


def _fedora_no_database():
    return ({**FEDORA, RPM: b"this is no database\n" * 100},)


def _huge_version():
    return ({**DEBIAN, **_dpkg(paragraph("here"), paragraph("a", "1" * 9_000_000))},)


def _opaque():
    return {**DEBIAN, **_dpkg(paragraph("old"))}, {"var/lib/dpkg": OPAQUE, **_dpkg(paragraph("new"))}


def _replaced_and_back():
    return (
        {**DEBIAN, **_dpkg(paragraph("one"), paragraph("two"))},
        {STATUS: GONE},
        {STATUS: paragraph("two")},
    )


def _python():
    return ({**dist_info("ruamel.yaml", "0.18.6"), **dist_info("six", "1.16.0")},)


def _python_egg():
    said = b"Metadata-Version: 1.1\nName: idna\nVersion: 3.3\n"
    folder = {f"{DIST}/chardet-5.1.0.egg-info/PKG-INFO": said.replace(b"idna", b"chardet").replace(b"3.3", b"5.1.0")}
    return ({f"{DIST}/idna-3.3.egg-info": said, **folder, f"{DIST}/idna/__init__.py": b""},)


def _python_swapped():
    return {**dist_info("six", "1.16.0", {"six.py": b"import os\n"})}, {f"{SITE}/six.py": b"import io\n"}


def _python_gone():
    made = dist_info("six", "1.16.0", {"six.py": b"import os\n"})
    return made, {f"{SITE}/six.py": GONE}


def _python_lying():
    return ({**dist_info("lying-dir", "9.9", folder="lying_dir-1.0.dist-info")},)


def _python_uninstalled():
    made = dist_info("six", "1.16.0", {"six.py": b"import os\n"})
    return made, dict.fromkeys((f"{SITE}/six.py", f"{SITE}/six-1.16.0.dist-info"), GONE)


def _python_of_debian():
    made = dist_info("requests", "2.28.1", {"requests/__init__.py": b"1\n"}, site=DIST)
    return ({**DEBIAN, **dpkg(paragraph("python3-requests", "2.28.1+dfsg-1"), python3_requests=made)},)


def _vendored():
    listed = b"certifi==2022.12.7\nidna==3.4\n"
    code = {"pip/__init__.py": b"", "pip/_vendor/vendor.txt": listed, "pip/_vendor/idna/__init__.py": b""}
    return ({**dist_info("pip", "23.0.1", code)},)


def _unowned():
    return ({**dist_info("six", "1.16.0"), f"{SITE}/backdoor.py": b"import os\n"},)


def _npm():
    folder = "app/node_modules"
    return ({**node_package(f"{folder}/left-pad", "left-pad", "1.3.0"), **_scoped(folder)},)


def _scoped(folder):
    return node_package(f"{folder}/@acme/tool", "@acme/tool", "2.0.0")


def _npm_without_version():
    return ({**node_package("app/node_modules/x", "x", None)},)


def _npm_fixture():
    fixture = node_package("app/node_modules/x/test/fixtures/y", "y", "0.0.1")
    return ({**node_package("app/node_modules/x", "x", "1.0.0"), **fixture},)


def _empty():
    return ({"etc": Folder(), "app/main": Program(b"#!/bin/sh\n")},)


_LAYERS = {
    "debian": _debian,
    "debian-epochs": _epochs,
    "debian-config-files": _config_files,
    "debian-half-installed": _half_installed,
    "debian-other-states": _unpacked,
    "debian-huge-version": _huge_version,
    "debian-opaque": _opaque,
    "debian-replaced": _replaced_and_back,
    "distroless": _distroless,
    "distroless-without-folders": _distroless,
    "alpine": _alpine,
    "alpine-merged": _alpine_merged,
    "alpine-upgraded": _alpine_upgraded,
    "alpine-without-database": _alpine_without_database,
    "fedora": _fedora,
    "fedora-truncated": _fedora_truncated,
    "fedora-overwritten": _fedora_overwritten,
    "fedora-no-database": _fedora_no_database,
    "python": _python,
    "python-egg-info": _python_egg,
    "python-swapped-module": _python_swapped,
    "python-module-gone": _python_gone,
    "python-unowned-module": _unowned,
    "python-lying-folder": _python_lying,
    "python-uninstalled": _python_uninstalled,
    "python-of-debian": _python_of_debian,
    "python-vendored": _vendored,
    "npm": _npm,
    "npm-without-version": _npm_without_version,
    "npm-fixture": _npm_fixture,
    "nothing": _empty,
}
NAMES = tuple(_LAYERS)
