"""Environments as targets: what is installed in a folder is listed, or the reason why it cannot be is told."""

import os

import pytest

from tests.support.sboms.installed import dist_info, go_program, laid_out, node_package
from verifier.core.errors import ConfigurationError, Refused
from verifier.engine.targets.recognise import kind_of_target
from verifier.engine.targets.target import Target, contents_of
from verifier.sbom.catalog.table import catalog_of

SITE = "lib/python3.11/site-packages"
CONFIGURATION = {"pyvenv.cfg": b"home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n"}


@pytest.fixture
def venv(tmp_path):
    """A virtual environment with one distribution."""
    links = {"bin/python3": ("link", "/usr/bin/python3"), "bin/python": ("link", "python3"), "lib64": ("link", "lib")}
    files = CONFIGURATION | dist_info("acme", "1.0", site=SITE) | links
    return laid_out(tmp_path / "venv", files)


def listed(reference, kind=None):
    catalog = catalog_of(contents_of(Target(reference=str(reference), kind=kind)))
    return catalog, sorted(each.purl for each in catalog.components if each.purl)


def refused(reference, kind="environment"):
    with pytest.raises(Refused) as caught:
        listed(reference, kind)
    return caught.value.reasons[0]


class TestWhatIsOne:
    def test_a_virtual_environment(self, venv):
        catalog, purls = listed(venv)
        assert (catalog.kind, catalog.subject.name, purls) == ("environment", "venv", ["pkg:pypi/acme@1.0"])
        assert ("verifier:environment", "virtual-environment") in catalog.properties
        assert ("verifier:python:version", "3.11.2") in catalog.properties
        assert catalog.findings == ()
        assert catalog.integrity.unowned == ("pyvenv.cfg",)

    def test_a_folder_of_packages(self, venv):
        catalog, purls = listed(venv / SITE)
        assert purls == ["pkg:pypi/acme@1.0"]
        assert ("verifier:environment", "site-packages") in catalog.properties
        assert catalog.findings == ()

    def test_its_python_which_is_not_run(self, venv):
        (venv / "bin" / "python3").unlink()
        (venv / "bin" / "python3").write_text("#!/bin/sh\nexit 1\n")
        for name in ("python", "python3"):
            assert listed(venv / "bin" / name)[1] == ["pkg:pypi/acme@1.0"]

    def test_a_python_that_is_a_link_to_the_systems_stands_for_its_own_environment(self, venv, tmp_path):
        (tmp_path / "python3").write_text("")
        (venv / "bin" / "python3").unlink()
        (venv / "bin" / "python3").symlink_to(tmp_path / "python3")
        assert listed(venv / "bin" / "python")[1] == ["pkg:pypi/acme@1.0"]

    def test_a_python_that_is_installed(self, tmp_path):
        place = laid_out(tmp_path / "opt", dist_info("acme", "1.0", site=SITE) | {"bin/python3.11": b""})
        catalog, purls = listed(place / "bin" / "python3.11")
        assert purls == ["pkg:pypi/acme@1.0"]
        assert ("verifier:environment", "python") in catalog.properties

    def test_links_of_a_system_that_have_nothing_to_do_with_packages_are_no_hindrance(self, tmp_path):
        files = dist_info("acme", "1.0", site=SITE) | {"bin/python3": b"", "lib/ssl/certs": ("link", "/etc")}
        place = laid_out(tmp_path / "usr", files)
        assert listed(place / "bin" / "python3")[1] == ["pkg:pypi/acme@1.0"]
        (place / "lib" / "python3.11").rename(tmp_path / "moved")
        (place / "lib" / "python3.11").symlink_to(tmp_path / "moved")
        assert refused(place / "bin" / "python3").subject == f"{place}/lib/python3.11"

    def test_the_root_of_a_file_system_with_the_packages_of_the_system(self, tmp_path):
        status = b"Package: acme\nStatus: install ok installed\nArchitecture: all\nVersion: 1.0\n\n"
        files = {
            "etc/os-release": ("link", "/usr/lib/os-release"),
            "usr/lib/os-release": b"ID=debian\nVERSION_ID=12\n",
            "var/lib/dpkg/status": status,
            "var/lib/dpkg/info/acme.list": b"/.\n",
            **dist_info("tool", "2.0"),
            **node_package("srv/node_modules/a", "a", "1.0.0"),
            "usr/bin/go": go_program([("path", "b"), ("mod", "acme.example/b", "v1.0.0")]),
        }
        _, purls = listed(laid_out(tmp_path / "root", files))
        assert purls == [
            "pkg:deb/debian/acme@1.0?arch=all&distro=debian-12",
            "pkg:golang/acme.example/b@v1.0.0",
            "pkg:golang/stdlib@1.22.1",
            "pkg:npm/a@1.0.0",
            "pkg:pypi/tool@2.0",
        ]

    def test_any_folder_in_which_something_is_installed(self, tmp_path):
        place = laid_out(tmp_path / "app", node_package("node_modules/a", "a", "1.0.0"))
        assert listed(place, "environment")[1] == ["pkg:npm/a@1.0.0"]

    def test_a_folder_of_node_modules(self, tmp_path):
        files = {
            **node_package("node_modules/@s/a", "@s/a", "1.0.0", dependencies={"b": "*"}),
            **node_package("node_modules/b", "b", "1.0.0"),
            **node_package("node_modules/b/node_modules/c", "c", "1.0.0"),
            "node_modules/.package-lock.json": b'{"packages": {"node_modules/b": {"version": "0.9.0"}}}',
        }
        place = laid_out(tmp_path, files) / "node_modules"
        catalog, purls = listed(place)
        assert purls == ["pkg:npm/%40s/a@1.0.0", "pkg:npm/b@1.0.0", "pkg:npm/c@1.0.0"]
        assert [reason.code for reason in catalog.findings] == ["package.contradictory"]
        (place / "b" / "package.json").unlink()
        (place / "b" / "package.json").symlink_to("../../outside.json")
        assert refused(place).subject == f"{place}/b/package.json"

    def test_an_environment_without_packages_is_one(self, tmp_path):
        assert listed(laid_out(tmp_path / "venv", CONFIGURATION))[1] == []


