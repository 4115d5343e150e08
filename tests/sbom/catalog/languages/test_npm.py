"""Packages of Node.js in what is installed: those that can be imported, and nothing that only looks like one."""

import json

import pytest

from tests.support.sboms.installed import node_package
from tests.support.sboms.made import contents
from verifier.core.errors import Refused
from verifier.formats.bom.component import Distribution, Hash, License
from verifier.sbom.catalog.table import catalog_of

APP = "app/node_modules"
SHA512 = "sha512-" + "A" * 86 + "=="


def listed(files):
    """The catalogue of an image that has these files, and the purls of its npm components by where they lie."""
    catalog = catalog_of(contents(files))
    found = {each.path: each for each in catalog.components if each.ecosystem == "npm"}
    return catalog, {path.removesuffix("/package.json"): each for path, each in sorted(found.items())}


def purls(files):
    return {folder: each.purl for folder, each in listed(files)[1].items()}


def warnings(catalog):
    return [(reason.subject, reason.message) for reason in catalog.findings if reason.code == "package.contradictory"]


def test_a_package_is_told_with_what_its_manifest_says():
    files = node_package(
        f"{APP}/@acme/tool",
        "@acme/tool",
        "1.2.3",
        license="(MIT OR Apache-2.0)",
        description="Does\nit",
        author="Ann <ann@acme.example> (https://acme.example)",
        dependencies={"other": "^1"},
        peerDependencies={"absent": "*"},
    )
    catalog, found = listed(files | node_package(f"{APP}/other", "other", "1.0.0"))
    tool = found[f"{APP}/@acme/tool"]
    assert tool[:5] == ("library", "npm", "tool", "1.2.3", "@acme")
    assert tool.purl == "pkg:npm/%40acme/tool@1.2.3"
    assert tool.licenses == (License("(MIT OR Apache-2.0)", "expression", "declared"),)
    assert (tool.description, tool.supplier) == ("Does it", "Ann")
    assert dict(catalog.dependencies)[tool.ref] == ("pkg:npm/other@1.0.0",)
    assert "npm" in catalog.ecosystems
    assert catalog.findings == ()
    assert catalog.integrity.unowned == ()


def test_packages_are_those_directly_below_a_node_modules():
    files = {
        **node_package(f"{APP}/a", "a", "1.0.0"),
        **node_package(f"{APP}/a/node_modules/b", "b", "1.0.0"),
        **node_package(f"{APP}/a/esm", "inner", "9.9.9"),
        **node_package(f"{APP}/.pnpm/c@1.0.0/node_modules/c", "c", "1.0.0"),
        **node_package(f"{APP}/.cache/d", "d", "1.0.0"),
        **node_package(f"{APP}/a/dist/node_modules/e", "e", "1.0.0"),
    }
    assert sorted(purls(files).values()) == [f"pkg:npm/{name}@1.0.0" for name in "abce"]


@pytest.mark.parametrize("folder", ["test", "tests", "__tests__", "test/fixtures", "lib/__fixtures__", "example"])
def test_what_a_package_is_tested_with_is_no_package(folder):
    files = {
        **node_package(f"{APP}/x", "x", "1.0.0"),
        **node_package(f"{APP}/x/{folder}/node_modules/fake", "fake", "1.0.0"),
        **node_package(f"{APP}/x/{folder}", "fake", "1.0.0"),
    }
    assert purls(files) == {f"{APP}/x": "pkg:npm/x@1.0.0"}


def test_packages_whose_own_names_are_those_of_tests_are_listed():
    files = {
        **node_package(f"{APP}/test", "test", "3.3.0"),
        **node_package(f"{APP}/@acme/tests", "@acme/tests", "1.0.0"),
        **node_package(f"{APP}/test/node_modules/b", "b", "1.0.0"),
        **node_package(f"{APP}/@acme/tests/node_modules/c", "c", "1.0.0"),
        **node_package("srv/test/node_modules/d", "d", "1.0.0"),
    }
    assert len(purls(files)) == 5


def test_one_without_a_version_has_none():
    catalog, found = listed(node_package(f"{APP}/x", "x", None))
    assert (found[f"{APP}/x"].version, found[f"{APP}/x"].purl) == (None, "pkg:npm/x")
    assert catalog.findings == ()


