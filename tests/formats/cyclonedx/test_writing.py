"""What a catalogue becomes in CycloneDX, field by field; the schema holds the rest."""

import pytest

from tests.support.sboms.listed import sha256
from tests.support.sboms.written import MOMENT, catalog, document, hashes_of, one
from verifier.core.version import VERSION
from verifier.formats.bom.component import Component, Distribution, Hash, License, Origin
from verifier.sbom.generate import generate


def written(component, **said):
    (found,) = document(catalog(component, dependencies=()), **said)["components"]
    return found


def listed():
    tops = document()["components"]
    return {each["bom-ref"]: each for top in tops for each in (top, *top.get("components", ()))}


class TestComponents:
    def test_name_version_and_purl_are_those_of_the_ecosystem(self):
        deb = listed()["deb"]
        assert (deb["name"], deb["version"]) == ("python3-ruamel.yaml", "1:0.18.6+ds-3")
        purl = "pkg:deb/debian/python3-ruamel.yaml@1:0.18.6%2Bds-3?arch=amd64&distro=debian-12"
        assert deb["purl"] == purl
        assert "group" not in deb

    def test_a_component_without_a_version_has_none(self):
        forked = listed()["npm"]
        assert "version" not in forked
        assert (forked["group"], forked["purl"]) == ("@acme", "pkg:npm/%40acme/core")

    def test_the_files_of_a_lock_are_references_with_their_digests(self):
        first, second = listed()["pkg:pypi/ruamel.yaml@0.18.6"]["externalReferences"]
        assert (first["type"], first["url"]) == (
            "distribution",
            "https://files.acme.example/ruamel.yaml-0.18.6.tar.gz",
        )
        assert hashes_of(first["hashes"]) == set(sha256("a" * 64))
        assert "hashes" not in listed()["pkg:pypi/ruamel.yaml@0.18.6"]
        assert hashes_of(second["hashes"]) == set(sha256("b" * 64))

    def test_a_file_without_a_url_of_its_own_says_so(self):
        _, second = listed()["pkg:pypi/ruamel.yaml@0.18.6"]["externalReferences"]
        assert second["url"] == "https://pypi.acme.example/simple"
        assert "not recorded" in second["comment"]

    def test_a_repository_is_a_reference_and_its_commit_a_property(self):
        forked = listed()["npm"]
        assert forked["externalReferences"] == [{"type": "vcs", "url": "https://git.acme.example/core.git"}]
        assert {"name": "verifier:origin:revision", "value": "5f0c"} in forked["properties"]

    def test_where_it_was_found_is_evidence(self):
        found = listed()["pkg:pypi/ruamel.yaml@0.18.6"]["evidence"]["occurrences"]
        assert found == [{"location": "lib/ruamel.yaml-0.18.6.dist-info/METADATA"}]

    def test_a_file_is_called_by_its_path(self):
        file = listed()["file:usr/bin/tool"]
        assert (file["type"], file["name"], file["mime-type"]) == ("file", "usr/bin/tool", "text/x-python")
        assert "evidence" not in file

    def test_layer_and_owner_are_properties(self):
        said = {each["name"]: each["value"] for each in listed()["deb"]["properties"]}
        assert said["verifier:layer"] == "sha256:" + "c" * 64
        assert {"name": "verifier:owned-by", "value": "deb"} in listed()["file:usr/bin/tool"]["properties"]

    def test_an_owner_that_is_a_property_already_is_said_once(self):
        owned = one("x", owner="deb", properties=(("verifier:owned-by", "deb"),))
        assert [each["name"] for each in written(owned)["properties"]] == ["verifier:owned-by"]