class TestKinds:
    @pytest.mark.parametrize("path", ["", "bin/python", SITE])
    def test_an_environment_is_told_by_its_form(self, venv, path):
        assert kind_of_target(str(venv / path)) == "environment"

    def test_a_project_that_was_installed_from_its_folder_is_a_project(self, tmp_path):
        laid_out(tmp_path, {"pyproject.toml": b"", "acme.egg-info/PKG-INFO": b"Name: acme\nVersion: 1\n"})
        assert kind_of_target(str(tmp_path)) == "project"

    def test_an_environment_with_a_lock_file_in_it_may_be_two_things(self, venv):
        (venv / "uv.lock").write_text("")
        with pytest.raises(ConfigurationError, match="project, environment"):
            kind_of_target(str(venv))


class TestWhatCannotBeListed:
    def test_what_is_not_there_is_told(self, tmp_path):
        assert refused(tmp_path / "gone").code == "input.unreadable"

    def test_a_python_that_is_a_broken_link_is_told(self, venv):
        (venv / "bin" / "python3").unlink()
        for kind in (None, "environment"):
            reason = refused(venv / "bin" / "python", kind)
            assert (reason.code, reason.subject) == ("input.unreadable", f"{venv}/bin/python")
            assert "leads nowhere" in reason.message

    def test_a_python_without_an_environment_is_told(self, tmp_path):
        place = laid_out(tmp_path, {"bin/python3": b""})
        assert "no pyvenv.cfg" in refused(place / "bin" / "python3").message

    def test_a_file_that_is_no_python_is_told(self, venv):
        assert refused(venv / "pyvenv.cfg").code == "input.unreadable"

    def test_a_fifo_is_told_and_not_opened(self, tmp_path):
        os.mkfifo(tmp_path / "python")
        assert "FIFO" in refused(tmp_path / "python").message

    def test_a_folder_in_which_nothing_is_installed_is_told(self, tmp_path):
        laid_out(tmp_path, {"notes.txt": b"nothing"})
        assert "nothing is installed" in refused(tmp_path).message

    @pytest.mark.parametrize("target", ["/gone", "../../../../elsewhere", "acme-2.0.dist-info"])
    def test_a_distribution_that_is_a_link_out_of_it_is_told_by_its_path(self, venv, tmp_path, target):
        (tmp_path / "elsewhere").mkdir()
        (venv / SITE / "acme-2.0.dist-info").symlink_to(target)
        reason = refused(venv)
        assert (reason.code, reason.subject) == ("input.unreadable", f"{venv}/{SITE}/acme-2.0.dist-info")

    @pytest.mark.parametrize("path", ["lib", f"{SITE}", f"{SITE}/acme", f"{SITE}/acme-1.0.dist-info/METADATA"])
    def test_packages_that_lie_outside_are_told_by_the_link(self, venv, tmp_path, path):
        (venv / path).rename(tmp_path / "moved")
        (venv / path).symlink_to(tmp_path / "moved")
        assert refused(venv).subject == f"{venv}/{path}"

    def test_a_module_of_node_that_is_linked_from_outside_is_told(self, tmp_path):
        files = {"node_modules/core": ("link", "../../packages/core"), **node_package("node_modules/a", "a", "1")}
        place = laid_out(tmp_path / "app", files)
        assert refused(place).subject == f"{place}/node_modules/core"

    def test_links_to_folders_inside_are_followed_once(self, tmp_path):
        files = {"packages/core/package.json": b'{"name": "core", "version": "1"}', "node_modules/x": b""}
        place = laid_out(tmp_path / "app", files | {"node_modules/core": ("link", "../packages/core")})
        assert listed(place, "environment")[1] == ["pkg:npm/core@1"]

    def test_a_name_that_is_no_text_is_told(self, venv):
        (venv / SITE / os.fsdecode(b"caf\xe9")).write_bytes(b"")
        assert "UTF-8" in refused(venv).message

    @pytest.mark.parametrize("name", ["METADATA", "RECORD", "direct_url.json"])
    def test_a_record_that_is_a_fifo_is_told_and_not_opened(self, venv, name):
        path = venv / SITE / "acme-1.0.dist-info" / name
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        assert refused(venv).subject.endswith(f"acme-1.0.dist-info/{name}")


