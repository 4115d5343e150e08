"""Databases that rpm and dpkg themselves have made: what they say is installed, needed and altered is what is found."""

import hashlib
import json
import sqlite3
import subprocess

import pytest

from tests.support.peers.peers import executable, run
from tests.support.sboms.databases import names, one
from verifier.core.errors import Refused
from verifier.evidence.contents import Contents
from verifier.sbom.catalog.table import catalog_of
from verifier.sources.folders.folder import FolderFiles

pytestmark = pytest.mark.interop
SPEC = """Name: {name}
Version: {version}
Release: {release}
{more}
Summary: {name} of Acme
License: MIT
Vendor: Acme
BuildArch: noarch
%description
x
%install
mkdir -p %{{buildroot}}/usr/bin %{{buildroot}}/etc %{{buildroot}}/usr/share/doc/{name} %{{buildroot}}/var/log
echo {name}-{version} > %{{buildroot}}/usr/bin/{name}
ln -s {name} %{{buildroot}}/usr/bin/{name}-alias
echo conf > %{{buildroot}}/etc/{name}.conf
echo doc > %{{buildroot}}/usr/share/doc/{name}/README
%files
/usr/bin/{name}
/usr/bin/{name}-alias
%config(noreplace) /etc/{name}.conf
%doc /usr/share/doc/{name}/README
%ghost /var/log/{name}.log
%dir /usr/share/doc/{name}
"""
PACKAGES = [
    ("epochal", "1.0~rc1^git5", "2", "Epoch: 3\nRequires: plain"),
    ("plain", "2.0", "1.el9", ""),
    ("modular", "3.1", "7", "ModularityLabel: modular:3:9:abc\nRequires: /usr/bin/plain"),
]
QUERY = "%{NAME} %{EPOCHNUM} %{VERSION}-%{RELEASE} %{ARCH} %{SOURCERPM}\\n"


def system(root, name, version):
    """Say which system a root holds."""
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc/os-release").write_text(f'ID={name}\nVERSION_ID="{version}"\n')


class Rpm:
    """A root that rpm installs into."""

    def __init__(self, folder):
        self.program, self.builder = executable("rpm", "RPM"), executable("rpmbuild", "RPMBUILD")
        self.folder, self.root = folder, folder / "root"
        self.root.mkdir()
        self("--initdb")
        system(self.root, "fedora", 40)
        self.database = self.root / "var/lib/rpm/rpmdb.sqlite"

    def __call__(self, *arguments, check=False):
        say = ("--root", str(self.root), "--dbpath", "/var/lib/rpm", "--define", "_db_backend sqlite")
        command = [self.program, *say, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=check).stdout

    def install(self, name, version, release, more):
        spec = self.folder / f"{name}.spec"
        spec.write_text(SPEC.format(name=name, version=version, release=release, more=more))
        run(self.builder, "-bb", "--quiet", "--define", f"_topdir {self.folder}/built", str(spec), cwd=self.folder)
        (built,) = (self.folder / "built/RPMS").rglob(f"{name}-*.rpm")
        self("-i", "--nodeps", "--noscripts", str(built), check=True)

    def catalog(self, **how):
        return catalog_of(Contents(kind="image", name="acme", files=FolderFiles(self.root, is_root=True)), **how)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    rpm = Rpm(tmp_path_factory.mktemp("rpm"))
    for each in PACKAGES:
        rpm.install(*each)
    return rpm


def test_what_rpm_says_is_installed_is_what_is_found(installed):
    said = [line.split() for line in installed("-qa", "--qf", QUERY).splitlines()]
    found = [(each, dict(each.qualifiers)) for each in installed.catalog().components if each.ecosystem]
    assert sorted(
        (each.name, more.get("epoch", "0"), each.version, more["arch"], more["upstream"]) for each, more in found
    ) == (sorted(tuple(each) for each in said))
    assert len(said) == len(PACKAGES)
    assert one(installed.catalog(), "modular").properties == (("verifier:rpm:modularity", "modular:3:9:abc"),)


def test_files_that_rpm_verifies_are_as_they_should_be_and_need_each_other(installed):
    catalog = installed.catalog()
    integrity = catalog.integrity
    assert (integrity.altered, integrity.missing, integrity.unchecked) == ((), (), ())
    assert integrity.spared == tuple(f"var/log/{name}.log" for name, *_ in sorted(PACKAGES))
    edges = {one(catalog, name).ref: name for name, *_ in PACKAGES}
    assert {edges[ref]: [edges[each] for each in others] for ref, others in catalog.dependencies} == {
        "epochal": ["plain"],
        "modular": ["plain"],
        "plain": [],
    }


