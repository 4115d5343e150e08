"""Python distributions in what is installed: each is found, called as its METADATA says, with what it carries along."""

import json

import pytest

from tests.support.sboms.installed import SITE, dist_info, row
from tests.support.sboms.made import contents
from verifier.core.errors import Refused
from verifier.formats.bom.component import Distribution, Hash, License, Origin
from verifier.sbom.catalog.table import catalog_of

METADATA = f"{SITE}/acme-1.0.dist-info/METADATA"


def listed(files, **said):
    """The catalogue of an image that has these files, and its Python components by name."""
    catalog = catalog_of(contents(files, **said))
    return catalog, {each.name: each for each in catalog.components if each.ecosystem == "pypi"}


def warnings(catalog, code="package.contradictory"):
    return [(reason.subject, reason.message) for reason in catalog.findings if reason.code == code]


def test_a_distribution_is_told_with_what_its_metadata_says():
    headers = (
        "Summary: Does it\nAuthor-email: Ann <ann@acme.example>\nLicense-Expression: MIT\n"
        "Requires-Dist: Other_One>=2\nRequires-Dist: absent\nRequires-Dist: more ; extra == 'x'\n"
    )
    files = dist_info("Acme.Tool", "1.0", headers=headers, beside={"REQUESTED": b""})
    catalog, found = listed(files | dist_info("other-one", "2.1") | dist_info("more", "1"))
    acme = found["Acme.Tool"]
    assert acme[:4] == ("library", "pypi", "Acme.Tool", "1.0")
    assert (acme.purl, acme.ref) == ("pkg:pypi/acme.tool@1.0", "pkg:pypi/acme.tool@1.0")
    assert (acme.description, acme.supplier) == ("Does it", "Ann")
    assert acme.licenses == (License("MIT", "id", "declared"),)
    assert acme.path == f"{SITE}/Acme.Tool-1.0.dist-info/METADATA"
    assert acme.properties == (("verifier:python:installer", "pip"), ("verifier:python:requested", "true"))
    assert dict(catalog.dependencies)[acme.ref] == ("pkg:pypi/other-one@2.1",)
    assert "pypi" in catalog.ecosystems
    assert catalog.findings == ()


def test_underscores_become_dashes_in_a_purl_and_dots_stay():
    _, found = listed(dist_info("Ruamel.yaml_Clib", "0.2"))
    assert found["Ruamel.yaml_Clib"].purl == "pkg:pypi/ruamel.yaml-clib@0.2"


