"""Manifests and indexes of every kind, good and bad, as containers/image tests its own reader with them."""

import json

import pytest

from tests.support.material import codes, corpus
from verifier.core.errors import Refused
from verifier.formats.oci.manifest import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    OCI_INDEX,
    OCI_MANIFEST,
    ImageIndex,
    ImageManifest,
    parse_manifest,
)

pytestmark = pytest.mark.corpus

READABLE = {
    "oci1.index.zstd-selection.json": (OCI_INDEX, 6),
    "oci1.index.zstd-selection2.json": (OCI_INDEX, 10),
    "oci1index.json": (OCI_INDEX, 3),
    "ocilist-variants.json": (OCI_INDEX, 6),
    "ociv1.encrypted.manifest.json": (OCI_MANIFEST, 3),
    "ociv1.image.index.json": (OCI_INDEX, 2),
    "ociv1.manifest.json": (OCI_MANIFEST, 3),
    "ociv1.nondistributable.gzip.manifest.json": (OCI_MANIFEST, 1),
    "ociv1.nondistributable.manifest.json": (OCI_MANIFEST, 1),
    "ociv1.nondistributable.zstd.manifest.json": (OCI_MANIFEST, 1),
    "ociv1.uncompressed.manifest.json": (OCI_MANIFEST, 3),
    "ociv1.zstd.manifest.json": (OCI_MANIFEST, 3),
    "ociv1nomime.image.index.json": (OCI_INDEX, 2),
    "ociv1nomime.manifest.json": (OCI_MANIFEST, 3),
    "schema2list-variants.json": (DOCKER_LIST, 4),
    "schema2list.json": (DOCKER_LIST, 7),
    "v2list.everything.json": (DOCKER_LIST, 1),
    "v2list.manifest.json": (DOCKER_LIST, 5),
    "v2s2.everything.json": (DOCKER_MANIFEST, 1),
    "v2s2.manifest.json": (DOCKER_MANIFEST, 3),
    "v2s2.nondistributable.gzip.manifest.json": (DOCKER_MANIFEST, 1),
    "v2s2.nondistributable.manifest.json": (DOCKER_MANIFEST, 1),
    "v2s2.uncompressed.manifest.json": (DOCKER_MANIFEST, 3),
    "v2s2nomime.manifest.json": (DOCKER_MANIFEST, 0),
}
"""What can be read: the type that it is sent as, and the number of layers or manifests."""
REFUSED = {
    "non-json.manifest.json": (OCI_MANIFEST, "json.invalid"),
    "ociv1.artifact.json": (OCI_MANIFEST, "image.malformed"),
    "ociv1.invalid.mediatype.manifest.json": (OCI_MANIFEST, "image.malformed"),
    "ociv1nomime.artifact.json": (OCI_MANIFEST, "image.malformed"),
    "unknown-version.manifest.json": (DOCKER_MANIFEST, "image.malformed"),
    "v2s1-invalid-signatures.manifest.json": (DOCKER_MANIFEST, "image.unsupported"),
    "v2s1-unsigned.manifest.json": (DOCKER_MANIFEST, "image.unsupported"),
    "v2s1.everything.json": (OCI_MANIFEST, "image.unsupported"),
    "v2s1.manifest.json": (OCI_MANIFEST, "image.unsupported"),
    # Their `data` is one byte "t", and their digests are of sixty-four "a".
    "oci1.index.everything.json": (OCI_INDEX, "image.digest-mismatch"),
    "ociv1.everything.json": (OCI_MANIFEST, "image.digest-mismatch"),
}
OTHER_TYPE = {OCI_MANIFEST: OCI_INDEX, OCI_INDEX: OCI_MANIFEST, DOCKER_MANIFEST: DOCKER_LIST, DOCKER_LIST: OCI_INDEX}


def content(name):
    return (corpus("images/containers-image/manifests") / name).read_bytes()


def read(name, media_type):
    return parse_manifest(content(name), content_type=media_type, subject=name)


def test_every_file_has_its_expectation():
    there = {each.name for each in corpus("images/containers-image/manifests").iterdir()}
    assert there == READABLE.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", READABLE)
def test_what_is_sound_is_read(name):
    media_type, count = READABLE[name]
    found = read(name, media_type)
    assert isinstance(found, ImageIndex if media_type in {OCI_INDEX, DOCKER_LIST} else ImageManifest)
    assert len(found.manifests if isinstance(found, ImageIndex) else found.layers) == count


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_is_refused(name):
    media_type, code = REFUSED[name]
    with pytest.raises(Refused) as refused:
        read(name, media_type)
    assert codes(refused) == [code]


@pytest.mark.parametrize("name", READABLE)
def test_nothing_is_read_as_another_type(name):
    media_type, _ = READABLE[name]
    with pytest.raises(Refused) as refused:
        read(name, OTHER_TYPE[media_type])
    assert codes(refused) == ["image.malformed"]


@pytest.mark.parametrize("name", READABLE)
def test_every_member_is_carried_over(name):
    """Sizes, digests, platforms and urls are those of the document, in its order."""
    media_type, _ = READABLE[name]
    found = read(name, media_type)
    document = json.loads(content(name))
    listed = found.manifests if isinstance(found, ImageIndex) else found.layers
    written = document["manifests" if isinstance(found, ImageIndex) else "layers"]
    assert [(str(each.digest), each.size, each.media_type, list(each.urls)) for each in listed] == [
        (each["digest"], each["size"], each["mediaType"], each.get("urls", [])) for each in written
    ]
    assert [each.platform and (each.platform.os, each.platform.architecture) for each in listed] == [
        (each["platform"]["os"], each["platform"]["architecture"]) if each.get("platform") else None for each in written
    ]
