"""Bundles: every file has one role, and one reading."""

import gzip
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.archives.tars import bundle, codes, gz, member, tarball
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.reading import ReadingMode
from verifier.kinds.bundle.artifact import read_bundle

COMPAT = ReadingMode.OPA_COMPAT
MANIFEST = b'{"revision":"1.2.0","roots":["a"],"metadata":{"team":"x"}}'
FILES = {
    "/data.json": b'{"a":{"limit":3}}',
    "/a/p.rego": b"package a\n",
    "/a/b/data.yaml": b"deny: true\n",
    "/.signatures.json": b'{"signatures":["x"]}',
    "/.manifest": MANIFEST,
}
ROLES = ["/data.json", "/data.yaml", "/.manifest", "/a.rego", "/patch.json"]


def refused(files, mode=ReadingMode.STRICT):
    return codes(bundle, files, mode=mode)


def warned(files):
    return [finding.code for finding in bundle(files, mode=COMPAT).findings if finding.code != "manifest.missing"]


class TestReading:
    def test_a_bundle_is_read_with_everything_in_it(self):
        content = tarball(FILES)
        read = read_bundle(content, name="authz", resource_uri="https://x/b.tgz")
        assert (read.reference, read.digest, read.content) == ("bundle:authz", Digest.of(content), content)
        assert [file.name for file in read.files] == ["data.json", "a/p.rego", "a/b/data.yaml", ".manifest"]
        assert read.signatures == FILES["/.signatures.json"]
        assert read.data == {"a": {"limit": 3, "b": {"deny": True}}}
        assert [(module.path, module.source, module.version) for module in read.modules] == [
            ("a/p.rego", "package a\n", 1)
        ]
        assert read.manifest.revision == "1.2.0"
        assert read.manifest.metadata == {"team": "x"}
        assert read.findings == ()

    def test_a_bundle_without_a_manifest_says_so(self):
        read = bundle({"/a.rego": b"package a"})
        assert read.manifest is None
        assert [finding.code for finding in read.findings] == ["manifest.missing"]

    def test_files_that_opa_ignores_are_files_all_the_same(self):
        assert [file.name for file in bundle({"/README.md": b"x", "/a/b.json": b"{"}).files] == [
            "README.md",
            "a/b.json",
        ]

    def test_an_unsigned_bundle_has_no_signatures(self):
        assert bundle({"/a.rego": b"package a"}).signatures is None

    def test_reasons_of_several_files_are_listed_together(self):
        found = refused({"/data.json": b"{", "/.manifest": b"[]", "/x/data.json": b'{"a":1,"a":2}'})
        assert found == ["json.invalid", "manifest.invalid", "json.duplicate-key"]

    @given(
        st.binary(max_size=300), st.sampled_from(["/data.json", "/data.yaml", "/.manifest", "/a.rego", "/patch.json"])
    )
    def test_any_content_is_read_or_refused(self, content, name):
        for mode in ReadingMode:
            refused({name: content}, mode)


class TestDigests:
    def test_raw_files_are_hashed_as_they_are(self):
        (file,) = bundle({"/a.rego": b"package a\n"}).files
        assert file.digests("SHA-256") == (hashlib.sha256(b"package a\n").hexdigest(),)

    def test_structured_files_are_hashed_by_value(self):
        (file,) = bundle({"/data.json": b' {"b": 1.0, "a": [] } '}).files
        assert file.digest() == hashlib.sha256(b'{"a":[],"b":1.0}').hexdigest()

    def test_data_yml_is_hashed_by_value_and_by_older_releases_by_bytes(self):
        (file,) = bundle({"/data.yml": b"a: 1\n"}).files
        expected = tuple(hashlib.sha256(stream).hexdigest() for stream in (b'{"a":1}', b"a: 1\n"))
        assert file.digests("SHA-256") == expected

    def test_merging_data_changes_no_digest(self):
        read = bundle({"/a/data.json": b'{"x":{}}', "/a/x/data.json": b'{"y":1}', "/a/x/z/data.json": b"2"})
        assert read.data == {"a": {"x": {"y": 1, "z": 2}}}
        assert read.files[0].digest() == hashlib.sha256(b'{"x":{}}').hexdigest()
        assert read.files[0].document.value == {"x": {}}

    def test_an_unknown_algorithm_is_a_key_error(self):
        with pytest.raises(KeyError):
            bundle({"/a.rego": b"package a"}).files[0].digests("sha-256")


