"""What other tools make of layouts and archives that are refused here: the catalogue says what is measured."""

import json
import subprocess

import pytest

from tests.support.archives.tars import member
from tests.support.images.layout import (
    Layout,
    described,
    path_of,
    resolved,
    saved_files,
    sha256,
    tar_of,
    written,
)
from tests.support.images.made import layer
from tests.support.material import codes
from tests.support.peers.builders import Builders
from verifier.core.errors import Refused

pytestmark = pytest.mark.interop
ONE, TWO = layer({"app": b"one"}), layer({"app": b"two"})


@pytest.fixture
def made(tmp_path):
    return Builders(folder=tmp_path)


@pytest.fixture
def refused(tmp_path):
    """The code that we refuse a reference to something in the folder with."""

    def code(scheme, rest):
        with pytest.raises(Refused) as caught:
            resolved(f"{scheme}:{tmp_path / rest}")
        return codes(caught)[0]

    return code


def takes(made, *arguments):
    """Whether the program of that name and arguments goes on as if nothing were wrong."""
    try:
        made.run(*arguments)
    except subprocess.CalledProcessError:
        return False
    return True


def skopeo_s(made, reference):
    """The digest of the manifest that skopeo reads."""
    return sha256(made.run("skopeo", "inspect", "--raw", reference).encode())


def layers_of(made, reference):
    """The diff_ids of the config that skopeo reads."""
    return json.loads(made.run("skopeo", "inspect", "--config", reference))["rootfs"]["diff_ids"]


def longer(layout, image):
    layout.files[path_of(image)] = image + b" "


def of_another_size(layout, _):
    layout.entries[0]["size"] += 1


@pytest.mark.parametrize("change", [longer, of_another_size])
def test_skopeo_copies_a_manifest_that_is_not_what_its_descriptor_says(made, refused, change):
    layout = Layout()
    change(layout, layout.image(ONE, name="1"))
    layout.write(made.folder / "layout")
    assert takes(made, "skopeo", "copy", "oci:layout:1", "dir:copied")
    assert not takes(made, "umoci", "stat", "--image", "layout:1")
    assert refused("oci-layout", "layout:1") == "image.digest-mismatch"


def test_skopeo_and_umoci_follow_links_out_of_a_layout(made, refused):
    layout = Layout()
    image = layout.image(ONE, name="1")
    layout.write(made.folder / "layout")
    blob = made.folder / "layout" / path_of(image)
    blob.rename(made.folder / "elsewhere")
    blob.symlink_to(made.folder / "elsewhere")
    assert takes(made, "skopeo", "copy", "oci:layout:1", "dir:copied")
    assert takes(made, "umoci", "stat", "--image", "layout:1")
    assert refused("oci-layout", "layout:1") == "input.unreadable"


def test_skopeo_takes_the_second_of_two_indexes_in_a_tar(made, refused):
    layout = Layout()
    layout.image(ONE, name="1")
    second = layout.manifest(TWO)
    again = member(b"index.json", written({"schemaVersion": 2, "manifests": [described(second)]}))
    (made.folder / "twice.tar").write_bytes(layout.tar(again))
    assert skopeo_s(made, "oci-archive:twice.tar") == sha256(second)
    assert refused("oci-archive", "twice.tar") == "archive.duplicate-member"


def test_one_archive_is_two_images_to_skopeo(made, refused):
    layout = Layout()
    image = layout.image(ONE, name="1")
    config = layout.config(TWO)
    layout.blob(TWO)
    listed = {"Config": path_of(config), "RepoTags": ["acme/app:1"], "Layers": [path_of(TWO)]}
    layout.files["manifest.json"] = written([listed])
    (made.folder / "both.tar").write_bytes(layout.tar())
    assert skopeo_s(made, "oci-archive:both.tar") == sha256(image)
    assert layers_of(made, "oci-archive:both.tar") == [sha256(ONE)]
    assert layers_of(made, "docker-archive:both.tar") == [sha256(TWO)]
    assert {refused(scheme, "both.tar") for scheme in ("oci-archive", "docker-archive")} == {"image.malformed"}


def test_skopeo_takes_one_of_two_saved_images_of_one_name(made, refused):
    files = saved_files(ONE) | saved_files(TWO)
    both = [json.loads(saved_files(each)["manifest.json"])[0] for each in (ONE, TWO)]
    (made.folder / "saved.tar").write_bytes(tar_of(files | {"manifest.json": written(both)}))
    assert layers_of(made, "docker-archive:saved.tar:acme/app:1") in ([sha256(ONE)], [sha256(TWO)])
    assert refused("docker-archive", "saved.tar:acme/app:1") == "image.ambiguous-reference"


def test_a_path_that_leads_out_is_refused_by_both(made, refused):
    (listed,) = json.loads(saved_files(ONE)["manifest.json"])
    listed["Layers"] = ["../../etc/passwd"]
    (made.folder / "saved.tar").write_bytes(tar_of(saved_files(ONE) | {"manifest.json": written([listed])}))
    assert not takes(made, "skopeo", "copy", "docker-archive:saved.tar", "dir:copied")
    assert refused("docker-archive", "saved.tar") == "archive.unsafe-name"
