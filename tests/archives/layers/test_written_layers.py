"""What others write is read as they meant it: tarfile, GNU tar, zstd, and any sequence of members."""

import io
import shutil
import stat
import subprocess
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.archives.layers import (
    gunzippable,
    layer,
    packed,
    read_packed,
    sha256,
    tree_of,
    tree_paths,
    zstd_frames,
)
from tests.support.archives.tars import END, codes, member, pax, record
from tests.support.peers.peers import executable
from verifier.archives.layers.read import hash_layer

SEGMENT = st.text(
    st.characters(categories=["L", "N", "P", "S"], exclude_characters="/"), min_size=1, max_size=40
).filter(lambda text: text not in {".", ".."} and not text.startswith(".wh."))
PATH = st.lists(SEGMENT, min_size=1, max_size=5).map("/".join)
KINDS = {
    "file": tarfile.REGTYPE,
    "directory": tarfile.DIRTYPE,
    "symlink": tarfile.SYMTYPE,
    "character": tarfile.CHRTYPE,
    "block": tarfile.BLKTYPE,
    "fifo": tarfile.FIFOTYPE,
}
MEMBER = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(sorted(KINDS)),
        "mode": st.integers(0, 0o7777),
        "uid": st.integers(0, 2**32 - 1),
        "gid": st.integers(0, 2**32 - 1),
        "mtime": st.integers(-(10**6), 2**33).map(lambda quarters: quarters / 4),
        "content": st.binary(max_size=2000),
        "target": PATH,
    }
)


def written(members, form, lead):
    """A tar of these members by tarfile, and what ours has to say of them."""
    out, expected = io.BytesIO(), []
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for path, fields in members:
            info = tarfile.TarInfo(lead + path)
            info.type, info.mode, info.uid, info.gid = (
                KINDS[fields["kind"]],
                fields["mode"],
                fields["uid"],
                fields["gid"],
            )
            info.mtime = fields["mtime"] if form == tarfile.PAX_FORMAT else int(fields["mtime"])
            info.devmajor = info.devminor = 1
            content = fields["content"] if fields["kind"] == "file" else b""
            info.size, info.linkname = len(content), fields["target"] if fields["kind"] == "symlink" else ""
            archive.addfile(info, io.BytesIO(content))
            expected.append(
                (path, fields["kind"], fields["mode"], fields["uid"], fields["gid"], len(content), info.linkname)
            )
    return out.getvalue(), expected


@given(
    st.dictionaries(PATH, MEMBER, max_size=6),
    st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]),
    st.sampled_from(["", "/", "./"]),
    st.sampled_from([None, 1, 100, 513, 4096]),
)
def test_what_tarfile_writes_is_read_in_any_pieces(members, form, lead, piece):
    paths = sorted(members)
    apart = [
        (path, members[path])
        for path in paths
        if not any(other.startswith(f"{path}/") for other in paths) or members[path]["kind"] == "directory"
    ]
    tar, expected = written(apart, form, lead)
    table = read_packed(tar, piece=piece, digests="sha256")
    assert [entry[:7] for entry in table.entries] == expected
    assert table.notes == ()
    hashed = {path: sha256(fields["content"]).value for path, fields in apart if fields["kind"] == "file"}
    assert {entry.path: entry.sha256.hex() for entry in table.entries if entry.sha256} == hashed
    assert table.diff_id == sha256(tar)


@given(st.binary(max_size=5000), st.integers(1, 9), st.sampled_from([1, 3, 100, 4096]))
def test_every_packing_of_the_same_bytes_has_the_same_digest(content, streams, piece):
    for kind, bytes_packed in {
        "": content,
        "gzip": gunzippable(content + b".", streams),
        "zstd": zstd_frames(content + b".", streams, between=content),
    }.items():
        if kind or content[:1] not in {b"\x1f", b"\x28", b"B", b"\xfd", b"P", b"\x04"}:
            found = hash_layer(packed(bytes_packed, kind, piece=piece))
            assert found.diff_id == sha256(content + b"." if kind else content)


NAMES = [b"a", b"a/b", b"a/b/c", b"./a", b".wh.a", b"a/.wh.b", b"a/.wh..wh..opq", b"d/", b"../x", b""]
PARTS = [
    *(member(name, b"content", kind=b"0") for name in NAMES[:4]),
    *(member(name) for name in NAMES),
    *(member(name, kind=b"5") for name in NAMES),
    *(member(name, kind=b"2", link=b"../b") for name in NAMES[:4]),
    *(member(name, kind=b"1", link=b"a") for name in NAMES[:4]),
    member(b"c", kind=b"3"),
    member(b"n" * 99, b"long\0", kind=b"L"),
    pax(record(b"path", b"p"), record(b"size", b"7")),
    pax(record(b"comment", b"p"), kind=b"g"),
    bytes(512),
]


