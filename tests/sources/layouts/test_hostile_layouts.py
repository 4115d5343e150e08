"""Layouts that somebody made in order to be believed: each is refused by name, none is followed."""

import json
import os

import pytest

from tests.support.archives.tars import END, header, member
from tests.support.images.layout import (
    LAYER,
    Layout,
    described,
    descriptor,
    link,
    opened,
    packed,
    path_of,
    resolved,
    sha256,
    tar_of,
    written,
)
from tests.support.material import codes
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.formats.oci.manifest import OCI_INDEX
from verifier.sources.layouts import store


def refusal(reference):
    with pytest.raises(Refused) as refused:
        resolved(reference)
    return codes(refused)[0]


@pytest.fixture
def image():
    """A layout with one image, the manifest, and its layer."""
    layout = Layout()
    return layout, layout.image(b"layer", name="1"), b"layer"


@pytest.fixture(params=["folder", "tar"])
def refused(request, tmp_path):
    """The code that a layout is refused with, as a folder and as a tar file."""

    def code(layout):
        if request.param == "folder":
            return refusal(f"oci-layout:{layout.write(tmp_path / 'layout')}")
        (tmp_path / "layout.tar").write_bytes(layout.tar())
        return refusal(f"oci-archive:{tmp_path / 'layout.tar'}")

    return code


class TestChangedContent:
    def test_a_changed_manifest_is_refused(self, image, refused):
        layout, manifest, _ = image
        layout.files[path_of(manifest)] = manifest.replace(b'"size":5', b'"size":6')
        assert refused(layout) == "image.digest-mismatch"

    def test_a_manifest_file_that_is_absent_is_refused(self, image, refused):
        layout, manifest, _ = image
        del layout.files[path_of(manifest)]
        assert refused(layout) == "image.digest-mismatch"

    @pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b + b"\n", lambda _: b""])
    def test_a_manifest_of_another_length_is_refused(self, image, refused, change):
        layout, manifest, _ = image
        layout.files[path_of(manifest)] = change(manifest)
        assert refused(layout) == "image.digest-mismatch"

    def test_a_size_in_the_index_that_is_wrong_is_refused(self, image, refused):
        layout, _, _ = image
        layout.entries[0]["size"] += 1
        assert refused(layout) == "image.digest-mismatch"

    def test_a_negative_size_is_refused(self, image, refused):
        layout, _, _ = image
        layout.entries[0]["size"] = -1
        assert refused(layout) == "image.malformed"

    def test_a_replaced_layer_is_refused_before_its_end(self, image, tmp_path):
        layout, _, layer = image
        layout.files[path_of(layer)] = b"LAYER"
        place = opened(f"oci-layout:{layout.write(tmp_path)}")
        place.resolve()
        with pytest.raises(Refused) as refused:
            list(place.stream(descriptor(layer, LAYER)))
        assert codes(refused) == ["image.digest-mismatch"]
        place.close()

    def test_data_in_a_descriptor_that_is_not_the_digest_s_is_refused(self, image, refused):
        layout, _, _ = image
        layout.entries[0]["data"] = "AAAA"
        assert refused(layout) == "image.digest-mismatch"


