"""What is installed, as what is audited: environments, unpacked systems, bundles."""

import json

import pytest

from tests.support.audit.sources import one, pins, said
from tests.support.sboms.installed import dist_info, laid_out, node_package
from tests.support.sboms.layers import GONE, layout_of
from verifier.core.errors import Refused
from verifier.engine.audits.opening import Opening, collect

SITE = "lib/python3.11/site-packages"
UNKNOWN = "vulnerability.unknown-dependency"


def environment(folder, *distributions, **files):
    found = {"pyvenv.cfg": b"version = 3.11.7\n", "bin/python3": b"", f"{SITE}/x/__init__.py": b""}
    for each in distributions:
        found |= each
    return laid_out(folder / "venv", {**found, **{f"{SITE}/{name}": text for name, text in files.items()}})


def installed(name, version, **direct_url):
    beside = {"direct_url.json": json.dumps(direct_url).encode()} if direct_url else None
    return dist_info(name, version, site=SITE, beside=beside)


def read(folder):
    return collect(str(folder), opening=Opening(kind="environment"))


def test_an_environment_is_what_is_installed_in_it(tmp_path):
    folder = environment(tmp_path, installed("Jinja2", "2.10"), installed("zope.interface", "5.0"))
    found = collect(str(folder))
    assert pins(found) == {("jinja2", "2.10"), ("zope-interface", "5.0")}
    assert one(found, "jinja2").places[0].file == f"{folder}/{SITE}/Jinja2-2.10.dist-info/METADATA"
    assert (found.format, found.path) == ("environment", str(folder))
    assert pins(read(folder / "bin/python3")) == pins(found)


@pytest.mark.parametrize(
    ("direct_url", "source", "editable"),
    [
        ({"url": "file:///src/acme", "dir_info": {"editable": True}}, "path", True),
        ({"url": "file:///src/acme", "dir_info": {}}, "path", False),
        ({"url": "https://git.acme.example/a.git", "vcs_info": {"vcs": "git", "commit_id": "c" * 40}}, "git", False),
        ({"url": "https://hg.acme.example/a", "vcs_info": {"vcs": "hg", "commit_id": "c"}}, "url", False),
        ({"url": "https://files.acme.example/a-1.tgz", "archive_info": {}}, "url", False),
        ({"url": "file:///wheels/a-1-py3-none-any.whl", "archive_info": {"hash": "sha256=" + "a" * 64}}, "url", False),
    ],
)
def test_what_was_installed_from_elsewhere_is_no_index_package(tmp_path, direct_url, source, editable):
    package = one(read(environment(tmp_path, installed("jinja2", "2.10", **direct_url))), "jinja2")
    assert (package.source, package.editable, package.local) == (source, editable, False)
    assert package.location.startswith(direct_url["url"])


def test_a_version_that_pep_440_refuses_stays_as_it_is(tmp_path):
    assert pins(read(environment(tmp_path, installed("acme", "2019-09-12-final")))) == {("acme", "2019-09-12-final")}


def test_a_direct_url_that_cannot_be_read_is_told(tmp_path):
    folder = environment(tmp_path, dist_info("acme", "1.0", site=SITE, beside={"direct_url.json": b"{"}))
    assert [code for code, _, _ in said(read(folder))] == ["package.contradictory"]


def test_what_lies_outside_of_an_environment_is_unknown(tmp_path):
    folder = environment(tmp_path, installed("acme", "1.0"), **{"away.pth": b"/opt/more\n"})
    assert said(read(folder)) == [(UNKNOWN, "error", f"{SITE}/away.pth")]
    (folder / "pyvenv.cfg").write_text("version = 3.11.7\ninclude-system-site-packages = true\n")
    assert (UNKNOWN, "error", "pyvenv.cfg") in said(read(folder))


@pytest.mark.parametrize("name", ["nothing", "nothing/bin/python"])
def test_an_environment_that_does_not_exist_is_refused(tmp_path, name):
    with pytest.raises(Refused) as refused:
        read(tmp_path / name)
    assert refused.value.reasons[0].code == "input.unreadable"


def test_a_folder_in_which_nothing_is_installed_is_refused(tmp_path):
    with pytest.raises(Refused):
        read(laid_out(tmp_path / "empty", {"readme": b""}))


def test_an_unpacked_system_has_its_own_packages(tmp_path):
    status = (
        b"Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl\n"
        b"Version: 3.0.15-1~deb12u1\nMaintainer: a\nDescription: b\n\n"
    )
    system = {"etc/os-release": b'ID=debian\nVERSION_ID="12"\n', "var/lib/dpkg/status": status}
    found = collect(str(laid_out(tmp_path / "root", system)))
    package = one(found, "openssl")
    assert (package.ecosystem, package.namespace, package.release) == ("deb", "debian", "12")
    assert package.purl == "pkg:deb/debian/libssl3@3.0.15-1~deb12u1?distro=debian-12"


def test_an_image_is_what_its_layers_leave(tmp_path):
    base = {"etc/os-release": b"ID=alpine\nVERSION_ID=3.18.4\n"}
    base["lib/apk/db/installed"] = b"P:libcrypto3\nV:3.1.4-r5\nA:x86_64\no:openssl\n\n"
    base |= installed("jinja2", "2.10")
    top = {**dict.fromkeys(installed("jinja2", "2.10"), GONE), **installed("jinja2", "3.1.6")}
    top |= node_package("app/node_modules/ms", "ms", "2.1.3")
    layout_of(tmp_path / "app", base, top)
    found = collect(f"oci-layout:{tmp_path / 'app'}")
    assert [(each.ecosystem, each.name, each.version, each.release) for each in found.packages] == [
        ("apk", "openssl", "3.1.4-r5", "v3.18"),
        ("npm", "ms", "2.1.3", ""),
        ("pypi", "jinja2", "3.1.6", ""),
    ]
    assert found.packages[0].purl == "pkg:apk/alpine/libcrypto3@3.1.4-r5?distro=alpine-3.18.4"
    assert one(found, "ms").places[0].file == "app/node_modules/ms/package.json"
    assert found.format == "image"


def test_a_bundle_holds_policies_and_no_packages(tmp_path):
    folder = laid_out(tmp_path / "bundle", {".manifest": b'{"roots": ["a"]}', "a/p.rego": b"package a\n\nallow := 1\n"})
    found = collect(str(folder))
    assert (found.format, found.packages) == ("bundle", ())