class TestSignaturesFile:
    @pytest.mark.parametrize("name", ["/a/.signatures.json", "/signatures.json", "/a/xsignatures.json"])
    def test_what_looks_like_a_signatures_file_is_refused(self, name):
        assert refused({name: b"{}"}) == ["bundle.stray-signatures"]

    def test_what_only_old_releases_take_for_one_is_a_file_in_compat_mode(self):
        read = bundle({"/a/xsignatures.json": b"{}"}, mode=COMPAT)
        assert [file.name for file in read.files] == ["a/xsignatures.json"]
        assert read.signatures is None

    def test_one_in_a_folder_is_refused_in_both_modes(self):
        assert refused({"/a/.signatures.json": b"{}"}, COMPAT) == ["bundle.stray-signatures"]


class TestManifestFile:
    def test_two_manifests_are_refused_in_both_modes(self):
        files = {"/.manifest": MANIFEST, "/sub/x.manifest": b'{"revision":"9"}'}
        assert refused(files) == ["manifest.duplicate"]
        assert refused(files, COMPAT) == ["manifest.duplicate"]

    @pytest.mark.parametrize("name", ["/sub/.manifest", "/x.manifest"])
    def test_a_manifest_elsewhere_is_refused(self, name):
        assert refused({name: b'{"revision":"1"}'}) == ["bundle.ignored-member"]
        assert bundle({name: b'{"revision":"1"}'}, mode=COMPAT).manifest.revision == "1"

    def test_a_protobuf_manifest_is_refused_in_both_modes(self):
        files = {"/.manifest.pb": b"\n\x011"}
        assert refused(files) == refused(files, COMPAT) == ["bundle.ignored-member"]

    def test_bytes_after_the_manifest_are_refused(self):
        assert refused({"/.manifest": b'{"revision":"1"} {"revision":"2"}'}) == ["json.trailing-data"]
        assert bundle({"/.manifest": b'{"revision":"1"} x'}, mode=COMPAT).manifest.revision == "1"

    def test_a_case_variant_of_the_revision_is_refused(self):
        content = b'{"revision":"9","Revision":"1"}'
        assert refused({"/.manifest": content}) == ["json.case-variant-key"]
        assert bundle({"/.manifest": content}, mode=COMPAT).manifest.revision == "1"
        assert warned({"/.manifest": content}) == ["json.case-variant-key"]

    def test_a_byte_order_mark_before_json_is_refused_as_opa_does(self):
        for name in ("/.manifest", "/data.json"):
            assert refused({name: b"\xef\xbb\xbf{}"}) == refused({name: b"\xef\xbb\xbf{}"}, COMPAT) == ["json.invalid"]

    def test_a_byte_order_mark_before_yaml_is_read_past(self):
        assert bundle({"/data.yaml": b"\xef\xbb\xbfa: 1"}).data == {"a": 1}


class TestDeltas:
    def test_a_delta_is_refused_in_both_modes(self):
        files = {"/patch.json": b'{"data":[{"op":"upsert","path":"/a","value":1}]}'}
        assert refused(files) == refused(files, COMPAT) == ["bundle.delta-refused"]

    def test_a_delta_by_a_case_variant_is_refused(self):
        assert refused({"/patch.json": b'{"Data":[{}]}'}, COMPAT) == ["bundle.delta-refused"]

    @pytest.mark.parametrize("content", [b"{}", b'{"data":[]}', b'{"data":null} x'])
    def test_a_patch_that_changes_nothing_is_a_warning_in_compat_mode(self, content):
        assert refused({"/a/patch.json": content}) == ["bundle.delta-refused"]
        assert "bundle.delta-refused" in warned({"/a/patch.json": content})