class TestTheIndex:
    def test_100_mib_are_not_read(self, image, tmp_path):
        layout, _, _ = image
        folder = layout.write(tmp_path)
        os.truncate(folder / "index.json", 100 * 1024 * 1024)
        assert refusal(f"oci-layout:{folder}") == "input.too-large"

    def test_10_000_entries_are_refused(self, image, refused):
        layout, _, _ = image
        layout.entries *= 10_000
        assert refused(layout) == "image.malformed"

    @pytest.mark.parametrize(
        ("index", "code"),
        [
            (b"", "json.invalid"),
            (b"{", "json.invalid"),
            (b"[]", "image.malformed"),
            (b'{"schemaVersion":2}', "image.malformed"),
            (b'{"schemaVersion":1,"manifests":[]}', "image.malformed"),
            (b'{"schemaVersion":2,"manifests":{}}', "image.malformed"),
            (b'{"schemaVersion":2,"manifests":[],"manifests":[]}', "json.duplicate-key"),
            (b'{"schemaVersion":2,"manifests":[],"Manifests":[]}', "json.case-variant-key"),
            (b'{"schemaVersion":2,"manifests":[null]}', "image.malformed"),
            (b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","manifests":[]}', None),
            (b'\xef\xbb\xbf{"schemaVersion":2,"manifests":[]}', "json.invalid"),
            ('{"schemaVersion":2,"manifests":[]}'.encode("utf-16"), "json.invalid"),
            (b"[" * 100_000, None),
        ],
    )
    def test_an_index_that_is_none_is_refused(self, image, refused, index, code):
        layout, _, _ = image
        layout.index = index
        found = refused(layout)
        assert found == code if code else found.startswith(("image.", "json."))

    def test_an_index_without_a_file_is_no_layout(self, image, tmp_path):
        layout, _, _ = image
        folder = layout.write(tmp_path)
        (folder / "index.json").unlink()
        assert refusal(f"oci-layout:{folder}") == "image.malformed"

    def test_a_manifest_in_the_place_of_the_index_is_refused(self, image, refused):
        layout, manifest, _ = image
        layout.index = manifest
        assert refused(layout) == "image.malformed"

    @pytest.mark.parametrize(
        ("version", "code"),
        [
            (b'{"imageLayoutVersion":"2.0.0"}', "image.unsupported"),
            (b"{}", "image.malformed"),
            (b"", "json.invalid"),
            (b'{"imageLayoutVersion":"1.0.0","imagelayoutversion":"2"}', "json.case-variant-key"),
            (b" " * 5_000, "input.too-large"),
        ],
    )
    def test_a_layout_of_another_version_is_refused(self, image, refused, version, code):
        layout, _, _ = image
        layout.files["oci-layout"] = version
        assert refused(layout) == code

    def test_without_a_version_it_is_no_layout(self, image, refused):
        layout, _, _ = image
        del layout.files["oci-layout"]
        assert refused(layout) == "image.malformed"

    def test_an_index_that_lists_itself_is_walked_once(self, tmp_path):
        layout = Layout()
        looped = layout.index_of({"mediaType": OCI_INDEX, "digest": f"sha256:{'0' * 64}", "size": 1})
        layout.listed(looped, OCI_INDEX)
        layout.listed(looped, OCI_INDEX, name=f"sha256-{sha256(looped)[7:]}")
        place = opened(f"oci-layout:{layout.write(tmp_path)}")
        assert place.resolve().content == looped
        assert place.referrers(Digest.of(looped)).descriptors == ()
        place.close()


class TestFilesThatAreNone:
    """Of a folder: what stands in the place of a blob, or on the way to it."""

    @pytest.fixture
    def folder(self, image, tmp_path):
        layout, manifest, _ = image
        folder = layout.write(tmp_path / "layout")
        (tmp_path / "elsewhere").write_bytes(manifest)
        return folder, folder / path_of(manifest)

    def test_a_symbolic_link_is_not_followed(self, folder, tmp_path):
        where, blob = folder
        blob.unlink()
        blob.symlink_to(tmp_path / "elsewhere")
        assert refusal(f"oci-layout:{where}") == "input.unreadable"

    def test_a_symbolic_link_on_the_way_is_not_followed(self, folder, tmp_path):
        where, _ = folder
        (where / "blobs").rename(tmp_path / "blobs")
        (where / "blobs").symlink_to(tmp_path / "blobs")
        with pytest.raises(Refused, match=r"a symbolic link \(blobs\)") as refused:
            resolved(f"oci-layout:{where}")
        assert codes(refused) == ["input.unreadable"]

    def test_a_fifo_is_not_waited_for(self, folder):
        where, blob = folder
        blob.unlink()
        os.mkfifo(blob)
        assert refusal(f"oci-layout:{where}") == "input.unreadable"

    def test_a_directory_is_no_blob(self, folder):
        where, blob = folder
        blob.unlink()
        blob.mkdir()
        assert refusal(f"oci-layout:{where}") == "input.unreadable"

    @pytest.mark.parametrize("name", ["index.json", "oci-layout"])
    def test_neither_are_the_layout_s_own_files(self, folder, tmp_path, name):
        where, _ = folder
        (where / name).rename(tmp_path / name)
        (where / name).symlink_to(tmp_path / name)
        assert refusal(f"oci-layout:{where}") == "input.unreadable"

    def test_a_file_in_the_place_of_a_folder_is_refused(self, folder, tmp_path):
        where, _ = folder
        (where / "blobs").rename(tmp_path / "blobs")
        (where / "blobs").write_bytes(b"")
        assert refusal(f"oci-layout:{where}") == "input.unreadable"


class TestTarFiles:
    @pytest.fixture
    def code(self, tmp_path):
        def refused(content):
            (tmp_path / "layout.tar").write_bytes(content)
            return refusal(f"oci-archive:{tmp_path / 'layout.tar'}")

        return refused

    @pytest.mark.parametrize("at", [100, 512, 700, 1_536])
    def test_a_tar_that_is_cut_off_is_refused(self, image, code, at):
        assert code(image[0].tar()[:at]) == "archive.truncated"

    def test_a_tar_without_its_end_is_refused(self, image, code):
        assert code(image[0].tar(end=b"")) == "archive.truncated"

    def test_two_entries_of_one_name_are_refused(self, image, code):
        again = member(b"index.json", written({"schemaVersion": 2, "manifests": []}))
        assert code(image[0].tar(again)) == "archive.duplicate-member"

    def test_so_are_two_spellings_of_one_name(self, image, code):
        again = member(b"./index.json", written({"schemaVersion": 2, "manifests": []}))
        assert code(image[0].tar(again)) == "archive.duplicate-member"

    @pytest.mark.parametrize(
        "name", [b"../x", b"/index.json", b"blobs/../index.json", b"a//b", b"a/./b", b"a\x01b", b"f/", b".", b"\xff"]
    )
    def test_a_name_that_leads_elsewhere_is_refused(self, image, code, name):
        assert code(image[0].tar(member(name, b"x"))) == "archive.unsafe-name"

    def test_a_blob_that_is_a_link_is_refused(self, image, code):
        layout, manifest, _ = image
        del layout.files[path_of(manifest)]
        layout.files["elsewhere"] = manifest
        assert code(layout.tar(link(path_of(manifest), "../../elsewhere"))) == "archive.special-member"

    def test_a_name_below_a_link_is_refused(self, image, code):
        assert code(image[0].tar(link("x", "blobs"), member(b"x/y", b""))) == "archive.special-member"

    @pytest.mark.parametrize("kind", [b"S", b"3", b"4", b"6", b"K", b"V", b"M"])
    def test_sparse_members_and_devices_are_refused(self, image, code, kind):
        assert code(image[0].tar(header(b"x", kind=kind))) == "archive.special-member"

    def test_a_member_larger_than_the_file_is_refused(self, image, code):
        assert code(image[0].tar(header(b"x", 1 << 32))) == "archive.truncated"

    def test_what_follows_the_end_is_refused(self, image, code):
        assert code(image[0].tar() + image[0].tar()) == "archive.trailing-data"
        assert code(image[0].tar() + bytes(100_000)) == "archive.trailing-data"

    def test_two_tars_in_two_gzip_members_are_refused(self, image, code):
        assert code(packed(image[0].tar()) * 2) == "archive.trailing-data"

    def test_a_packed_tar_that_is_cut_off_or_damaged_is_refused(self, image, code):
        content = packed(image[0].tar())
        assert code(content[:-5]) == "archive.truncated"
        assert code(content[:-8] + bytes(8)) == "archive.bad-checksum"

    def test_a_bomb_is_not_unpacked(self, code, monkeypatch):
        monkeypatch.setattr(store, "RATIO_FROM", 1024 * 1024)
        assert code(packed(bytes(4 * 1024 * 1024))) == "archive.bomb"
        monkeypatch.setattr(store, "MAX_UNPACKED", 10_000)
        assert code(packed(os.urandom(20_000))) == "archive.bomb"

    @pytest.mark.parametrize("magic", [b"\x28\xb5\x2f\xfd", b"BZh91AY", b"\xfd7zXZ\0"])
    def test_another_compression_is_told(self, code, magic):
        assert code(magic + bytes(1_000)) == "archive.malformed"

    def test_text_is_no_tar(self, code):
        assert code(b"no tar at all " * 100).startswith("archive.")

    def test_zeros_are_no_layout(self, code):
        assert code(END) == "image.malformed"

    def test_a_manifest_json_that_lists_another_image_is_refused(self, image, code):
        layout, _, _ = image
        other = layout.config(b"other")
        layout.blob(b"other")
        listed = [{"Config": path_of(other), "RepoTags": None, "Layers": [path_of(b"other")]}]
        layout.files["manifest.json"] = written(listed)
        assert code(layout.tar()) == "image.malformed"


@pytest.mark.parametrize("content", [json.dumps({"a": 1}).encode(), b"\x00" * 10, b"[]"])
def test_a_manifest_of_other_content_is_refused(tmp_path, content):
    layout = Layout()
    layout.listed(layout.blob(content))
    assert refusal(f"oci-layout:{layout.write(tmp_path)}").startswith(("image.malformed", "json."))


def test_a_fifo_is_no_archive(tmp_path):
    os.mkfifo(tmp_path / "layout.tar")
    assert refusal(f"oci-archive:{tmp_path / 'layout.tar'}") == "input.unreadable"


def test_a_folder_is_no_archive_and_an_archive_no_folder(tmp_path):
    (tmp_path / "layout.tar").write_bytes(tar_of({}))
    with pytest.raises(Refused) as refused:
        opened(f"oci-archive:{tmp_path}")
    assert "oci-layout:DIR" in refused.value.reasons[0].hint
    with pytest.raises(Refused) as refused:
        opened(f"oci-layout:{tmp_path / 'layout.tar'}")
    assert "oci-archive:FILE" in refused.value.reasons[0].hint


def test_a_manifest_described_as_an_index_is_refused(tmp_path):
    layout = Layout()
    manifest = layout.manifest(b"layer", mediaType=None)
    layout.entries.append(described(manifest, OCI_INDEX))
    assert refusal(f"oci-layout:{layout.write(tmp_path)}") == "image.malformed"
