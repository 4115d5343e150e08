"""Manifests of images: what their descriptors carry, and what makes two things of one document."""

import base64
import json

import pytest

from tests.support.material import codes
from verifier.core.errors import Refused
from verifier.formats.oci.manifest import (
    DOCKER_MANIFEST,
    MAX_URLS,
    OCI_INDEX,
    OCI_MANIFEST,
    parse_manifest,
)

HEX = "0123456789abcdef" * 4
CONFIG = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": f"sha256:{HEX}", "size": 2}
LAYER = {"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": f"sha256:{HEX}", "size": 10}
EMPTY = {
    "mediaType": "application/vnd.oci.empty.v1+json",
    "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    "size": 2,
}


def read(content_type=OCI_MANIFEST, **members):
    document = {"schemaVersion": 2, **members}
    return parse_manifest(json.dumps(document).encode(), content_type=content_type, subject="s")


def image(**members):
    return read(**({"config": CONFIG, "layers": [LAYER]} | members))


def refusal(call, **members):
    with pytest.raises(Refused) as refused:
        call(**members)
    return codes(refused)[0]


def text(content):
    return base64.b64encode(content).decode()


class TestData:
    def test_what_a_descriptor_carries_is_what_its_digest_says(self):
        assert image(config=EMPTY | {"data": text(b"{}")}).config.data == b"{}"

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"data": text(b"[]")}, "image.digest-mismatch"),
            ({"data": text(b"{} ")}, "image.digest-mismatch"),
            ({"data": text(b"{}"), "size": 3}, "image.digest-mismatch"),
            ({"data": text(b"{}"), "digest": f"sha256:{HEX}"}, "image.digest-mismatch"),
            ({"data": "!"}, "image.malformed"),
            ({"data": "e30"}, "image.malformed"),
            ({"data": ""}, "image.malformed"),
            ({"data": 1}, "image.malformed"),
        ],
    )
    def test_other_data_is_refused(self, change, code):
        assert refusal(image, config=EMPTY | change) == code

    def test_it_is_held_against_sha512_as_well(self):
        digest = (
            "sha512:27c74670adb75075fad058d5ceaf7b20c4e7786c83bae8a32f626f9782af34c9a33c2046ef60fd2a7878d378e29fec851806bb"
            "d9a67878f3a9f1cda4830763fd"
        )
        assert image(config=EMPTY | {"data": text(b"{}"), "digest": digest}).config.data == b"{}"


class TestDescriptors:
    @pytest.mark.parametrize("size", [-1, 1.0, "10", True, None, [], 1e3])
    def test_a_size_is_a_number_of_bytes(self, size):
        assert refusal(image, layers=[LAYER | {"size": size}]) == "image.malformed"

    @pytest.mark.parametrize("digest", ["", "sha256:", f"sha256:{HEX.upper()}", f"md5:{HEX[:32]}", HEX, None, 1])
    def test_a_digest_is_sha256_or_sha512(self, digest):
        assert refusal(image, config=CONFIG | {"digest": digest}) == "image.malformed"

    def test_urls_are_told_and_bounded(self):
        assert image(layers=[LAYER | {"urls": ["https://elsewhere.example/a"]}]).layers[0].urls
        assert refusal(image, layers=[LAYER | {"urls": ["a"] * (MAX_URLS + 1)}]) == "image.malformed"

    @pytest.mark.parametrize("key", ["Size", "DIGEST", "mediatype", "Data"])
    def test_a_key_in_another_case_is_refused(self, key):
        assert refusal(image, layers=[LAYER | {key: 1}]) == "json.case-variant-key"

    def test_a_platform_is_read(self):
        described = CONFIG | {"mediaType": OCI_MANIFEST, "platform": {"os": "linux", "architecture": "arm64"}}
        found = read(OCI_INDEX, manifests=[described])
        assert str(found.manifests[0].platform) == "linux/arm64"

    @pytest.mark.parametrize("platform", [[], "linux/amd64", {"os": "a/b", "architecture": "x"}, {"os": 1}])
    def test_a_platform_that_is_none_is_refused(self, platform):
        described = CONFIG | {"mediaType": OCI_MANIFEST, "platform": platform}
        assert refusal(read, content_type=OCI_INDEX, manifests=[described]) == "image.malformed"


class TestTwoThingsInOne:
    """CVE-2021-41190, and what crane pulls and validates."""

    @pytest.mark.parametrize("content_type", [OCI_MANIFEST, DOCKER_MANIFEST, OCI_INDEX])
    def test_config_layers_and_manifests_are_refused(self, content_type):
        both = {"config": CONFIG, "layers": [LAYER], "manifests": []}
        assert refusal(read, content_type=content_type, **both) == "image.malformed"

    @pytest.mark.parametrize(
        "content",
        [
            b'{"schemaVersion":2,"config":{},"layers":[],"layers":[]}',
            b'{"schemaVersion":2,"config":{},"layers":[],"Layers":[]}',
            b'{"schemaVersion":2,"config":{},"layers":[],"laye\\u0072s":[]}',
        ],
    )
    def test_layers_twice_are_refused(self, content):
        with pytest.raises(Refused) as refused:
            parse_manifest(content, content_type=OCI_MANIFEST, subject="s")
        assert codes(refused)[0].startswith("json.")

    @pytest.mark.parametrize("config", [None, [], "x", {}])
    def test_a_manifest_has_a_config(self, config):
        assert refusal(image, config=config) == "image.malformed"


class TestLayerTypes:
    @pytest.mark.parametrize("ending", ["", "+gzip", "+zstd", "+encrypted", "+gzip+encrypted", "+zstd+encrypted"])
    @pytest.mark.parametrize("kind", ["", "nondistributable."])
    def test_the_ones_of_the_specification_are_read(self, ending, kind):
        media_type = f"application/vnd.oci.image.layer.{kind}v1.tar{ending}"
        assert image(layers=[LAYER | {"mediaType": media_type}]).layers[0].media_type == media_type

    @pytest.mark.parametrize("ending", ["+unknown", "+xz", "+gzip+gzip", "+gzipencrypted", "+GZIP", "+"])
    def test_a_tar_that_is_packed_otherwise_is_refused(self, ending):
        layer = LAYER | {"mediaType": f"application/vnd.oci.image.layer.v1.tar{ending}"}
        assert refusal(image, layers=[layer]) == "image.malformed"

    def test_other_artifacts_have_layers_of_their_own(self):
        assert image(layers=[LAYER | {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"}])


class TestWhatAManifestIs:
    def test_its_own_type_comes_first(self):
        assert image(artifactType="application/x.test").kind == "application/x.test"

    @pytest.mark.parametrize("own", [None, ""])
    def test_without_one_it_is_what_its_config_is(self, own):
        assert image(artifactType=own).kind == CONFIG["mediaType"]


class TestEmptyIndexes:
    @pytest.mark.parametrize("manifests", [[], None])
    def test_a_list_that_go_wrote_as_null_is_empty(self, manifests):
        assert read(OCI_INDEX, manifests=manifests).manifests == ()

    def test_a_list_that_is_missing_makes_no_index(self):
        assert refusal(read, content_type=OCI_INDEX) == "image.malformed"