class TestLicenses:
    def test_an_id_an_expression_and_a_name_are_three_things(self):
        mit = one("x", licenses=(License("MIT", "id", "declared"),))
        assert written(mit)["licenses"] == [{"license": {"id": "MIT", "acknowledgement": "declared"}}]
        either = one("x", licenses=(License("MIT OR Apache-2.0", "expression", "concluded"),))
        assert written(either)["licenses"] == [{"expression": "MIT OR Apache-2.0", "acknowledgement": "concluded"}]
        named = one("x", licenses=(License("MIT", "name"),))
        assert written(named)["licenses"] == [{"license": {"name": "MIT"}}]

    def test_1_5_has_no_place_for_who_acknowledged_it(self):
        mit = one("x", licenses=(License("MIT", "id", "declared"),))
        assert written(mit, spec_version="1.5")["licenses"] == [{"license": {"id": "MIT"}}]

    @pytest.mark.parametrize("text", ["MIT AND (Apache-2.0 OR", "GPL-2+", "BSD-like", "MIT/Apache-2.0", "NOASSERTION"])
    def test_what_is_no_expression_is_a_name(self, text):
        assert written(one("x", licenses=(License(text, "expression"),)))["licenses"] == [{"license": {"name": text}}]

    def test_an_id_that_spdx_does_not_list_is_a_name(self):
        assert written(one("x", licenses=(License("Expat", "id"),)))["licenses"] == [{"license": {"name": "Expat"}}]

    def test_only_1_7_mixes_an_expression_with_others(self):
        both = one("x", licenses=(License("MIT OR Zlib", "expression"), License("ours", "name")))
        assert written(both, spec_version="1.7")["licenses"][0] == {"expression": "MIT OR Zlib"}
        assert written(both, spec_version="1.6")["licenses"][0] == {"license": {"name": "MIT OR Zlib"}}

    def test_an_empty_license_is_none(self):
        assert "licenses" not in written(one("x", licenses=(License(" ", "name"),)))


class TestFieldsThatTakeOnlySomeTexts:
    def test_a_digest_of_another_length_is_a_property(self):
        wrong = one("x", hashes=(Hash("SHA-256", "ab"), Hash("SHA-1", "a" * 40)))
        assert written(wrong)["hashes"] == [{"alg": "SHA-1", "content": "a" * 40}]
        assert written(wrong)["properties"] == [{"name": "verifier:hash:SHA-256", "value": "ab"}]

    def test_a_cpe_that_is_none_is_a_property(self):
        found = written(one("x", cpe="cpe:/o:acme"))
        assert "cpe" not in found
        assert found["properties"] == [{"name": "verifier:cpe", "value": "cpe:/o:acme"}]

    def test_a_url_keeps_no_password(self):
        made = one(
            "x",
            origin=Origin("git", "https://user:secret@git.acme.example/x.git"),
            distributions=(Distribution("https://token@files.acme.example/a b.whl?sig=secret#secret"),),
        )
        text = str(written(made))
        assert "secret" not in text
        assert "token" not in text
        assert "https://files.acme.example/a%20b.whl" in text

    def test_nor_does_what_is_no_url_and_only_looks_like_one(self):
        odd = one("x", origin=Origin("git", "https://user:secret@git.acme.example/%zz?token=secret"))
        assert {"name": "verifier:origin:location", "value": "https://git.acme.example/%zz"} in written(odd)[
            "properties"
        ]

    @pytest.mark.parametrize("url", ["no url", "https://a:b", "https://a:b/c", "javascript alert(1)", "%zz", "\x1b"])
    def test_what_is_no_url_is_not_written_as_one(self, url):
        (found,) = written(one("x", distributions=(Distribution(url, sha256("a" * 64)),)))["externalReferences"]
        assert found["url"] == "pkg:pypi/x@1"

    def test_a_media_type_that_is_none_is_left_out(self):
        assert "mime-type" not in written(one("x", mime_type="Text/Plain; charset=x"))

    @pytest.mark.parametrize("name", ["a\x1bb", "..", "a/b", " a"])
    def test_a_name_that_no_purl_can_mean_has_none(self, name):
        found = written(one(name))
        assert found["name"] == name
        assert "purl" not in found


