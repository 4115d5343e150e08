"""Whatever somebody changes in an archive: it is the image that it was, or it is refused."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support.images.layout import Layout, opened, packed, saved_files, tar_of
from verifier.core.errors import Refused
from verifier.formats.oci.manifest import OCI_MANIFEST, parse_manifest

LAYOUT = Layout()
IMAGE = LAYOUT.image(b"layer", name="1")
LAYOUT.referring(IMAGE)
TAR = LAYOUT.tar()
SAVED = tar_of(saved_files(b"layer"))
LAYER = parse_manifest(IMAGE, content_type=OCI_MANIFEST, subject="s").layers[0]


def changed(content, changes):
    altered = bytearray(content)
    for at, value in changes:
        altered[at % len(altered)] = value
    return bytes(altered)


CHANGES = st.lists(st.tuples(st.integers(0, len(TAR) - 1), st.integers(0, 255)), min_size=1, max_size=4)


@given(changes=CHANGES)
def test_whatever_is_changed_it_is_the_same_image_or_none(changes, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "changed.tar"
    path.write_bytes(changed(TAR, changes))
    try:
        place = opened(f"oci-archive:{path}")
        try:
            resolved = place.resolve()
            found = (resolved.content, b"".join(place.stream(LAYER)))
            place.referrers(resolved.digest)
        finally:
            place.close()
    except Refused:
        return
    assert found == (IMAGE, b"layer")


@given(changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_packed_archive_that_was_changed_is_the_same_or_none(changes, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "changed.tar.gz"
    path.write_bytes(changed(packed(TAR), changes))
    try:
        place = opened(f"oci-archive:{path}")
    except Refused:
        return
    assert place.resolve().content == IMAGE
    place.close()


@given(changes=CHANGES, end=st.integers(0, len(SAVED)))
def test_a_saved_image_that_was_changed_is_told_or_refused(changes, end, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "saved.tar"
    path.write_bytes(changed(SAVED, changes)[: end or None])
    try:
        place = opened(f"docker-archive:{path}")
        try:
            image = place.unsigned_image()
            assert all(len(place.blob(each, max_bytes=each.size)) == each.size for each in image.layers)
        finally:
            place.close()
    except Refused:
        return