class TestNames:
    @pytest.mark.parametrize("folder", ["lying_dir-1.0.dist-info", "acme-1.0.dist-info"])
    def test_metadata_decides_and_a_folder_that_says_otherwise_is_told(self, folder):
        files = dist_info("acme", "9.9", folder=folder)
        catalog, found = listed(files)
        assert found["acme"].version == "9.9"
        ((subject, message),) = warnings(catalog)
        assert subject == f"{SITE}/{folder}/METADATA"
        assert "'acme 9.9'" in message
        assert repr(folder) in message

    @pytest.mark.parametrize(
        ("name", "version", "folder"),
        [
            ("a-b.c", "1.0", "a_b.c-1.0.dist-info"),
            ("A_B", "1.0.0", "a_b-1.0.dist-info"),
            ("a", "2023.07.22", "a-2023.7.22.dist-info"),
            ("a", "1.0-1", "a-1.0.post1.dist-info"),
            ("a", "1!2.0", "a-1!2.0.dist-info"),
            ("a", "1.0+ubuntu-1", "a-1.0+ubuntu.1.dist-info"),
        ],
    )
    def test_spellings_of_one_name_and_version_are_no_contradiction(self, name, version, folder):
        catalog, found = listed(dist_info(name, version, folder=folder))
        assert found[name].version == version
        assert catalog.findings == ()

    @pytest.mark.parametrize("said", [b"", b"Metadata-Version: 2.1\n", b"\nName: hidden\n", b"junk\nName: hidden\n"])
    def test_a_distribution_whose_metadata_names_nothing_is_listed_by_its_folder(self, said):
        files = dist_info("acme", "1.0") | {METADATA: said}
        catalog, found = listed(files)
        assert found["acme"].version == "1.0"
        assert METADATA in [subject for subject, _ in warnings(catalog)]

    def test_a_distribution_without_metadata_is_listed_by_its_folder(self):
        files = dist_info("acme", "1.0")
        del files[METADATA]
        catalog, found = listed(files)
        assert found["acme"].version == "1.0"
        assert found["acme"].path == f"{SITE}/acme-1.0.dist-info"
        assert [subject for subject, _ in warnings(catalog)] == [METADATA]
        assert catalog.integrity.missing == (METADATA,)

    def test_one_without_a_version_has_none(self):
        files = dist_info("acme", "1.0", folder="acme.dist-info") | {
            f"{SITE}/acme.dist-info/METADATA": b"Name: acme\nVersion: UNKNOWN\n"
        }
        _, found = listed(files)
        assert (found["acme"].version, found["acme"].purl) == (None, "pkg:pypi/acme")

    def test_a_name_that_is_none_is_told(self):
        catalog, found = listed(dist_info("acm\u00e9", "1.0"))
        assert "acm\u00e9" in found
        assert any("no name of a distribution" in message for _, message in warnings(catalog))

    def test_the_first_of_several_headers_counts_and_the_others_are_told(self):
        catalog, found = listed(dist_info("acme", "1.0", headers="Version: 2.0\nName: other\n"))
        assert found["acme"].version == "1.0"
        assert len(warnings(catalog)) == 2

    def test_a_name_of_megabytes_is_refused(self):
        with pytest.raises(Refused) as caught:
            listed({METADATA: b"Name: acme\nVersion: " + b"9" * 2_000_000 + b"\n"})
        assert (caught.value.reasons[0].code, caught.value.reasons[0].subject) == ("input.unreadable", METADATA)

    def test_metadata_larger_than_is_read_is_refused(self):
        with pytest.raises(Refused) as caught:
            listed({METADATA: b"Name: acme\nVersion: 1\n\n" + bytes(9 * 1024 * 1024)})
        assert caught.value.reasons[0].code == "input.too-large"

    def test_two_of_one_name_in_one_folder_are_both_listed_and_told(self):
        catalog, _ = listed(dist_info("acme", "1.0") | dist_info("Acme", "2.0"))
        assert {each.purl for each in catalog.components} == {"pkg:pypi/acme@1.0", "pkg:pypi/acme@2.0"}
        assert len(warnings(catalog)) == 1

    def test_two_records_of_one_version_in_one_folder_are_one(self):
        egg_info = {
            f"{SITE}/acme.egg-info/PKG-INFO": b"Name: acme\nVersion: 1.0\n",
            f"{SITE}/acme.egg-info/installed-files.txt": b"PKG-INFO\ninstalled-files.txt\n",
        }
        catalog, found = listed(dist_info("acme", "1.0") | egg_info)
        assert [each.path for each in catalog.components] == [METADATA]
        assert catalog.findings == ()
        assert catalog.integrity.unowned == ()
        assert found["acme"].owner == ""

    def test_one_version_in_two_places_is_two_components(self):
        catalog, _ = listed(dist_info("acme", "1.0") | dist_info("acme", "1.0", site="opt/venv/lib"))
        assert [each.purl for each in catalog.components] == ["pkg:pypi/acme@1.0"] * 2
        assert len({each.ref for each in catalog.components}) == 2
        assert catalog.findings == ()


