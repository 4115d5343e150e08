"""What layers make together, held against who unpacks them: umoci on a disk, crane into one tar."""

import json
import stat
import subprocess
import tarfile
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.archives.layers import SKIPPABLE, directory, hardlink, read_packed, symlink, tree_of
from tests.support.archives.tars import END, codes, member
from tests.support.images.layout import Layout
from tests.support.peers.builders import Builders

pytestmark = pytest.mark.interop

NAMES = [b"a", b"a/b", b"a/b/c", b"d", b"d/b", b"e"]
KINDS = {
    "file": lambda name: member(name, b"content of " + name, mode=b"0000644\0"),
    "directory": directory,
    "symlink": lambda name: symlink(name, b"e", mode=b"0000777\0"),
    "upwards": lambda name: symlink(name, b"../d", mode=b"0000777\0"),
    "hard link": lambda name: hardlink(name, b"e", mode=b"0000644\0"),
}
WHITEOUTS = [b".wh.a", b"a/.wh.b", b".wh.d", b"a/.wh..wh..opq", b".wh..wh..opq", b"d/.wh.b", b"a/b/.wh.c"]


def layer_of(kinds, whiteouts):
    """The members of a layer, in which only directories have anything below them; whiteouts come first."""
    above = {name.rpartition(b"/")[0] for name in kinds}
    parts = [KINDS["directory" if name in above else kind](name) for name, kind in sorted(kinds.items())]
    return [*(member(name) for name in sorted(whiteouts)), *parts]


LAYER = st.builds(
    layer_of,
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(sorted(KINDS)), min_size=1),
    st.sets(st.sampled_from(WHITEOUTS), max_size=2),
)
STACKS = st.lists(LAYER, min_size=1, max_size=3)


@pytest.fixture(scope="module")
def builders(tmp_path_factory):
    return Builders(folder=tmp_path_factory.mktemp("unpacked"))


@pytest.fixture(scope="module")
def numbers():
    return count()


def tars(stack):
    return [b"".join(parts) + END for parts in stack]


def ours(layers):
    """Path, type and size or target of every entry, and whether something was noted; None where it is refused."""
    if codes(lambda: tree_of(*map(read_packed, layers))):
        return None, False
    tables = [read_packed(each) for each in layers]
    tree = tree_of(*tables)
    noted = bool(tree.notes) or any(table.notes for table in tables)
    return {(each.path, each.type, each.target or each.size) for each, *_ in tree}, noted


def on_disk(root):
    found = set()
    for path in root.rglob("*"):
        status, name = path.lstat(), str(path.relative_to(root))
        if stat.S_ISLNK(status.st_mode):
            found.add((name, "symlink", str(path.readlink())))
        elif stat.S_ISDIR(status.st_mode):
            found.add((name, "directory", 0))
        else:
            found.add((name, "file", status.st_size))
    return found


def written(layers, builders, number):
    """A layout of an image of these layers."""
    layout = Layout()
    layout.image(*layers, name="1")
    return layout.write(builders.folder / f"layout-{number}")


def by_umoci(layers, builders, number):
    """What umoci leaves on the disk; None where it fails."""
    layout, bundle = written(layers, builders, number), builders.folder / f"bundle-{number}"
    try:
        builders.run("umoci", "unpack", "--rootless", "--image", f"{layout}:1", bundle)
    except (AssertionError, subprocess.CalledProcessError):
        return None
    return on_disk(bundle / "rootfs")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(STACKS)
def test_what_is_a_tree_without_a_note_is_what_umoci_unpacks(builders, numbers, stack):
    layers = tars(stack)
    expected, noted = ours(layers)
    if expected is not None and not noted:
        assert by_umoci(layers, builders, next(numbers)) == expected


UPGRADE = (
    [
        directory(b"./"),
        directory(b"./usr/"),
        member(b"./usr/old", b"1"),
        member(b"./usr/kept", b"2"),
        symlink(b"./bin", b"usr"),
    ],
    [member(b"usr/.wh.old"), member(b"usr/new", b"three"), hardlink(b"usr/same", b"usr/kept"), directory(b"usr")],
    [member(b"var/lib/.wh..wh..opq"), member(b"var/lib/x", b"4"), member(b".wh.bin")],
)


def test_umoci_agrees_on_an_image_of_every_kind_of_change(builders, numbers):
    layers = tars(UPGRADE)
    expected, noted = ours(layers)
    assert not noted
    assert {path for path, *_ in expected} == {"usr", "usr/kept", "usr/new", "usr/same", "var", "var/lib", "var/lib/x"}
    assert by_umoci(layers, builders, next(numbers)) == expected


def test_crane_agrees_on_what_is_left(builders, numbers):
    layers = tars(UPGRADE)
    layout = written(layers, builders, next(numbers))
    # crane exports what it appended itself, from a tarball.
    files = [builders.folder / f"layer-{number}.tar" for number in range(len(layers))]
    for path, content in zip(files, layers, strict=True):
        path.write_bytes(content)
    appended = [part for path in files for part in ("-f", path)]
    builders.run("crane", "append", *appended, "-t", "registry.acme.example/app:1", "-o", f"{layout}.tar")
    with (layout.parent / f"{layout.name}.tar").open("rb") as saved:
        exported = subprocess.run(["crane", "export", "-", "-"], stdin=saved, capture_output=True, check=True).stdout
    (builders.folder / "exported.tar").write_bytes(exported)
    with tarfile.open(builders.folder / "exported.tar") as tar:
        left = {each.name.removeprefix("./").rstrip("/") for each in tar if each.isfile() or each.islnk()}
    expected, _ = ours(layers)
    assert left == {path for path, kind, _ in expected if kind == "file"}


@pytest.mark.parametrize("packing", ["gzip", "zstd", "zstd:chunked"])
def test_what_buildah_packs_is_what_its_config_says(builders, packing):
    content = b"".join(b"%d" % (each * each) for each in range(200_000))
    container = builders.buildah("from", "scratch")
    builders.buildah("add", "-q", container, builders.layer("content.tar", large=content, small=b"1"), "/")
    builders.buildah("commit", "-q", container, "packed")
    name = packing.replace(":", "-")
    builders.buildah("push", "--compression-format", packing, "packed", f"oci:{name}:1")
    blobs = builders.folder / name / "blobs" / "sha256"

    def blob(described):
        return (blobs / described["digest"].removeprefix("sha256:")).read_bytes()

    manifest = json.loads(blob(builders.index(name)[0]))
    config, (layer,) = json.loads(blob(manifest["config"])), manifest["layers"]
    table = read_packed(blob(layer), media_type=layer["mediaType"], digests="sha256")
    assert str(table.diff_id) == config["rootfs"]["diff_ids"][0]
    assert {each.path: each.size for each in table.entries if each.type == "file"} == {
        "large": len(content),
        "small": 1,
    }
    assert table.notes == ()
    if packing == "zstd:chunked":
        assert blob(layer).count(SKIPPABLE[1:]) >= 2