@given(st.lists(st.lists(st.sampled_from(PARTS), max_size=5), max_size=4), st.sampled_from([None, 1, 700]))
def test_any_sequence_of_members_is_a_tree_or_a_refusal(stacks, piece):
    refused = codes(lambda: tree_of(*(read_packed(b"".join(parts) + END, piece=piece) for parts in stacks)))
    assert {code.partition(".")[0] for code in refused} <= {"archive"}
    if refused:
        return
    tables = [read_packed(b"".join(parts) + END, piece=piece) for parts in stacks]
    tree = tree_of(*tables)
    paths = tree_paths(tree)
    assert len(paths) == len(set(paths))
    for path in paths:
        assert tree.find(path).entry.path == path
        folder = path.rpartition("/")[0]
        assert tree.find(folder).entry.type == "directory"
    assert {placed.layer for placed in tree} <= set(range(len(tables)))


@given(st.binary(min_size=512, max_size=2048))
def test_any_bytes_are_a_layer_or_a_refusal(content):
    expected = {"archive.bad-checksum", "archive.truncated", "image.layer-malformed", "archive.malformed"}
    assert set(codes(read_packed, content)) <= expected


@given(st.integers(0, 3 * 512 - 1), st.integers(1, 255))
def test_a_changed_byte_is_never_more_than_a_refusal(at, change):
    tar = bytearray(member(b"a", b"1") + member(b"b/c", b"2") + END)
    tar[at] ^= change
    assert {code.partition(".")[0] for code in codes(read_packed, bytes(tar))} <= {"archive"}


@pytest.fixture
def folder(tmp_path):
    """Files as a package brings them, with links, a long name and rights."""
    root = tmp_path / "root"
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/tool").write_bytes(b"\x7fELF" * 1000)
    (root / "usr/bin/tool").chmod(0o4755)
    (root / "usr/bin/alias").symlink_to("../bin/tool")
    (root / "usr/bin/same").hardlink_to(root / "usr/bin/tool")
    long = root / ("d" * 90) / ("n" * 200)
    long.parent.mkdir()
    long.write_text("x")
    (root / "far").symlink_to("t" * 150)
    return root


@pytest.mark.parametrize("form", ["ustar", "gnu", "posix", "oldgnu"])
def test_what_gnu_tar_writes_is_read(folder, tmp_path, form):
    if form == "ustar":
        (folder / "far").unlink()
        shutil.rmtree(folder / ("d" * 90))
    subprocess.run(["tar", f"--format={form}", "-C", folder, "-cf", tmp_path / "layer.tar", "."], check=True)
    table = read_packed((tmp_path / "layer.tar").read_bytes())
    assert table.notes == ()
    tree = tree_of(table)
    on_disk = sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
    assert tree_paths(tree) == on_disk
    for placed in tree:
        status = (folder / placed.entry.path).lstat()
        assert (placed.entry.uid, placed.entry.gid) == (status.st_uid, status.st_gid)
        assert placed.entry.mode == stat.S_IMODE(status.st_mode)
    assert tree.find("usr/bin/same").entry.size == tree.resolve("usr/bin/alias").entry.size == 4000


@pytest.mark.parametrize("level", ["-1", "-19", "--adapt"])
@pytest.mark.interop
def test_what_zstd_writes_is_unpacked(folder, tmp_path, level):
    tar = subprocess.run(["tar", "-C", folder, "-c", "."], check=True, capture_output=True).stdout
    made = subprocess.run(
        [executable("zstd", "ZSTD"), "-q", level, "-c"], input=tar, check=True, capture_output=True
    ).stdout
    assert read_packed(made, "zstd").diff_id == sha256(tar)


def test_sparse_files_as_gnu_tar_writes_them_are_refused(tmp_path):
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 20)
        file.seek(1 << 19)
        file.write(b"x")
    for form in ("gnu", "posix"):
        command = ["tar", "-S", f"--format={form}", "-C", tmp_path, "-c", "sparse"]
        tar = subprocess.run(command, check=True, capture_output=True).stdout
        assert codes(layer, tar, end=b"") in (["archive.special-member"], ["archive.malformed"])