class TestFiles:
    def test_files_that_are_as_recorded_are_owned_and_sound(self):
        catalog, _ = listed(dist_info("acme", "1.0"))
        assert catalog.integrity.altered == catalog.integrity.missing == catalog.integrity.unowned == ()

    def test_a_swapped_module_is_altered(self):
        files = dist_info("acme", "1.0") | {f"{SITE}/acme/__init__.py": b"evil = 1\n"}
        catalog, _ = listed(files)
        assert catalog.integrity.altered == (f"{SITE}/acme/__init__.py",)
        assert [reason.code for reason in catalog.findings] == ["package.altered"]

    def test_code_without_metadata_is_unowned(self):
        catalog, _ = listed(dist_info("acme", "1.0") | {f"{SITE}/hidden/__init__.py": b"hidden = 1\n"})
        assert catalog.integrity.unowned == (f"{SITE}/hidden/__init__.py",)

    def test_a_distribution_whose_files_are_gone_is_listed_and_they_are_missing(self):
        files = dist_info("acme", "1.0")
        del files[f"{SITE}/acme/__init__.py"]
        catalog, found = listed(files)
        assert "acme" in found
        assert catalog.integrity.missing == (f"{SITE}/acme/__init__.py",)

    @pytest.mark.parametrize("algorithm", ["sha512", "sha1", "md5"])
    def test_rows_by_other_algorithms_are_held_against_the_files(self, algorithm):
        rows = [row("more.py", b"as it was", algorithm)]
        catalog, _ = listed(dist_info("acme", "1.0", rows=rows) | {f"{SITE}/more.py": b"as it is"})
        assert catalog.integrity.altered == (f"{SITE}/more.py",)

    def test_rows_without_a_digest_are_unchecked(self):
        catalog, _ = listed(dist_info("acme", "1.0", rows=["more.py,,"]) | {f"{SITE}/more.py": b"?"})
        assert catalog.integrity.unchecked == (f"{SITE}/acme-1.0.dist-info/RECORD", f"{SITE}/more.py")
        assert catalog.findings == ()

    @pytest.mark.parametrize("digest", ["sha256=AAAA", "sha256=====", "sha256=\u00e9", "crc32=AAAA", "sha256", "="])
    def test_a_digest_that_is_none_is_told_and_unchecked(self, digest):
        catalog, _ = listed(dist_info("acme", "1.0", rows=[f"more.py,{digest},1"]) | {f"{SITE}/more.py": b"?"})
        assert f"{SITE}/more.py" in catalog.integrity.unchecked
        ((subject, _),) = warnings(catalog)
        assert subject == f"{SITE}/acme-1.0.dist-info/RECORD"

    @pytest.mark.parametrize("path", ["../../../../../../etc/passwd", "../../../../../..", "a/../../../../../../x"])
    def test_rows_of_files_outside_are_told_and_no_files(self, path):
        catalog, _ = listed(dist_info("acme", "1.0", rows=[f"{path},,"]) | {"etc/passwd": b"root"})
        assert "outside" in warnings(catalog)[0][1]
        assert catalog.integrity.missing == ()
        assert "etc/passwd" in catalog.integrity.unowned

    def test_programs_beside_are_those_of_the_distribution(self):
        catalog, _ = listed(dist_info("acme", "1.0", rows=["../../../bin/acme,,"]) | {"usr/bin/acme": b"#!"})
        assert catalog.integrity.unowned == ()

    @pytest.mark.parametrize("said", [b"\xff\xfe", b'"' * 3 + b"a," * 200_000, b"a" * 200_000, b"a\0b,,\n"])
    def test_a_record_that_is_none_stops_nothing_and_hides_nothing(self, said):
        files = dist_info("acme", "1.0") | {f"{SITE}/acme-1.0.dist-info/RECORD": said}
        catalog, found = listed(files)
        assert "acme" in found
        assert f"{SITE}/acme/__init__.py" in catalog.integrity.unowned

    def test_compiled_files_may_be_absent(self):
        rows = ["acme/__pycache__/__init__.cpython-311.pyc,,"]
        catalog, _ = listed(dist_info("acme", "1.0", rows=rows))
        assert catalog.integrity.missing == ()

    def test_what_debian_has_moved_after_it_was_recorded_is_not_missing(self):
        site = "usr/lib/python3/dist-packages"
        rows = ["../scripts/acme,sha256=" + "A" * 43 + ",1"]
        catalog, _ = listed(dist_info("acme", "1.0", site=site, rows=rows) | {f"{site}/acme/__init__.py": b"evil"})
        assert catalog.integrity.missing == ()
        assert catalog.integrity.altered == (f"{site}/acme/__init__.py",)

    def test_launchers_for_windows_are_no_packages(self):
        files = {"pip/_vendor/distlib/t64.exe": b"MZ" + "Simple Launcher\x001.1.0.14".encode("utf-16-le")}
        catalog, found = listed(dist_info("pip", "24.0", files))
        assert set(found) == {"pip"}
        assert len(catalog.components) == 1


class TestOrigins:
    def origin(self, document):
        beside = {"direct_url.json": document if isinstance(document, bytes) else json.dumps(document).encode()}
        catalog, found = listed(dist_info("acme", "1.0", beside=beside))
        return catalog, found["acme"]

    @pytest.mark.parametrize(
        ("said", "origin"),
        [
            (
                {"url": "https://acme.example/r.git", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}},
                Origin("git", "https://acme.example/r.git", "c0ffee"),
            ),
            ({"url": "file:///src", "dir_info": {"editable": True}}, Origin("editable", "file:///src")),
            ({"url": "file:///src", "dir_info": {}}, Origin("directory", "file:///src")),
            ({"url": "https://acme.example/a.whl", "archive_info": {}}, Origin("url", "https://acme.example/a.whl")),
        ],
    )
    def test_where_it_comes_from_is_told(self, said, origin):
        assert self.origin(said)[1].origin == origin

    def test_the_digests_of_an_archive_are_told(self):
        said = {"url": "https://acme.example/a.whl", "archive_info": {"hash": f"sha256={'A' * 64}"}}
        expected = (Distribution("https://acme.example/a.whl", (Hash("SHA-256", "a" * 64),)),)
        assert self.origin(said)[1].distributions == expected

    def test_a_password_in_it_is_not_told(self):
        said = {"url": "https://user:secret@acme.example/a.whl", "archive_info": {}}
        assert "secret" not in self.origin(said)[1].origin.location

    @pytest.mark.parametrize("said", [b"{", b"[" * 100_000, b"[]", b"{}", b'{"url": 1}', b'{"url":"a","url":"b"}'])
    def test_one_that_cannot_be_read_is_told(self, said):
        catalog, found = self.origin(said)
        assert found.origin is None
        assert len(warnings(catalog)) == 1


