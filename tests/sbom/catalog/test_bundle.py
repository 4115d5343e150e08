"""What a Rego bundle is said to consist of: formats/sbom.md section 8."""

import hashlib
import json

import pytest

from tests.support.archives.tars import bundle, tarball
from tests.support.rego.compiler import require
from tests.support.sboms.written import MOMENT
from verifier.core.rego import ModuleAnalysis
from verifier.formats.bom.component import FILE, Hash
from verifier.kinds.bundle.contents import contents_of, looked_into
from verifier.rego.built_in import BuiltInEngine
from verifier.sbom.catalog.table import catalog_of
from verifier.sbom.compare.compare import compare
from verifier.sbom.generate import generate
from verifier.sbom.reading import read_bom

POLICY = b"""package app.authz

import data.lib.net as there

allow if there.reachable("a")

deny contains "late" if time.now_ns() > data.limits.end
"""
LIBRARY = b"""package lib.net

reachable(host) if http.send({"method": "GET", "url": host}).status_code == 200

id := uuid.rfc4122("x") if crypto.sha256("x")
"""
MANIFEST = {"revision": "1.4.0", "roots": ["app", "lib", "limits"]}
DATA = b'{"end": 1.0}'
FILES = {
    ".manifest": json.dumps(MANIFEST).encode(),
    "app/policy.rego": POLICY,
    "lib/net.rego": LIBRARY,
    "limits/data.json": DATA,
    "README.md": b"# read me\n",
    ".signatures.json": b'{"signatures": []}',
}


def listed(files, engine=None):
    return catalog_of(looked_into(bundle(files), engine))


def analysed(files, *analyses):
    return catalog_of(contents_of(bundle(files), analyses))


def by_ref(catalog):
    return {each.ref: each for each in catalog.components}


def said(component, name):
    return [value for key, value in component.properties if key == name]


@pytest.fixture(scope="module")
def whole():
    require()
    return listed(FILES, BuiltInEngine())


class TestFiles:
    def test_every_file_of_the_archive_is_listed(self, whole):
        assert {each.name for each in whole.components if each.ecosystem == FILE} == set(FILES)

    @pytest.mark.parametrize("path", FILES)
    def test_each_by_both_digests_of_its_bytes(self, whole, path):
        assert set(by_ref(whole)[f"file:{path}"].hashes) == {
            Hash("SHA-256", hashlib.sha256(FILES[path]).hexdigest()),
            Hash("SHA-512", hashlib.sha512(FILES[path]).hexdigest()),
        }

    def test_a_structured_file_has_the_digest_that_signatures_carry_too(self, whole):
        (digest,) = said(by_ref(whole)["file:limits/data.json"], "verifier:opa:digest")
        assert digest == hashlib.sha256(b'{"end":1.0}').hexdigest()
        assert not said(by_ref(whole)["file:app/policy.rego"], "verifier:opa:digest")

    def test_a_leading_slash_is_no_part_of_a_name(self):
        assert "file:app/policy.rego" in by_ref(listed({"/app/policy.rego": POLICY}))

    def test_what_a_file_is_for_is_said(self, whole):
        types = {each.name: each.mime_type for each in whole.components if each.ecosystem == FILE}
        assert types["app/policy.rego"] == "text/x-rego"
        assert types["limits/data.json"] == types[".manifest"] == "application/json"
        assert types["README.md"] == ""


class TestPackages:
    def test_each_package_is_a_library_of_its_own(self, whole):
        names = {each.name for each in whole.components if each.type == "library"}
        assert names == {"data.app.authz", "data.lib.net"}

    def test_with_its_rules_and_its_version_of_rego(self, whole):
        authz = by_ref(whole)["rego:data.app.authz"]
        assert said(authz, "verifier:rego:rules") == ["allow, deny"]
        assert said(authz, "verifier:rego:rego-version") == ["1"]

    def test_it_depends_on_its_modules_and_on_the_packages_that_they_name(self, whole):
        edges = dict(whole.dependencies)
        assert edges["rego:data.app.authz"] == ("file:app/policy.rego", "rego:data.lib.net")
        assert edges["rego:data.lib.net"] == ("file:lib/net.rego",)

    def test_the_bundle_depends_on_all_that_is_no_module(self, whole):
        edges = dict(whole.dependencies)["bundle"]
        assert set(edges) == {
            *("engine", "rego:data.app.authz", "rego:data.lib.net"),
            *(f"file:{path}" for path in FILES if not path.endswith(".rego")),
        }

    def test_two_modules_of_one_package_are_one_library(self):
        one, two = (ModuleAnalysis(path=path, package=("a",)) for path in ("a.rego", "b.rego"))
        catalog = analysed({"a.rego": b"package a", "b.rego": b"package a"}, one, two)
        assert dict(catalog.dependencies)["rego:data.a"] == ("file:a.rego", "file:b.rego")