class TestData:
    @pytest.mark.parametrize("other", [b"1", b'{"b":2}', b'{"b":{"c":2}}', b'{"b":1}'])
    def test_data_that_collide_are_refused_in_both_modes(self, other):
        files = {"/data.json": b'{"a":{"b":1}}', "/a/data.json": other}
        assert refused(files) == refused(files, COMPAT) == ["bundle.data-conflict"]

    def test_json_and_yaml_of_one_folder_merge_or_collide(self):
        assert bundle({"/a/data.json": b'{"x":1}', "/a/data.yaml": b"z: 2"}).data == {"a": {"x": 1, "z": 2}}
        assert refused({"/a/data.json": b'{"x":1}', "/a/data.yml": b"x: 1"}) == ["bundle.data-conflict"]

    @pytest.mark.parametrize("content", [b"[]", b"1", b"null"])
    def test_data_at_the_root_that_are_not_an_object_are_refused(self, content):
        assert refused({"/data.json": content}) == ["bundle.data-conflict"]
        assert bundle({"/a/data.json": content}).data == {"a": json.loads(content)}

    @pytest.mark.parametrize("name", ["/.a/data.json", "/..a/data.json"])
    def test_a_dot_that_opa_drops_is_refused(self, name):
        assert refused({name: b"1"}) == ["archive.unsafe-name"]
        assert bundle({name: b"1"}, mode=COMPAT).data == {"a": 1}

    def test_duplicate_keys_take_the_last_value_in_compat_mode(self):
        assert refused({"/data.json": b'{"a":1,"a":2}'}) == ["json.duplicate-key"]
        assert bundle({"/data.json": b'{"a":1,"a":2}'}, mode=COMPAT).data == {"a": 2}

    def test_bytes_after_data_are_refused_in_both_modes(self):
        assert refused({"/data.json": b"{}x"}) == refused({"/data.json": b"{}x"}, COMPAT) == ["json.trailing-data"]

    def test_a_thousand_files_below_one_folder_merge(self):
        files = {f"/a/f{each}/data.json": b"1" for each in range(1000)}
        assert len(bundle(files).data["a"]) == 1000


class TestRoots:
    @pytest.mark.parametrize(
        "data",
        [b'{"b":1}', b'{"b":{}}', b'{"a":1,"b":1}', b'{"ab":1}', b'{"a/c":1}', b'{"x":{"a":1}}'],
    )
    def test_data_outside_the_roots_are_refused_in_both_modes(self, data):
        files = {"/data.json": data, "/.manifest": b'{"roots":["a"]}'}
        assert refused(files) == refused(files, COMPAT) == ["manifest.outside-roots"]

    @pytest.mark.parametrize("data", [b"{}", b'{"a":{}}', b'{"a":{"b":{"c":1}}}'])
    def test_data_inside_a_deep_root_are_accepted(self, data):
        assert bundle({"/data.json": data, "/.manifest": b'{"roots":["/a/b/"]}'}).data == json.loads(data)

    def test_an_empty_list_of_roots_owns_nothing(self):
        assert bundle({"/data.json": b"{}", "/.manifest": b'{"roots":[]}'}).data == {}
        assert refused({"/data.json": b'{"a":1}', "/.manifest": b'{"roots":[]}'}) == ["manifest.outside-roots"]


class TestModules:
    def test_the_manifest_says_which_rego_a_module_is_written_in(self):
        manifest = b'{"rego_version":1,"file_rego_versions":{"/a/*.rego":0,"/a/b.rego":1,"/c.rego":0}}'
        names = ("/a/b.rego", "/a/x.rego", "/a/d/y.rego", "/c.rego", "/z.rego")
        read = bundle({".manifest": manifest} | dict.fromkeys(names, b"package a"))
        # Patterns are tried in order, and '*' sorts before 'b'.
        assert {module.path: module.version for module in read.modules} == {
            "a/b.rego": 0,
            "a/x.rego": 0,
            "a/d/y.rego": 0,
            "c.rego": 0,
            "z.rego": 1,
        }

    def test_a_version_0_bundle_has_version_0_modules(self):
        assert bundle({"/.manifest": b'{"rego_version":0}', "/a.rego": b"package a"}).modules[0].version == 0

    def test_a_module_that_is_not_text_is_refused(self):
        assert refused({"/a.rego": b"package \xff"}) == ["bundle.rego-invalid"]


class TestCompiled:
    def test_a_plan_is_a_raw_file_and_its_protobuf_form_is_refused(self):
        assert bundle({"/plan.json": b'{"a":1,"a":1}'}).files[0].document is None
        assert refused({"/plan.pb": b"x"}) == ["bundle.ignored-member"]

    def test_wasm_resolvers_name_modules_that_are_there(self):
        manifest = b'{"wasm":[{"entrypoint":"a/allow","module":"/policy.wasm"}]}'
        assert bundle({"/policy.wasm": b"\0asm", "/.manifest": manifest}).manifest.wasm[0].entrypoint == "a/allow"
        assert refused({"/.manifest": manifest}) == ["manifest.invalid"]

    def test_an_entrypoint_has_one_module_inside_the_roots(self):
        one = {"entrypoint": "a/allow", "module": "/policy.wasm"}
        twice = json.dumps({"wasm": [one, one]}).encode()
        outside = json.dumps({"roots": ["b"], "wasm": [one]}).encode()
        assert refused({"/policy.wasm": b"", "/.manifest": twice}) == ["manifest.invalid"]
        assert refused({"/policy.wasm": b"", "/.manifest": outside}) == ["manifest.outside-roots"]


