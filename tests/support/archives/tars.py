"""Tar archives made by hand, so that a test can make every field wrong."""

import gzip
import struct

from verifier.archives.archive import read_archive
from verifier.core.errors import Refused
from verifier.core.limits import DEFAULT_LIMITS
from verifier.core.reading import ReadingMode
from verifier.kinds.bundle.artifact import read_bundle

COMPAT = ReadingMode.OPA_COMPAT
END = bytes(1024)
LAYOUT = "100s8s8s8s12s12s8s1s100s8s32s32s8s8s155s12s"
DEFAULTS = {
    "mode": b"0000600\0",
    "uid": b"0000000\0",
    "gid": b"0000000\0",
    "mtime": b"00000000000\0",
    "kind": b"0",
    "link": b"",
    "magic": b"ustar\x0000",
    "uname": b"",
    "gname": b"",
    "major": b"0000000\0",
    "minor": b"0000000\0",
    "prefix": b"",
    "pad": b"",
}


def header(name, size=0, *, size_field=None, checksum=None, **fields):
    """One block, with any field as given and the right checksum unless another is given."""
    f = DEFAULTS | fields
    size_field = b"%011o\0" % size if size_field is None else size_field
    parts = (name, f["mode"], f["uid"], f["gid"], size_field, f["mtime"], b" " * 8, f["kind"], f["link"], f["magic"])
    block = struct.pack(LAYOUT, *parts, f["uname"], f["gname"], f["major"], f["minor"], f["prefix"], f["pad"])
    checksum = b"%06o\0 " % sum(block) if checksum is None else checksum
    return block[:148] + checksum + block[156:]


def blocks(content, padding=b"\0"):
    return content + padding * (-len(content) % 512)


def member(name, content=b"", *, padding=b"\0", **fields):
    return header(name, len(content), **fields) + blocks(content, padding)


def record(keyword, value):
    body = b" " + keyword + b"=" + value + b"\n"
    length = len(body)
    while len(str(length)) + len(body) != length:
        length = len(str(length)) + len(body)
    return b"%d" % length + body


def pax(*records, kind=b"x"):
    return member(b"PaxHeaders/x", b"".join(records), kind=kind)


def gz(*parts, end=END):
    return gzip.compress(b"".join(parts) + end, mtime=0)


def tarball(files):
    """A clean bundle of (name, content) pairs or a mapping."""
    pairs = files.items() if isinstance(files, dict) else files
    return gz(*(member(name.encode(), content) for name, content in pairs))


def read(content, *, mode=ReadingMode.STRICT, limits=DEFAULT_LIMITS):
    return read_archive(content, limits=limits, mode=mode, subject="bundle")


def bundle(files, *, mode=ReadingMode.STRICT, limits=DEFAULT_LIMITS):
    content = files if isinstance(files, bytes) else tarball(files)
    return read_bundle(content, name="authz", resource_uri="", limits=limits, mode=mode)


def codes(call, *arguments, **options):
    """The codes of the refusal that the call ends in; none where it ends well."""
    try:
        call(*arguments, **options)
    except Refused as refused:
        return [reason.code for reason in refused.reasons]
    return []


def contents(archive):
    return [(each.path, bytes(each.content)) for each in archive.members]


def warned(content):
    """The codes of the warnings in opa-compat mode."""
    return [finding.code for finding in read(content, mode=COMPAT).findings]


A = member(b"/a.rego", b"package a\n")
B = member(b"/b.rego", b"package b\n")
GOOD = gz(A, B)