class TestReach:
    def test_builtins_are_said_of_the_package_that_calls_them(self, whole):
        net, authz = by_ref(whole)["rego:data.lib.net"], by_ref(whole)["rego:data.app.authz"]
        assert said(net, "verifier:rego:builtin") == ["crypto.sha256", "http.send", "uuid.rfc4122"]
        assert said(authz, "verifier:rego:builtin") == ["time.now_ns"]

    def test_and_what_they_let_it_reach(self, whole):
        assert said(by_ref(whole)["rego:data.lib.net"], "verifier:rego:capability") == ["network", "random", "crypto"]
        assert said(by_ref(whole)["rego:data.app.authz"], "verifier:rego:capability") == ["time"]

    def test_both_are_said_of_the_whole_bundle(self, whole):
        words = [value for name, value in whole.properties if name == "verifier:rego:capability"]
        assert words == ["network", "time", "random", "crypto"]

    def test_signs_are_no_builtins_to_anybody(self):
        analysis = ModuleAnalysis(
            path="a.rego", package=("a",), builtins=frozenset({"plus", "eq", "internal.member_2"})
        )
        library = by_ref(analysed({"a.rego": b"package a"}, analysis))["rego:data.a"]
        assert not said(library, "verifier:rego:builtin")

    def test_the_roots_are_said(self, whole):
        assert [value for name, value in whole.properties if name == "verifier:opa:root"] == ["app", "lib", "limits"]


class TestTheEngine:
    def least(self, *builtins, manifest=b'{"rego_version": 0}'):
        analysis = ModuleAnalysis(path="a.rego", package=("a",), builtins=frozenset(builtins))
        engine = by_ref(analysed({".manifest": manifest, "a.rego": b"package a"}, analysis))["engine"]
        return said(engine, "verifier:opa:minimum")

    def test_it_is_named_and_has_no_version(self, whole):
        engine = by_ref(whole)["engine"]
        assert (engine.type, engine.version) == ("platform", None)
        assert said(engine, "verifier:opa:engine") == ["pkg:golang/github.com/open-policy-agent/opa"]

    def test_it_is_no_package_that_is_there(self, whole):
        assert (by_ref(whole)["engine"].purl, by_ref(whole)["engine"].ecosystem) == ("", "")

    def test_nobody_says_what_it_depends_on(self, whole):
        assert "engine" not in dict(whole.dependencies)

    def test_the_newest_builtin_says_the_oldest_release(self):
        assert self.least("count", "strings.count", "array.flatten") == ["1.13.0"]

    def test_what_every_release_has_says_nothing(self):
        assert self.least("count") == []

    def test_rego_v1_is_read_from_1_0_on_or_as_soon_as_manifests_state_it(self):
        assert self.least("count", manifest=b"{}") == ["1.0.0"]
        assert self.least("count", manifest=b'{"rego_version": 1}') == ["0.64.0"]

    def test_data_alone_need_none(self):
        catalog = listed({"data.json": b"{}"})
        assert (catalog.subject.type, "engine" in by_ref(catalog)) == ("data", False)


class TestTheWhole:
    def test_the_archive_is_named_by_its_revision_and_its_digests(self, whole):
        content = tarball(FILES)
        digest = hashlib.sha256(content).hexdigest()
        assert (whole.subject.name, whole.subject.version, whole.subject.type) == ("authz", "1.4.0", "application")
        assert whole.subject.purl == f"pkg:generic/authz@1.4.0?checksum=sha256:{digest}"
        assert set(whole.subject.hashes) == {
            Hash("SHA-256", digest),
            Hash("SHA-512", hashlib.sha512(content).hexdigest()),
        }

    def test_it_is_complete_by_construction(self, whole):
        assert whole.aggregate == "complete"
        assert whole.ecosystems == {FILE, ""}
        assert not whole.findings

    def test_a_module_that_nobody_could_analyse_makes_it_incomplete(self):
        broken = ModuleAnalysis(path="app/policy.rego", problem="line 3: unexpected }")
        catalog = analysed(FILES, broken)
        assert catalog.aggregate == "incomplete"
        assert said(by_ref(catalog)["file:app/policy.rego"], "verifier:rego:unanalysed") == ["line 3: unexpected }"]
        assert "" not in catalog.ecosystems

    def test_and_is_a_warning_once_for_each_problem(self):
        findings = listed(FILES).findings
        assert [each.code for each in findings] == ["bundle.rego-unanalysed"]
        assert "and 1 more modules" in findings[0].message

    def test_a_file_of_no_analysis_is_still_listed(self):
        assert {each.name for each in listed(FILES).components if each.ecosystem == FILE} == set(FILES)

    def test_compiled_modules_are_files_with_their_entrypoints(self):
        manifest = {"wasm": [{"entrypoint": "app/allow", "module": "/policy.wasm"}]}
        catalog = listed({".manifest": json.dumps(manifest).encode(), "/policy.wasm": b"\0asm"})
        wasm = by_ref(catalog)["file:policy.wasm"]
        assert said(wasm, "verifier:wasm:entrypoint") == ["app/allow"]
        assert "what it calls is not to be seen" in said(wasm, "verifier:rego:unanalysed")[0]
        assert "engine" in by_ref(catalog)

    def test_refs_and_components_are_sorted(self, whole):
        refs = [each.ref for each in whole.components]
        assert refs == sorted(set(refs))

    @pytest.mark.parametrize("form", ["cyclonedx", "cyclonedx-xml", "spdx"])
    def test_every_form_of_it_is_the_same_list(self, whole, form):
        document = read_bom(generate(whole, form=form, timestamp=MOMENT), subject="own")
        assert compare(document, whole, strict=True).reasons() == ()