@pytest.mark.parametrize("name", [None, "", 7, ["x"], {}])
def test_one_without_a_name_is_called_as_its_folder(name):
    assert purls(node_package(f"{APP}/@s/x", name, "1.0.0")) == {f"{APP}/@s/x": "pkg:npm/%40s/x@1.0.0"}


def test_modules_of_debian_are_packages():
    files = {
        **node_package("usr/share/nodejs/a", "a", "1.0.0", dependencies={"b": "*"}),
        **node_package("usr/share/nodejs/@s/b", "@s/b", "1.0.0"),
        **node_package("usr/share/nodejs/b", "b", "1.0.0"),
        **node_package("usr/share/nodejs/a/ponyfill", "inner", None),
        **node_package("usr/share/nodejs/a/node_modules/c", "c", "1.0.0"),
    }
    assert sorted(purls(files).values()) == [f"pkg:npm/{each}@1.0.0" for each in ("%40s/b", "a", "b", "c")]
    assert dict(listed(files)[0].dependencies)["pkg:npm/a@1.0.0"] == ("pkg:npm/b@1.0.0",)


def test_what_a_link_in_node_modules_leads_to_is_a_package():
    files = node_package("app/packages/core", "core", "1.0.0") | {f"{APP}/core": ("link", "../packages/core")}
    assert purls(files) == {"app/packages/core": "pkg:npm/core@1.0.0"}


def test_a_program_is_an_application_and_a_folder_of_sources_is_not():
    files = {
        **node_package("app", "acme-app", "2.0.0"),
        **node_package(f"{APP}/a", "a", "1.0.0"),
        **node_package("opt/yarn-v1.22.22", "yarn", "1.22.22"),
        **node_package("usr/src/sources", "sources", "1.0.0"),
    }
    _, found = listed(files)
    assert {folder: each.type for folder, each in found.items()} == {
        "app": "application",
        f"{APP}/a": "library",
        "opt/yarn-v1.22.22": "application",
    }


class TestContradictions:
    def test_a_manifest_that_is_called_otherwise_than_its_folder_is_told(self):
        catalog, found = listed(node_package(f"{APP}/innocent", "evil", "1.0.0"))
        assert found[f"{APP}/innocent"].name == "evil"
        ((subject, message),) = warnings(catalog)
        assert subject == f"{APP}/innocent/package.json"
        assert "'evil'" in message
        assert "'innocent'" in message

    @pytest.mark.parametrize("target", ["npm:real@^4.2.0", "npm:real"])
    def test_a_name_that_somebody_asked_for_is_none(self, target):
        files = {
            **node_package(f"{APP}/a", "a", "1.0.0", dependencies={"real-cjs": target, "@s/b": "npm:@t/c@1"}),
            **node_package(f"{APP}/real-cjs", "real", "4.2.3"),
            **node_package(f"{APP}/@s/b", "@t/c", "1.0.0"),
        }
        assert warnings(listed(files)[0]) == []

    def lock(self, **rows):
        said = {"packages": {f"node_modules/{name}": row for name, row in rows.items()}}
        return {f"{APP}/.package-lock.json": json.dumps(said).encode()}

    def test_another_version_than_npm_has_recorded_is_told(self):
        files = node_package(f"{APP}/a", "a", "1.0.0") | self.lock(a={"version": "0.9.0"})
        ((subject, message),) = warnings(listed(files)[0])
        assert subject == f"{APP}/a/package.json"
        assert "1.0.0" in message
        assert "0.9.0" in message

    def test_what_npm_has_installed_and_is_gone_is_told(self):
        files = self.lock(gone={"version": "1.0.0"}, spare={"version": "1.0.0", "optional": True})
        ((subject, message),) = warnings(listed(files)[0])
        assert subject == f"{APP}/.package-lock.json"
        assert f"{APP}/gone" in message

    def test_what_npm_has_recorded_is_where_it_comes_from(self):
        row = {"version": "1.0.0", "resolved": "https://user:pw@npm.acme.example/a.tgz", "integrity": f"{SHA512} x-y"}
        _, found = listed(node_package(f"{APP}/a", "a", "1.0.0") | self.lock(a=row))
        expected = Distribution("https://\u2026@npm.acme.example/a.tgz", (Hash("SHA-512", "0" * 128),))
        assert found[f"{APP}/a"].distributions[0].hashes == expected.hashes
        assert "pw" not in found[f"{APP}/a"].distributions[0].url

    @pytest.mark.parametrize("said", [b"[]", b'{"packages": []}', b'{"packages": {"node_modules/a": 1}}'])
    def test_a_record_that_says_nothing_is_none(self, said):
        files = node_package(f"{APP}/a", "a", "1.0.0") | {f"{APP}/.package-lock.json": said}
        if said == b"[]":
            with pytest.raises(Refused, match=r"json\.invalid"):
                listed(files)
        else:
            assert warnings(listed(files)[0]) == []


