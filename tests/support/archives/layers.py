"""Layers made by hand, and what is read of them."""

import gzip
import hashlib

from backports import zstd

from tests.support.archives.tars import END, member
from verifier.archives.layers.limits import DEFAULT_IMAGE_LIMITS
from verifier.archives.layers.packing import PackedLayer
from verifier.archives.layers.read import hash_layer, read_layer
from verifier.archives.layers.table import Entry, LayerTable
from verifier.archives.layers.tree import merge
from verifier.core.digest import Digest

OCI = "application/vnd.oci.image.layer.v1.tar"
DOCKER = "application/vnd.docker.image.rootfs.diff.tar"
SKIPPABLE = b"\x5e\x2a\x4d\x18"


def pieces_of(content, size=None):
    """The bytes in pieces of this size; all at once without one."""
    size = size or max(len(content), 1)
    return iter([content[start : start + size] for start in range(0, len(content), size)])


def packed(content, kind="", *, media_type=None, piece=None, known_size=True, checked=None):
    """A layer that hands these bytes out, of OCI's type for "", "gzip" or "zstd"."""
    return PackedLayer(
        open=lambda: pieces_of(content, piece),
        media_type=media_type or OCI + (f"+{kind}" if kind else ""),
        subject="layer 0",
        size=len(content) if known_size else None,
        checked=checked,
    )


def read_packed(content, kind="", *, limits=DEFAULT_IMAGE_LIMITS, visit=None, digests="none", **how):
    return read_layer(packed(content, kind, **how), limits=limits, visit=visit, digests=digests)


def hash_packed(content, kind="", *, limits=DEFAULT_IMAGE_LIMITS, **how):
    return hash_layer(packed(content, kind, **how), limits=limits)


def layer(*members, end=END, **how):
    """What is read of a plain tar of these members."""
    return read_packed(b"".join(members) + end, **how)


def paths(table):
    return [entry.path for entry in table.entries]


def noted(table):
    return [note.code for note in table.notes]


def sha256(content):
    return Digest(algorithm="sha256", value=hashlib.sha256(content).hexdigest())


def directory(name, **fields):
    return member(name, kind=b"5", mode=b"0000755\0", **fields)


def symlink(name, target, **fields):
    return member(name, kind=b"2", link=target, **fields)


def hardlink(name, target, **fields):
    return member(name, kind=b"1", link=target, **fields)


def device(name, major, minor, kind=b"3"):
    return member(name, kind=kind, major=b"%07o\0" % major, minor=b"%07o\0" % minor)


def gunzippable(tar, members=1):
    """The same bytes in so many gzip members."""
    size = -(-len(tar) // members)
    return b"".join(gzip.compress(tar[start : start + size], mtime=0) for start in range(0, len(tar), size))


def zstd_frames(tar, frames=1, *, between=b""):
    """The same bytes in so many frames, and in a skippable one behind each what stands `between`."""
    size = -(-len(tar) // frames)
    skipped = SKIPPABLE + len(between).to_bytes(4, "little") + between if between else b""
    return b"".join(zstd.compress(tar[start : start + size]) + skipped for start in range(0, len(tar), size))


def entry(path, kind="file", **fields):
    """An entry as a table has it."""
    return Entry(**({"path": path, "type": kind, "mode": 0o644, "uid": 0, "gid": 0, "size": 0} | fields))


def table(*entries, removed=(), opaque=()):
    """A table of these entries, or paths of files."""
    made = tuple(entry(each) if isinstance(each, str) else each for each in entries)
    return LayerTable(diff_id=sha256(b""), unpacked=0, entries=made, removed=removed, opaque=opaque)


def tree_of(*tables):
    return merge(tables, subject="image")


def tree_paths(tree):
    return sorted(placed.entry.path for placed in tree)
