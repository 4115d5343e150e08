"""What somebody does to hide a package, or what is run, from a list of what is installed."""

import json

import pytest

from tests.support.sboms.installed import SITE, dist_info, node_package
from tests.support.sboms.made import contents
from verifier.core.errors import Refused
from verifier.sbom.catalog.languages import python
from verifier.sbom.catalog.languages.record import MAX_ROWS, read_record
from verifier.sbom.catalog.table import catalog_of


def listed(files, **said):
    """The catalogue of what has these files, and its components by name."""
    catalog = catalog_of(contents(files, **said))
    return catalog, {each.name: each for each in catalog.components}


def refused(files):
    with pytest.raises(Refused) as caught:
        listed(files)
    return caught.value.reasons[0].code, caught.value.reasons[0].subject


def codes(catalog):
    return {(reason.code, reason.subject) for reason in catalog.findings}


class TestHiding:
    def test_a_record_that_claims_its_neighbour_does_not_nest_it(self):
        claimed = f"{SITE}/victim-1.0.dist-info/METADATA".removeprefix(f"{SITE}/")
        _, found = listed(dist_info("victim", "1.0") | dist_info("thief", "1.0", rows=[f"{claimed},,"]))
        assert found["victim"].parent == ""

    def test_records_that_claim_each_other_nest_neither(self):
        files = dist_info("a", "1.0", rows=["b-1.0.dist-info/METADATA,,"])
        _, found = listed(files | dist_info("b", "1.0", rows=["a-1.0.dist-info/METADATA,,"]))
        assert (found["a"].parent, found["b"].parent) == ("", "")

    def test_a_folder_for_carried_code_beside_no_package_hides_nothing(self):
        _, found = listed(dist_info("evil", "6.6", site="srv/_vendor"))
        assert found["evil"].parent == ""

    def test_a_list_of_carried_code_without_the_code_adds_nothing(self):
        files = {"pip/_vendor/vendor.txt": b"requests==2.0\n", "pip/__init__.py": b""}
        catalog, found = listed(dist_info("pip", "24.0", files))
        assert "requests" not in found
        assert codes(catalog) == {("package.contradictory", f"{SITE}/pip/_vendor/vendor.txt")}

    def test_a_manifest_that_says_that_it_carries_all_hides_nothing(self):
        files = node_package("node_modules/thief", "thief", "1.0.0", bundleDependencies=True)
        _, found = listed(files | node_package("node_modules/thief/node_modules/victim", "victim", "1.0.0"))
        assert found["victim"].parent == ""

    def test_the_second_of_two_metadata_headers_is_no_other_package(self):
        catalog, found = listed(dist_info("acme", "1.0", headers="Name: innocent\n"))
        assert "innocent" not in found
        assert {code for code, _ in codes(catalog)} == {"package.contradictory"}

    def test_a_digest_that_was_taken_out_of_a_record_is_counted(self):
        files = dist_info("acme", "1.0")
        record = f"{SITE}/acme-1.0.dist-info/RECORD"
        files[record] = files[record].replace(b"sha256=", b"").replace(b"acme/__init__.py,", b"acme/__init__.py,,", 1)
        catalog, _ = listed(files)
        assert f"{SITE}/acme/__init__.py" in catalog.integrity.unchecked

    def test_a_folder_that_a_link_calls_an_egg_info_is_listed_where_it_lies(self):
        files = {
            "opt/acme.egg-info/PKG-INFO": b"Name: acme\nVersion: 1.0\n",
            f"{SITE}/acme.egg-info": ("link", "/opt/acme.egg-info"),
        }
        _, found = listed(files)
        assert found["acme"].path == "opt/acme.egg-info/PKG-INFO"


