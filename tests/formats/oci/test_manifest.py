"""OCI references, manifests and indexes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.formats.oci.choice import bundle_layer
from verifier.formats.oci.manifest import (
    BUNDLE_LAYER,
    DOCKER_LIST,
    DOCKER_MANIFEST,
    MAX_DESCRIPTORS,
    OCI_INDEX,
    OCI_MANIFEST,
    ImageIndex,
    ImageManifest,
    ImageReference,
    parse_digest,
    parse_manifest,
    parse_reference,
)

HEX = "0123456789abcdef" * 4
EMPTY = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": f"sha256:{HEX}", "size": 2}
LAYER = {"mediaType": BUNDLE_LAYER, "digest": f"sha256:{HEX}", "size": 10}
MANIFEST = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": EMPTY, "layers": [LAYER]}
INDEX = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [EMPTY | {"mediaType": OCI_MANIFEST}]}


def read(document, content_type=OCI_MANIFEST):
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return parse_manifest(content, content_type=content_type, subject="s")


def code(document, content_type=OCI_MANIFEST):
    with pytest.raises(Refused) as refused:
        read(document, content_type)
    return refused.value.reasons[0].code


class TestReferences:
    @pytest.mark.parametrize(
        "text",
        [
            "ghcr.io/acme/authz:1.2.3",
            "localhost:5000/authz:latest",
            "127.0.0.1:5000/a/b/c:x_Y.z-1",
            "[::1]:5000/a:1",
            "h.example/a.b_c__d--e/f:1",
            f"h.example/a@sha256:{HEX}",
            f"h.example/a@sha512:{HEX * 2}",
            f"h.example/a:1.0@sha256:{HEX}",
        ],
    )
    def test_a_reference_is_read_and_written_alike(self, text):
        assert str(parse_reference(text)) == text

    def test_its_parts_are_known(self):
        expected = ImageReference(
            registry="h:5000", repository="a/b", tag="1", digest=Digest(algorithm="sha256", value=HEX)
        )
        assert parse_reference(f"h:5000/a/b:1@sha256:{HEX}") == expected

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "authz",
            "authz:1",
            "/authz:1",
            "h/authz",
            "h/authz:",
            "h/authz@",
            "h/:1",
            "h/a//b:1",
            "h/a/:1",
            "h/../a:1",
            "h/Authz:1",
            "h/a..b:1",
            "h/a___b:1",
            "h/-a:1",
            "h/a:-1",
            "h/a:1/b",
            "h/a:1:2",
            "h/a:1 ",
            "h/a:1\n",
            "h/a:" + "1" * 129,
            "h/" + "a" * 256 + ":1",
            "user:secret@h/a:1",
            "h:port/a:1",
            "h:123456/a:1",
            "h?x/a:1",
            "h#x/a:1",
            "h%2f/a:1",
            "-h/a:1",
            "h/a@sha256:" + HEX.upper(),
            "h/a@sha256:" + HEX[:-1],
            "h/a@md5:" + HEX[:32],
            f"h/a@sha256:{HEX}@sha256:{HEX}",
            f"h/a@sha256:{HEX}:1",
            f"https://h/a@sha256:{HEX}",
            "h/ä:1",
            "h/a:ä",
        ],
    )
    def test_nothing_is_filled_in_and_nothing_else_is_one(self, text):
        with pytest.raises(ValueError, match=r"expected|is not sha256"):
            parse_reference(text)

    @given(st.text(max_size=60) | st.from_regex(r"[a-z]{1,3}(:[0-9]{1,4})?/[a-zA-Z0-9._/-]{1,20}[:@].{1,80}"))
    def test_what_is_read_means_the_same_when_it_is_read_again(self, text):
        try:
            reference = parse_reference(text)
        except ValueError:
            return
        assert str(reference) == text
        assert reference.tag or reference.digest


class TestManifests:
    def test_a_manifest_is_read(self):
        read_back = read(MANIFEST | {"annotations": {"a": "", "b": "x"}, "artifactType": "application/x", "new": [1]})
        assert isinstance(read_back, ImageManifest)
        assert (read_back.annotations, read_back.artifact_type) == ((("a", ""), ("b", "x")), "application/x")
        assert [(layer.media_type, str(layer.digest), layer.size) for layer in read_back.layers] == [
            (BUNDLE_LAYER, f"sha256:{HEX}", 10)
        ]

    def test_an_index_is_read(self):
        index = read(INDEX, OCI_INDEX)
        assert isinstance(index, ImageIndex)
        assert [each.media_type for each in index.manifests] == [OCI_MANIFEST]

    @pytest.mark.parametrize(
        ("document", "content_type"), [(MANIFEST, DOCKER_MANIFEST), (INDEX, DOCKER_LIST), (MANIFEST, OCI_MANIFEST)]
    )
    def test_a_document_that_does_not_name_its_type_is_what_it_was_sent_as(self, document, content_type):
        unnamed = {key: value for key, value in document.items() if key != "mediaType"}
        assert read(unnamed, f"{content_type}; charset=utf-8").media_type == content_type

    @pytest.mark.parametrize(
        ("document", "content_type"),
        [
            (MANIFEST, OCI_INDEX),
            (INDEX, OCI_MANIFEST),
            (MANIFEST, DOCKER_MANIFEST),
            (MANIFEST, "application/json"),
            (MANIFEST, ""),
            (MANIFEST | {"mediaType": OCI_INDEX}, OCI_MANIFEST),
        ],
    )
    def test_a_document_sent_as_another_type_than_its_own_is_refused(self, document, content_type):
        assert code(document, content_type) == "image.malformed"

    @pytest.mark.parametrize(
        ("document", "content_type"),
        [
            (MANIFEST | {"manifests": []}, OCI_MANIFEST),
            (INDEX | {"layers": []}, OCI_INDEX),
            (INDEX | {"config": EMPTY}, OCI_INDEX),
            (MANIFEST | {"fsLayers": []}, OCI_MANIFEST),
        ],
    )
    def test_a_manifest_that_is_also_an_index_is_refused(self, document, content_type):
        assert code(document, content_type) == "image.malformed"

    @pytest.mark.parametrize(
        "changes",
        [
            {"schemaVersion": 1},
            {"schemaVersion": 2.0},
            {"schemaVersion": True},
            {"schemaVersion": "2"},
            {"schemaVersion": None},
            {"mediaType": 2},
            {"config": None},
            {"config": []},
            {"layers": None},
            {"layers": {}},
            {"layers": [1]},
            {"layers": [LAYER] * (MAX_DESCRIPTORS + 1)},
            {"layers": [LAYER | {"size": -1}]},
            {"layers": [LAYER | {"size": 1.5}]},
            {"layers": [LAYER | {"size": True}]},
            {"layers": [LAYER | {"size": None}]},
            {"layers": [LAYER | {"digest": "sha256:x"}]},
            {"layers": [LAYER | {"digest": f"SHA256:{HEX}"}]},
            {"layers": [LAYER | {"digest": f"sha1:{HEX[:40]}"}]},
            {"layers": [LAYER | {"mediaType": "none"}]},
            {"layers": [LAYER | {"mediaType": ""}]},
            {"layers": [LAYER | {"mediaType": "a/b\n"}]},
            {"annotations": {"a": 1}},
            {"annotations": {"": "x"}},
            {"annotations": []},
            {"subject": {}},
            {"artifactType": 1},
        ],
    )
    def test_what_the_specification_does_not_define_is_refused(self, changes):
        assert code(MANIFEST | changes) == "image.malformed"

    @pytest.mark.parametrize("missing", ["schemaVersion", "config", "layers"])
    def test_what_it_demands_is_there(self, missing):
        assert code({key: value for key, value in MANIFEST.items() if key != missing}) == "image.malformed"

    @pytest.mark.parametrize("key", ["Layers", "SchemaVersion", "mediatype", "manife\u017fts", "Config"])
    def test_a_key_that_go_would_take_for_another_is_refused(self, key):
        assert code(MANIFEST | {key: []}) == "json.case-variant-key"

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (b"", "json.invalid"),
            (b"[]", "image.malformed"),
            (b'{"schemaVersion": 2, "schemaVersion": 2}', "json.duplicate-key"),
            (b"{} {}", "json.trailing-data"),
            (b"[" * 1_000, "json.too-deep"),
            (b"[" + b"[]," * 200_000 + b"[]]", "json.too-many-values"),
            (b"\xff", "json.invalid"),
        ],
    )
    def test_a_document_that_is_not_one_json_value_is_refused(self, content, expected):
        assert code(content) == expected

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from([*MANIFEST, *LAYER, "manifests", "subject", "annotations"]), inner, max_size=4
                )
            ),
        ),
        st.sampled_from([OCI_MANIFEST, OCI_INDEX, DOCKER_LIST]),
    )
    def test_any_value_is_a_manifest_or_a_refusal(self, value, content_type):
        whole = {"schemaVersion": 2, **(value if isinstance(value, dict) else {"layers": value})}
        try:
            parsed = read(whole, content_type)
        except Refused:
            return
        assert isinstance(parsed, ImageIndex) == (content_type != OCI_MANIFEST)


class TestBundleLayer:
    def test_the_first_layer_of_the_type_is_the_bundle_as_opa_has_it(self):
        other = LAYER | {"mediaType": "application/vnd.example+json"}
        first, second = LAYER | {"size": 1}, LAYER | {"size": 2}
        manifest = read(MANIFEST | {"layers": [other, first, second]})
        assert bundle_layer(manifest, subject="s").size == 1

    @pytest.mark.parametrize("layers", [[], [LAYER | {"mediaType": BUNDLE_LAYER.upper()}], [EMPTY]])
    def test_without_one_there_is_no_bundle(self, layers):
        with pytest.raises(Refused) as refused:
            bundle_layer(read(MANIFEST | {"layers": layers}), subject="s")
        assert refused.value.reasons[0].code == "image.no-bundle"


@pytest.mark.parametrize("text", ["", "sha256", "sha256:", f"sha256:{HEX}\n", f"sha256:{HEX.upper()}", f"sha384:{HEX}"])
def test_a_digest_is_written_in_one_way(text):
    with pytest.raises(ValueError, match="is not sha256"):
        parse_digest(text)
