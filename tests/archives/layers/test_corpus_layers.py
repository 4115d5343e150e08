"""Genuine layers: what builders wrote is read, and as tarfile reads it."""

import gzip
import io
import tarfile

import pytest

from tests.support.archives.layers import noted, paths, read_packed, sha256, tree_of, tree_paths
from tests.support.archives.tars import codes
from tests.support.material import corpus

pytestmark = pytest.mark.corpus

TYPES = {
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.DIRTYPE: "directory",
    tarfile.SYMTYPE: "symlink",
    tarfile.LNKTYPE: "hardlink",
    tarfile.FIFOTYPE: "fifo",
    tarfile.CHRTYPE: "character",
    tarfile.BLKTYPE: "block",
}
REFUSED = {
    "claircore-bad_name.tar": ["archive.malformed"],
    "moby-collision-0.tar": ["archive.duplicate-member"],
    "moby-collision-1.tar": ["archive.duplicate-member"],
    "scalibr-escape.tar": ["archive.unsafe-name"],
}
"""A name that is no UTF-8; one file twice; a link called as a directory is, with names below it."""


def layers():
    return sorted(corpus("images/layers").iterdir())


def archived():
    """The layers in archives, by archive and name."""
    for path in sorted(corpus("images/archives").iterdir()):
        with tarfile.open(path) as archive:
            for member in archive:
                content = archive.extractfile(member).read() if member.isfile() else b""
                if content[257:262] == b"ustar" or content[:2] == b"\x1f\x8b":
                    yield f"{path.name}: {member.name}", content


def by_tarfile(tar):
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        return [
            (each.name.removeprefix("./").removeprefix("/"), TYPES[each.type], each.mode & 0o7777, each.uid, each.gid)
            for each in archive
            if ".wh." not in each.name
        ]


def by_ours(table):
    return [(each.path or ".", *each[1:5]) for each in table.entries]


def test_there_is_something_to_read():
    assert (len(layers()), len(list(archived()))) == (13, 26)


def test_single_layers_are_read_or_refused_for_one_reason():
    refused = {path.name: found for path in layers() if (found := codes(read_packed, path.read_bytes(), kind_of(path)))}
    assert refused == REFUSED


def kind_of(path):
    return "zstd" if path.suffix == ".zst" else ""


def test_single_layers_are_what_tarfile_says():
    for path in layers():
        if path.name not in REFUSED and not kind_of(path):
            assert by_ours(read_packed(path.read_bytes())) == by_tarfile(path.read_bytes()), path.name


def test_layers_of_archives_are_what_tarfile_says():
    for name, content in archived():
        kind = "gzip" if content[:2] == b"\x1f\x8b" else ""
        table = read_packed(content, kind)
        tar = gzip.decompress(content) if kind else content
        assert (by_ours(table), table.diff_id) == (by_tarfile(tar), sha256(tar)), name


def test_directories_twice_and_a_link_replaced_by_one_are_readable():
    table = read_packed((corpus("images/layers") / "claircore-concat.tar").read_bytes())
    assert noted(table) == ["archive.duplicate-member"]
    assert tree_of(table).resolve("var/run/console/algo.txt").entry.path == "var/run/console/algo.txt"


def test_one_block_is_a_layer():
    table = read_packed((corpus("images/layers") / "claircore-oddlayer.tar").read_bytes())
    assert (paths(table), noted(table)) == ([""], ["archive.truncated"])


def test_a_capability_is_seen():
    table = read_packed((corpus("images/layers") / "moby-xattr.tar").read_bytes())
    assert [(each.path, each.capability) for each in table.entries] == [("file", True)]


@pytest.mark.parametrize("name", ["cycle", "dangling", "depth-exceeded", "basic"])
def test_links_of_every_kind_end_in_a_tree_and_never_in_a_hang(name):
    tables = [read_packed(content) for found, content in archived() if f"symlink-{name}" in found]
    tree = tree_of(*tables)
    links = [placed.entry.path for placed in tree if placed.entry.type == "symlink"]
    assert links
    found = [path for path in links if (end := tree.resolve(path)) and end.entry.type == "symlink"]
    assert found == []
    if name == "cycle":
        assert [tree.resolve(path) for path in links] == [None] * len(links)


def test_whiteouts_remove_what_lower_layers_have():
    tables = [read_packed(content) for found, content in archived() if "whiteout_image" in found]
    removing = [each for each in tables if each.removed]
    bringing = [each for each in tables if not each.removed]
    assert "foo.txt" in tree_paths(tree_of(*bringing))
    assert "foo.txt" not in tree_paths(tree_of(*bringing, *removing))