class TestNames:
    @pytest.mark.parametrize("name", ["a/b", "a\x1b[31mb", "a\x00b", "a\u202eb", "..", "a" * 1_001])
    def test_a_name_that_no_document_can_say_is_refused_by_its_path(self, name):
        path = "node_modules/x/package.json"
        assert refused(node_package("node_modules/x", name, "1.0.0")) == ("input.unreadable", path)
        path = f"{SITE}/x-1.dist-info/METADATA"
        assert refused({path: f"Name: {name}\nVersion: 1\n".encode()}) == ("input.unreadable", path)

    @pytest.mark.parametrize("version", ["1/2", "1\x1b[2J", "1\n 2", "9" * 1_001])
    def test_a_version_that_no_document_can_say_is_refused_by_its_path(self, version):
        path = f"{SITE}/x-1.dist-info/METADATA"
        assert refused({path: f"Name: x\nVersion: {version}\n".encode()}) == ("input.unreadable", path)

    def test_a_distribution_that_nothing_names_is_refused(self):
        assert refused({f"{SITE}/.dist-info/METADATA": b"\n"}) == ("input.unreadable", f"{SITE}/.dist-info/METADATA")

    def test_a_look_alike_letter_is_told(self):
        catalog, found = listed(dist_info("requ\u0435sts", "2.0"))
        assert "requ\u0435sts" in found
        assert {code for code, _ in codes(catalog)} == {"package.contradictory"}


class TestSizes:
    def test_a_record_of_more_files_than_any_is_refused(self):
        with pytest.raises(Refused, match=r"input\.too-large"):
            read_record(b"a,,\n" * (MAX_ROWS + 1), site="", is_root=True)

    def test_records_of_more_files_than_an_image_may_have_are_refused(self, monkeypatch):
        monkeypatch.setattr(python, "MAX_IMAGE_ENTRIES", 25)
        rows = ["a,,"] * 8
        files = {path: it for name in "abc" for path, it in dist_info(name, "1", rows=rows).items()}
        assert refused(files) == ("input.too-large", f"{SITE}/c-1.dist-info/RECORD")

    def test_thousands_of_lost_packages_are_one_warning(self):
        rows = {f"node_modules/p{number}": {"version": "1.0.0"} for number in range(2_000)}
        lock = {"app/node_modules/.package-lock.json": json.dumps({"packages": rows}).encode()}
        catalog, _ = listed(lock)
        assert codes(catalog) == {("package.contradictory", "app/node_modules/.package-lock.json")}
        assert "and 1995 more" in catalog.findings[0].message

    def test_a_manifest_that_needs_more_packages_than_any_is_refused(self):
        needs = {f"p{number}": "*" for number in range(10_001)}
        files = node_package("node_modules/x", "x", "1.0.0", dependencies=needs)
        assert refused(files) == ("input.too-large", "node_modules/x/package.json")


class TestElsewhere:
    def told(self, files):
        catalog, _ = listed({"pyvenv.cfg": b"", **files}, kind="environment", name="venv")
        return [reason.message for reason in catalog.findings if reason.code == "package.elsewhere"]

    @pytest.mark.parametrize("line", ["/opt/hidden", "../../../../hidden"])
    def test_a_folder_outside_that_a_path_file_adds_is_told(self, line):
        for start in ("# comment\nimport os\n", "\ufeff"):
            (message,) = self.told({"lib/site-packages/a.pth": f"{start}{line}\n".encode()})
            assert "hidden" in message
            assert "import" not in message

    def test_the_weights_of_a_model_are_no_path_file(self):
        assert self.told({"lib/site-packages/model/a.pth": b"/opt/hidden\n" + bytes(2_000_000)}) == []

    def test_a_package_outside_that_a_link_file_adds_is_told(self):
        assert "/home/me/acme" in self.told({"lib/site-packages/acme.egg-link": b"/home/me/acme\n../\n"})[0]

    @pytest.mark.parametrize("line", ["/anywhere/venv/src/acme", "../../src/acme", ".", "/a/venv/b/venv/src/acme/"])
    def test_a_folder_of_its_own_is_listed_anyhow(self, line):
        files = {"src/acme/a.py": b"", "lib/site-packages/a.pth": line.encode()}
        assert self.told(files) == []

    def test_in_an_image_nothing_lies_elsewhere(self):
        catalog, _ = listed({f"{SITE}/a.pth": b"/opt/more\n"})
        assert catalog.findings == ()