class TestOlder:
    def test_an_egg_info_folder_a_file_and_an_egg_are_distributions(self):
        _, found = listed(
            {
                f"{SITE}/folder-1.0.egg-info/PKG-INFO": b"Name: folder\nVersion: 1.0\n",
                f"{SITE}/folder-1.0.egg-info/requires.txt": b"file\n\n[test]\negg\n",
                f"{SITE}/file-2.0-py3.11.egg-info": b"Name: file\nVersion: 2.0\n",
                f"{SITE}/egg-3.0-py3.11.egg/EGG-INFO/PKG-INFO": b"Name: egg\nVersion: 3.0\n",
                "src/developed.egg-info/PKG-INFO": b"Name: developed\nVersion: 4.0\n",
            }
        )
        assert {name: each.version for name, each in found.items()} == {
            "folder": "1.0",
            "file": "2.0",
            "egg": "3.0",
            "developed": "4.0",
        }

    def test_what_they_need_is_in_their_requires(self):
        catalog, _ = listed(
            {
                f"{SITE}/a-1.0.egg-info/PKG-INFO": b"Name: a\nVersion: 1.0\n",
                f"{SITE}/a-1.0.egg-info/requires.txt": b"b>=1\n\n[test]\nc\n",
                f"{SITE}/b-1.egg-info": b"Name: b\nVersion: 1\n",
                f"{SITE}/c-1.egg-info": b"Name: c\nVersion: 1\n",
            }
        )
        assert dict(catalog.dependencies)["pkg:pypi/a@1.0"] == ("pkg:pypi/b@1",)

    def test_their_list_of_files_says_what_is_theirs(self):
        catalog, _ = listed(
            {
                f"{SITE}/a-1.0.egg-info/PKG-INFO": b"Name: a\nVersion: 1.0\n",
                f"{SITE}/a-1.0.egg-info/installed-files.txt": b"../a.py\n../gone.py\nPKG-INFO\ninstalled-files.txt\n",
                f"{SITE}/a.py": b"",
            }
        )
        assert catalog.integrity.unowned == ()
        assert catalog.integrity.missing == (f"{SITE}/gone.py",)


def test_what_a_package_of_the_system_installed_says_so():
    listing = f"/.\n/{METADATA}\n/{SITE}/acme/__init__.py\n".encode()
    files = (
        dist_info("acme", "1.0")
        | dist_info("more", "2.0")
        | {
            "var/lib/dpkg/status": b"Package: a\nStatus: install ok installed\nArchitecture: all\nVersion: 1.0-1\n",
            "var/lib/dpkg/info/a.list": listing,
        }
    )
    catalog, found = listed(files)
    (debian,) = (each for each in catalog.components if each.ecosystem == "deb")
    assert (found["acme"].owner, found["more"].owner) == (debian.ref, "")
    assert ("verifier:owned-by", debian.ref) in found["acme"].properties
    assert found["acme"].ref in dict(catalog.dependencies)[debian.ref]


def test_an_environment_needs_nothing_of_another():
    files = dist_info("a", "1", headers="Requires-Dist: b\n", site="venv/one/lib") | {"venv/one/pyvenv.cfg": b""}
    files |= dist_info("b", "1", site="venv/two/lib") | {"venv/two/pyvenv.cfg": b""}
    catalog, _ = listed(files)
    assert dict(catalog.dependencies)["pkg:pypi/a@1"] == ()


def test_a_file_that_a_link_stands_for_is_read():
    files = dist_info("acme", "1.0")
    files["store/METADATA"] = files.pop(METADATA)
    _, found = listed(files | {METADATA: ("link", "/store/METADATA")})
    assert found["acme"].version == "1.0"


def test_a_link_that_leads_nowhere_is_refused():
    with pytest.raises(Refused) as caught:
        listed(dist_info("acme", "1.0") | {METADATA: ("link", "/gone")})
    assert (caught.value.reasons[0].code, caught.value.reasons[0].subject) == ("input.unreadable", METADATA)