class TestHostile:
    @pytest.mark.parametrize(
        ("said", "code"),
        [
            (b"[" * 200_000 + b"]" * 200_000, "json.too-deep"),
            (b'{"a":' * 200_000 + b"1" + b"}" * 200_000, "json.too-deep"),
            (b'{"name": "x"', "json.invalid"),
            (b"", "json.invalid"),
            (b"[]", "json.invalid"),
            (b'{"name": "x"} {', "json.trailing-data"),
            (b'{"name": "x", "version": "' + b"9" * 2_000 + b'"}', "input.unreadable"),
            (b" " * 17_000_000, "input.too-large"),
        ],
    )
    def test_a_manifest_that_cannot_be_read_is_refused_by_its_path(self, said, code):
        with pytest.raises(Refused) as caught:
            listed({f"{APP}/x/package.json": said})
        assert (caught.value.reasons[0].code, caught.value.reasons[0].subject) == (code, f"{APP}/x/package.json")

    def test_one_that_is_read_differently_is_read_as_node_reads_it_and_told(self):
        catalog, found = listed({f"{APP}/x/package.json": b'\xef\xbb\xbf{"name":"x","version":"1","version":"2"}'})
        assert found[f"{APP}/x"].version == "2"
        assert [reason.code for reason in catalog.findings] == ["json.duplicate-key"]
        assert not any(reason.is_error for reason in catalog.findings)

    def test_one_that_is_no_package_is_not_looked_at(self):
        assert purls({"srv/package.json": b"{", f"{APP}/x/test/package.json": b"{"}) == {}

    @pytest.mark.parametrize(
        "said",
        [
            {"license": [[[{"type": {}}]]], "author": [], "description": {}},
            {"licenses": {"type": 1}, "dependencies": ["a"], "bundleDependencies": "x"},
            {"license": ["a"] * 1_000, "optionalDependencies": {"../../..": 1, "": None}},
        ],
    )
    def test_fields_of_another_type_say_nothing(self, said):
        assert len(purls(node_package(f"{APP}/x", "x", "1.0.0", **said))) == 1


def test_what_a_package_carries_along_says_so_and_is_not_hidden_in_it():
    files = {
        **node_package("lib/node_modules/npm", "npm", "10.0.0", bundleDependencies=["a"]),
        **node_package("lib/node_modules/npm/node_modules/a", "a", "1.0.0"),
        **node_package("lib/node_modules/npm/node_modules/a/node_modules/b", "b", "1.0.0"),
        **node_package("lib/node_modules/other", "other", "1.0.0"),
        **node_package("lib/node_modules/other/node_modules/c", "c", "1.0.0"),
    }
    _, found = listed(files)
    assert {each.name: dict(each.properties).get("verifier:vendored-in") for each in found.values()} == {
        "npm": None,
        "a": "pkg:npm/npm@10.0.0",
        "b": "pkg:npm/a@1.0.0",
        "other": None,
        "c": None,
    }
    assert {each.parent for each in found.values()} == {""}


def test_what_is_needed_is_found_as_node_finds_it():
    files = {
        **node_package(f"{APP}/a", "a", "1.0.0", dependencies={"b": "*", "c": "*"}),
        **node_package(f"{APP}/a/node_modules/b", "b", "2.0.0", dependencies={"c": "*", "d": "*"}),
        **node_package(f"{APP}/b", "b", "1.0.0"),
        **node_package(f"{APP}/d", "d", "1.0.0"),
        **node_package("node_modules/c", "c", "1.0.0"),
    }
    edges = dict(listed(files)[0].dependencies)
    assert edges["pkg:npm/a@1.0.0"] == ("pkg:npm/b@2.0.0", "pkg:npm/c@1.0.0")
    assert edges["pkg:npm/b@2.0.0"] == ("pkg:npm/c@1.0.0", "pkg:npm/d@1.0.0")