def test_an_environment_that_uses_the_packages_of_the_system_is_told(venv):
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\nInclude-System-Site-Packages=TRUE\nversion = 3.11.2\n")
    catalog, _ = listed(venv)
    assert [(reason.code, reason.subject) for reason in catalog.findings] == [("package.elsewhere", "pyvenv.cfg")]
    assert "pypi" not in catalog.ecosystems


def test_the_same_environment_elsewhere_is_the_same_catalogue(venv, tmp_path):
    (tmp_path / "other").mkdir()
    first, _ = listed(venv)
    venv.rename(tmp_path / "other" / "venv")
    assert listed(tmp_path / "other" / "venv")[0] == first


class TestLies:
    """What somebody did to an environment after it was listed is told by the path or the purl."""

    def changed(self, venv, change):
        before, after = listed(venv)[0], None
        change(venv / SITE)
        after = listed(venv)[0]
        return before, after

    def test_a_hidden_package_is_code_of_nobody(self, venv):
        def hide(site):
            (site / "acme-1.0.dist-info" / "METADATA").unlink()
            for each in (site / "acme-1.0.dist-info").iterdir():
                each.unlink()
            (site / "acme-1.0.dist-info").rmdir()

        _, after = self.changed(venv, hide)
        assert [each.purl for each in after.components if each.purl] == []
        assert f"{SITE}/acme/__init__.py" in after.integrity.unowned

    def test_an_added_package_is_listed(self, venv):
        _, after = self.changed(venv, lambda site: laid_out(site, dist_info("evil", "6.6", site="")))
        assert "pkg:pypi/evil@6.6" in {each.purl for each in after.components}

    def test_an_altered_package_is_told_by_the_path_of_its_file(self, venv):
        _, after = self.changed(venv, lambda site: (site / "acme" / "__init__.py").write_bytes(b"evil = 1\n"))
        assert after.integrity.altered == (f"{SITE}/acme/__init__.py",)

    def test_another_version_is_told_by_what_metadata_says(self, venv):
        metadata = "acme-1.0.dist-info/METADATA"
        _, after = self.changed(venv, lambda site: (site / metadata).write_bytes(b"Name: acme\nVersion: 0.9\n"))
        assert "pkg:pypi/acme@0.9" in {each.purl for each in after.components}
        assert {reason.code for reason in after.findings} == {"package.contradictory", "package.altered"}