def test_archive_warnings_reach_the_bundle_in_compat_mode():
    content = gz(member(b"./a.rego", b"package a"), end=b"")
    found = [finding.code for finding in bundle(content, mode=COMPAT).findings]
    assert found == ["archive.unsafe-name", "archive.truncated", "manifest.missing"]


def test_no_reading_raises_anything_but_a_refusal():
    for content in (b"", gzip.compress(b"x" * 512), tarball({"/data.json": b"[" * 100_000})):
        with pytest.raises(Refused):
            read_bundle(content, name="x", resource_uri="")


def with_manifest(roots, **files):
    return {".manifest": json.dumps({"roots": roots}).encode(), **files}


class TestWhatOpaWouldNotLoad:
    @pytest.mark.parametrize(
        ("roots", "package", "inside"),
        [
            ([""], "a", True),
            (["a"], "a", True),
            (["a"], "a.b", True),
            (["b", "a/b"], "a.b.c", True),
            (["a/b"], "a", False),
            (["a"], "ab", False),
            (["a/b"], "a.bc", False),
            (["a/b"], 'a["b/c"]', False),
            (["a"], 'a["b/c"]', True),
            (["a/b c"], 'a["b c"]', False),  # OPA before 1.22 compares `a/b%20c`
            ([], "a", False),
            (["/a/"], "a", True),
        ],
    )
    def test_a_package_lies_under_a_root_by_whole_segments(self, roots, package, inside):
        files = with_manifest(roots, **{"m.rego": f"package {package}\nk := 1\n".encode()})
        assert refused(files) == ([] if inside else ["manifest.outside-roots"])

    @pytest.mark.parametrize("root", ["a%2Fb", "li%73ts", "a%", "%61", "a/b%zz", "%2561"])
    def test_a_root_with_an_escape_is_refused(self, root):
        assert refused(with_manifest([root])) == ["manifest.invalid"]

    def test_an_entrypoint_with_an_escape_is_refused(self):
        resolver = {"entrypoint": "a%2Fb", "module": "policy.wasm"}
        manifest = json.dumps({"roots": [""], "wasm": [resolver]}).encode()
        assert refused({".manifest": manifest, "policy.wasm": b"\0asm"}) == ["manifest.invalid"]

    def test_one_entrypoint_in_two_spellings_is_refused(self):
        resolvers = [{"entrypoint": entrypoint, "module": "policy.wasm"} for entrypoint in ("a/b", "/a/b/")]
        manifest = json.dumps({"roots": [""], "wasm": resolvers}).encode()
        assert refused({".manifest": manifest, "policy.wasm": b"\0asm"}) == ["manifest.invalid"]

    @pytest.mark.parametrize("module", [b"", b"# no package", b"k := 1", b"import data.x\npackage a"])
    def test_a_module_without_a_package_is_refused(self, module):
        assert refused({"m.rego": module}) == ["bundle.rego-invalid"]

    def test_a_package_that_is_unclear_is_undecided(self):
        with pytest.raises(Refused) as caught:
            bundle({"m.rego": b"package a\n[b]"})
        assert [(reason.code, reason.is_undecided) for reason in caught.value.reasons] == [
            ("bundle.package-unread", True)
        ]

    @pytest.mark.parametrize(
        "data", [b"1", b"[]", b"null", b'{"bundles": {}}', b'{"bundle": {"manifest": {}}}', b'{"modules": {}}']
    )
    def test_data_where_opa_keeps_its_own_are_refused(self, data):
        assert refused({"system/data.json": data}) == ["bundle.data-conflict"]

    def test_data_for_opa_s_own_policies_are_data(self):
        assert refused({"system/data.json": b'{"authz": {"tokens": []}}'}) == []

    def test_data_in_a_folder_with_an_escape_are_refused(self):
        assert refused({"a%2Fb/data.json": b"{}"}) == ["archive.unsafe-name"]
