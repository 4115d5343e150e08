"""The bundle manifest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.errors import Refused
from verifier.formats.opa.manifest import (
    Manifest,
    RegoVersions,
    RootTree,
    WasmResolver,
    as_go_decodes,
    parse_manifest,
)


def codes(value):
    with pytest.raises(Refused) as caught:
        parse_manifest(value, subject=".manifest")
    return [reason.code for reason in caught.value.reasons]


def manifest(**value):
    return parse_manifest(value, subject=".manifest")


class TestFields:
    def test_every_field_is_read(self):
        assert manifest(
            revision="1.2.0",
            roots=["/a/", "b/c"],
            rego_version=1,
            file_rego_versions={"/z.rego": 0, "/a*": 1},
            wasm=[{"entrypoint": "a/allow", "module": "/policy.wasm", "annotations": []}],
            metadata={"x": [1]},
        ) == Manifest(
            revision="1.2.0",
            roots=("a", "b/c"),
            rego_version=1,
            file_rego_versions=(("/a*", 1), ("/z.rego", 0)),
            wasm=(WasmResolver(entrypoint="a/allow", module="/policy.wasm"),),
            metadata={"x": [1]},
        )

    def test_an_empty_manifest_claims_everything_and_has_no_revision(self):
        assert manifest() == Manifest(revision=None, roots=("",), metadata={})

    def test_null_is_missing_and_empty_is_not(self):
        assert manifest(revision=None, roots=None, metadata=None, wasm=None, rego_version=None) == Manifest()
        assert manifest(revision="", roots=[]) == Manifest(revision="", roots=())

    @pytest.mark.parametrize(
        "value",
        [
            {"revision": 1},
            {"revision": ["1"]},
            {"roots": "a"},
            {"roots": [1]},
            {"roots": [None]},
            {"rego_version": 3},
            {"rego_version": True},
            {"rego_version": 1.0},
            {"rego_version": "1"},
            {"file_rego_versions": []},
            {"file_rego_versions": {"a": None}},
            {"file_rego_versions": {"a": 5}},
            {"metadata": []},
            {"metadata": "x"},
            {"wasm": {}},
            {"wasm": [1]},
            {"wasm": [{"entrypoint": 1}]},
            {"wasm": [{"Module": "x"}]},
            {"wasm": [{"annotations": {}}]},
            {"unknown": 1},
        ],
    )
    def test_a_field_of_another_type_and_an_unknown_field_are_refused(self, value):
        assert codes(value) == ["manifest.invalid"]

    @pytest.mark.parametrize("value", [None, [], "x", 1])
    def test_what_is_not_an_object_is_refused(self, value):
        assert codes(value) == ["manifest.invalid"]

    def test_case_variants_are_refused(self):
        assert codes({"revision": "9", "Revision": "1"}) == ["json.case-variant-key"]

    def test_all_reasons_are_listed_and_bounded(self):
        assert codes({"revision": 1, "x": 2, "roots": 3}) == ["manifest.invalid"] * 3
        assert len(codes({f"k{each}": 1 for each in range(1000)} | {"roots": [1] * 1000})) <= 201


class TestRoots:
    @pytest.mark.parametrize(
        "roots", [["a", "a"], ["a", "a/b"], ["a/b", "/a/"], ["", "a"], ["", ""], ["/", "b"], ["a/b/c", "x", "a/b"]]
    )
    def test_roots_that_overlap_are_refused(self, roots):
        assert codes({"roots": roots}) == ["manifest.roots-overlap"]

    @pytest.mark.parametrize("roots", [["a", "b"], ["a/b", "a/c"], ["a", "ab"], ["a-b", "a/b"], []])
    def test_roots_that_only_look_alike_are_not(self, roots):
        assert manifest(roots=roots).roots == tuple(roots)

    @given(st.lists(st.lists(st.sampled_from("ab-"), max_size=3).map("/".join), max_size=4))
    def test_overlap_is_found_as_comparing_each_pair_finds_it(self, roots):
        def contains(outer, inner):
            return outer == "" or (inner + "/").startswith(outer + "/")

        pairs = [(a, b) for at, a in enumerate(roots) for b in roots[at + 1 :]]
        if any(contains(a, b) or contains(b, a) for a, b in pairs):
            assert set(codes({"roots": roots})) == {"manifest.roots-overlap"}
        else:
            assert manifest(roots=roots).roots == tuple(roots)

    @pytest.mark.parametrize(
        ("roots", "path", "owned"),
        [
            ([""], "x/y", True),
            ([""], "", True),
            (["a"], "a/b", True),
            (["a"], "ab", False),
            (["a/b"], "a", False),
            ([], "a", False),
        ],
    )
    def test_a_root_owns_what_lies_below_it_by_whole_segments(self, roots, path, owned):
        assert RootTree(roots).owns(path) is owned

    def test_asking_does_not_grow_the_tree(self):
        tree = RootTree(["a/b"])
        tree.owns("x/y")
        assert set(tree.branches) == {"a"}


class TestRegoVersions:
    @pytest.mark.parametrize(
        ("pattern", "path", "matches"),
        [
            ("/a.rego", "/a.rego", True),
            ("/a.rego", "a.rego", False),
            ("*.rego", "/x/y.rego", True),
            ("/a/*/c.rego", "/a/b/b/c.rego", True),
            ("/a*a", "/a", False),
            ("*a*b*", "xaxbx", True),
            ("*a*b*", "xbxax", False),
            ("**", "", True),
        ],
    )
    def test_a_star_is_any_text(self, pattern, path, matches):
        versions = RegoVersions(manifest(file_rego_versions={pattern: 0}))
        assert versions.of(path) == (0 if matches else 1)

    def test_the_first_pattern_in_order_wins(self):
        assert RegoVersions(manifest(file_rego_versions={"/b*": 1, "/b.rego": 0})).of("/b.rego") == 1
        assert RegoVersions(manifest(file_rego_versions={"/b.rego": 0, "/c*": 1})).of("/b.rego") == 0

    def test_without_a_pattern_the_bundle_says_and_else_it_is_1(self):
        assert RegoVersions(manifest(rego_version=0)).of("/x") == 0
        assert RegoVersions(Manifest()).of("/x") == 1

    @pytest.mark.parametrize("pattern", ["/a?.rego", "/[ab].rego", "/{a,b}.rego", "/a\\*", "*" * 9])
    def test_patterns_that_are_more_than_a_path_with_a_few_stars_are_refused(self, pattern):
        assert codes({"file_rego_versions": {pattern: 0}}) == ["manifest.invalid"]

    def test_many_patterns_with_stars_are_refused(self):
        assert "manifest.invalid" in codes({"file_rego_versions": {f"/{each}*": 0 for each in range(33)}})


class TestAsGoDecodes:
    def fold(self, value):
        findings = []
        return as_go_decodes(value, subject="x", findings=findings), [finding.code for finding in findings]

    def test_the_last_spelling_wins(self):
        assert self.fold({"revision": "9", "REVISION": "1"}) == ({"revision": "1"}, ["json.case-variant-key"])
        assert self.fold({"REVISION": "1", "revision": "9"})[0] == {"revision": "9"}

    def test_unknown_fields_are_dropped(self):
        assert self.fold({"x": 1}) == ({}, ["manifest.invalid"])

    def test_maps_are_decoded_into_each_other(self):
        assert self.fold({"metadata": {"a": 1, "b": 1}, "Metadata": {"b": 2}})[0] == {"metadata": {"a": 1, "b": 2}}

    def test_what_is_not_an_object_stays(self):
        assert self.fold([1]) == ([1], [])
