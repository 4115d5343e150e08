"""What of an image is written: everything that its digest leads to, or nothing."""

import hashlib

import pytest

from tests.support.images.layout import Layout, described
from tests.support.images.made import layer
from verifier.core.errors import Refused
from verifier.core.limits import DEFAULT_LIMITS
from verifier.formats.oci.manifest import OCI_INDEX
from verifier.net.access import Access
from verifier.publish.push.image import image_parts
from verifier.sources.places import open_place


def parts_of(layout, folder):
    layout.write(folder)
    place = open_place(f"oci-layout:{folder}", access=Access(), limits=DEFAULT_LIMITS)
    try:
        return image_parts(place)
    finally:
        place.close()


def test_an_index_is_written_with_all_that_it_lists(tmp_path):
    layout = Layout()
    manifest = layout.manifest(layer({"app": b"x"}))
    layout.listed(layout.index_of(described(manifest)), OCI_INDEX)
    assert next(iter(parts_of(layout, tmp_path / "layout"))).manifest.content == manifest


def test_an_index_that_lists_a_manifest_by_its_sha512_is_not_written_without_it(tmp_path):
    layout = Layout()
    manifest = layout.manifest(layer({"app": b"x"}))
    other = hashlib.sha512(manifest).hexdigest()
    layout.files[f"blobs/sha512/{other}"] = manifest
    layout.listed(layout.index_of({**described(manifest), "digest": f"sha512:{other}"}), OCI_INDEX)
    with pytest.raises(Refused) as refused:
        parts_of(layout, tmp_path / "layout")
    assert [reason.code for reason in refused.value.reasons] == ["image.unsupported"]