def test_what_rpm_says_was_altered_is_what_is_found_altered(tmp_path):
    rpm = Rpm(tmp_path)
    rpm.install(*PACKAGES[1])
    (rpm.root / "usr/bin/plain").write_text("other\n")
    (rpm.root / "etc/plain.conf").write_text("other\n")
    (rpm.root / "usr/bin/plain-alias").unlink()
    (rpm.root / "usr/bin/plain-alias").symlink_to("/tmp/elsewhere")  # noqa: S108 - where a link leads
    integrity = rpm.catalog().integrity
    said = {
        line.split()[-1].lstrip("/") for line in rpm("-Va", "--nodeps").splitlines() if line[2] == "5" or line[4] == "L"
    }
    assert (
        said
        == {*integrity.altered, *integrity.configured}
        == {"usr/bin/plain", "usr/bin/plain-alias", "etc/plain.conf"}
    )


def test_a_package_that_rpm_has_removed_is_gone(tmp_path):
    rpm = Rpm(tmp_path)
    for each in PACKAGES[:2]:
        rpm.install(*each)
    rpm("-e", "--nodeps", "epochal", check=True)
    assert names(rpm.catalog(), "rpm") == [("plain", "2.0-1.el9")]


def test_a_key_that_rpm_was_told_to_trust_is_listed_as_rpm_lists_it(tmp_path):
    rpm, gpg = Rpm(tmp_path), executable("gpg", "GPG")
    home = tmp_path / "keys"
    home.mkdir(mode=0o700)
    say = (gpg, "--homedir", str(home), "--batch", "--passphrase", "")
    run(*say, "--quick-gen-key", "Acme <acme@acme.example>", "rsa2048", "sign", "never", cwd=tmp_path)
    (tmp_path / "key.asc").write_text(run(*say, "--armor", "--export", cwd=tmp_path))
    rpm("--import", str(tmp_path / "key.asc"), check=True)
    said = rpm("-qa", "--qf", "%{NAME} %{VERSION}-%{RELEASE}\\n").split()
    assert names(rpm.catalog(), "rpm") == [tuple(said)]
    assert said[0] == "gpg-pubkey"


def test_rpms_own_log_that_is_not_merged_is_refused(installed, tmp_path):
    """The log of a process that did not end is made by leaving the database open."""
    root = tmp_path / "root"
    run("cp", "-a", str(installed.root), str(root), cwd=tmp_path)
    connection = sqlite3.connect(root / "var/lib/rpm/rpmdb.sqlite")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("DELETE FROM Name WHERE hnum = 1")
    connection.commit()
    with pytest.raises(Refused, match="not merged"):
        catalog_of(Contents(kind="image", name="acme", files=FolderFiles(root, is_root=True)))
    connection.close()


CONTROL = """Package: {name}
Version: {version}
Architecture: {architecture}
Maintainer: Acme <someone@acme.example>
{more}Description: {name}
"""
DEBS = [
    ("plain", "1.0-1", "all", ""),
    ("epochal", "2:1.0~rc1+b1", "amd64", "Source: src (1.0~rc1)\nDepends: plain (>= 1), awk | plain\n"),
    ("removed", "3", "all", ""),
    ("unpacked", "4", "all", "Provides: awk\n"),
]