class TestTheDocument:
    def test_the_artifact_is_named_as_its_purl_names_it(self):
        subject = document()["metadata"]["component"]
        assert (subject["group"], subject["name"], subject["version"]) == ("registry.acme.example/acme", "app", "1.0")

    def test_what_is_said_of_the_artifact_are_its_properties(self):
        said = {each["name"]: each["value"] for each in document()["metadata"]["component"]["properties"]}
        assert said["verifier:os"] == "debian 12"
        assert said["verifier:digest"].startswith("sha256:")

    def test_the_tool_and_the_phase_are_said(self):
        metadata = document()["metadata"]
        assert metadata["tools"]["components"] == [
            {"type": "application", "name": "policy-verifier", "version": VERSION}
        ]
        assert metadata["lifecycles"] == [{"phase": "post-build"}]

    def test_no_time_is_stated_but_the_one_that_is_given(self):
        assert "timestamp" not in document()["metadata"]
        assert document(timestamp=MOMENT)["metadata"]["timestamp"] == "2026-11-21T12:00:00Z"

    def test_how_complete_it_is_is_said(self):
        assert document()["compositions"] == [{"aggregate": "incomplete", "assemblies": ["root"]}]
        whole = [each["value"] for each in document()["metadata"]["properties"] if each["name"] == "verifier:complete"]
        assert whole == ["deb", "pypi"]

    def test_files_in_question_are_listed_only_where_files_are(self):
        asked = {each["name"]: each["value"] for each in document(files=True)["metadata"]["properties"]}
        assert asked["verifier:file:altered"] == "usr/bin/tool"
        assert not any(each["name"].startswith("verifier:file:") for each in document()["metadata"]["properties"])

    def test_the_number_is_made_of_the_content(self):
        first, again = document(), document()
        other = document(catalog(one("x")))
        assert first["serialNumber"] == again["serialNumber"] != other["serialNumber"]
        assert document(spec_version="1.7")["serialNumber"] != first["serialNumber"]

    def test_the_number_of_another_stands_where_that_wrote_it(self):
        made = generate(catalog(one("urn:uuid:00000000-0000-0000-0000-000000000000", type="file")))
        assert b'"name":"urn:uuid:00000000-0000-0000-0000-000000000000"' in made

    def test_each_component_has_a_line_of_its_own(self):
        lines = generate(catalog()).decode().splitlines()
        assert sum('"bom-ref":"deb"' in line for line in lines) == 1
        assert lines[-1] == "}"


class TestTheGraph:
    def edges(self, made=None):
        return {each["ref"]: each.get("dependsOn", []) for each in document(made)["dependencies"]}

    def test_the_artifact_depends_on_what_nothing_else_depends_on(self):
        assert self.edges()["root"] == ["deb", "npm"]

    def test_an_owner_depends_on_what_it_installed_and_not_on_its_files(self):
        assert self.edges()["deb"] == ["pkg:pypi/ruamel.yaml@0.18.6"]

    def test_a_leaf_says_that_it_has_no_dependencies(self):
        assert self.edges()["child"] == []

    def test_where_nobody_looked_nothing_is_said(self):
        assert "npm" not in self.edges()

    def test_an_edge_to_what_is_not_there_is_left_out(self):
        assert self.edges()["pkg:pypi/ruamel.yaml@0.18.6"] == ["child"]

    def test_what_depends_on_itself_has_no_edge(self):
        assert self.edges(catalog(one("x"), dependencies=(("one", ("one",)),)))["one"] == []


class TestNesting:
    def chain(self, *parents):
        return [one(str(at), ref=str(at), parent=parent) for at, parent in enumerate(parents)]

    def every(self, components):
        found = document(catalog(*components, dependencies=()))["components"]
        pending, names = list(found), []
        while pending:
            each = pending.pop()
            names.append(each["name"])
            pending += each.get("components", [])
        return sorted(names), found

    def test_a_component_is_nested_in_its_parent(self):
        names, found = self.every(self.chain("", "0", "1"))
        assert names == ["0", "1", "2"]
        assert found[0]["components"][0]["components"][0]["name"] == "2"

    @pytest.mark.parametrize("parents", [("1", "0"), ("0",), ("nowhere",), ("1", "2", "0", "")])
    def test_a_parent_that_cannot_be_is_a_property(self, parents):
        names, found = self.every(self.chain(*parents))
        assert names == sorted(map(str, range(len(parents))))
        kept = [
            each for each in found if {"name": "verifier:parent", "value": parents[0]} in each.get("properties", [])
        ]
        assert [each["name"] for each in kept] == ["0"]

    def test_a_thousand_levels_are_not_nested_so_deep(self):
        parents = ("", *map(str, range(999)))
        names, found = self.every(self.chain(*parents))
        assert len(names) == 1_000
        assert len(found) == 1_000 - 8

    def test_an_engine_that_is_asked_for_has_a_range_from_1_7_on(self):
        engine = Component("platform", "golang", "opa", ref="engine", properties=(("verifier:opa:minimum", "1.2.0"),))
        assert written(engine, spec_version="1.7")["versionRange"] == "vers:golang/>=1.2.0"
        assert written(engine, spec_version="1.7")["isExternal"] is True
        assert "versionRange" not in written(engine)