class Dpkg:
    """A root that dpkg installs into."""

    def __init__(self, folder):
        self.folder, self.root = folder, folder / "root"
        self.deb, self.program, self.query = (
            executable(each, each.upper()) for each in ("dpkg-deb", "dpkg", "dpkg-query")
        )
        for each in ("info", "updates", "triggers"):
            (self.root / "var/lib/dpkg" / each).mkdir(parents=True)
        (self.root / "var/lib/dpkg/status").touch()
        system(self.root, "debian", 12)

    def run(self, *arguments):
        force = (
            "--force-not-root",
            "--force-bad-path",
            "--force-architecture",
            "--force-script-chrootless",
            "--force-depends",
        )
        return run(self.program, f"--root={self.root}", f"--log={self.folder}/log", *force, *arguments, cwd=self.folder)

    def built(self, name, version, architecture, more):
        folder = self.folder / name
        for path, text in (("usr/bin", name), ("usr/share/doc/x", "doc"), ("etc", "conf")):
            (folder / path).mkdir(parents=True)
            (folder / path / name).write_text(f"{text} {version}\n")
        (folder / "usr/bin" / f"{name}-alias").symlink_to(name)
        (folder / "DEBIAN").mkdir()
        control = CONTROL.format(name=name, version=version, architecture=architecture, more=more)
        (folder / "DEBIAN/control").write_text(control)
        (folder / "DEBIAN/conffiles").write_text(f"/etc/{name}\n")
        owned = [f"usr/bin/{name}", f"usr/share/doc/x/{name}"]
        sums = "".join(f"{hashlib.md5((folder / each).read_bytes()).hexdigest()}  {each}\n" for each in owned)  # noqa: S324
        (folder / "DEBIAN/md5sums").write_text(sums)
        run(self.deb, "--root-owner-group", "-b", str(folder), f"{folder}.deb", cwd=self.folder)
        return f"{folder}.deb"

    def catalog(self, **how):
        return catalog_of(Contents(kind="image", name="acme", files=FolderFiles(self.root, is_root=True)), **how)


@pytest.fixture(scope="module")
def debian(tmp_path_factory):
    dpkg = Dpkg(tmp_path_factory.mktemp("dpkg"))
    debs = [dpkg.built(*each) for each in DEBS]
    dpkg.run("-i", *debs[:3])
    dpkg.run("--unpack", debs[3])
    dpkg.run("-r", "removed")
    return dpkg


def test_what_dpkg_says_is_there_is_what_is_found(debian):
    said = run(
        debian.query,
        f"--admindir={debian.root}/var/lib/dpkg",
        "-W",
        "-f",
        "${Package} ${Version} ${db:Status-Status}\\n",
        cwd=debian.folder,
    )
    states = {line.split()[0]: line.split()[1:] for line in said.splitlines()}
    assert states.pop("removed")[1] == "config-files"
    catalog = debian.catalog()
    assert names(catalog, "deb") == sorted((name, version) for name, (version, _) in states.items())
    assert one(catalog, "unpacked").properties == (("verifier:package-state", "unpacked"),)
    assert (
        one(catalog, "epochal").purl
        == "pkg:deb/debian/epochal@2:1.0~rc1%2Bb1?arch=amd64&distro=debian-12&upstream=src%401.0~rc1"
    )
    assert catalog.findings == ()
    assert (catalog.integrity.altered, catalog.integrity.missing, catalog.integrity.unchecked) == ((), (), ())


def test_what_dpkg_says_was_altered_is_what_is_found_altered(tmp_path):
    dpkg = Dpkg(tmp_path)
    dpkg.run("-i", dpkg.built(*DEBS[0]))
    assert dpkg.catalog().findings == ()
    (dpkg.root / "usr/bin/plain").write_text("other\n")
    (dpkg.root / "etc/plain").write_text("other\n")
    (dpkg.root / "usr/share/doc/x/plain").unlink()
    said = subprocess.run(
        [dpkg.program, f"--root={dpkg.root}", "-V"], capture_output=True, text=True, check=False
    ).stdout
    integrity = dpkg.catalog().integrity
    assert {line.split()[-1].lstrip("/") for line in said.splitlines()} == {
        *integrity.altered,
        *integrity.configured,
        *integrity.spared,
    }
    assert (integrity.altered, integrity.spared) == (("usr/bin/plain",), ("usr/share/doc/x/plain",))


@pytest.mark.parametrize("made_by", ["installed", "debian"])
def test_syft_finds_the_same_packages_by_the_same_purls(made_by, request, tmp_path):
    """By a parser: 1.18.1 writes `^` as it is."""
    parse = pytest.importorskip("packageurl").PackageURL.from_string
    made = request.getfixturevalue(made_by)
    program = executable("syft", "SYFT")
    run(program, "scan", f"dir:{made.root}", "-q", "-o", f"cyclonedx-json={tmp_path}/theirs.json", cwd=tmp_path)
    listed = json.loads((tmp_path / "theirs.json").read_bytes())["components"]
    theirs = {parse(each["purl"]).to_string() for each in listed if each["type"] == "library"}
    ours = {each.purl for each in made.catalog().components if each.ecosystem}
    gone = {each for each in theirs if "/removed@" in each}  # anchore/syft#3063
    assert theirs - gone == ours
