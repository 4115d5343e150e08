"""Reason codes of gzip and tar, read strictly."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error
from verifier.core.reasons.remedies import REBUILD

ARCHIVE: tuple[ReasonCode, ...] = (
    error(
        "archive.not-gzip",
        "the bundle is not a gzip-compressed tar archive",
        cause="The bytes do not start with a gzip header: a plain tar, a zip, an empty or another file.",
        remedy="Pass the .tar.gz that `opa build` wrote, or the directory it was built from.",
        threat="T-208",
    ),
    error(
        "archive.truncated",
        "the archive ends too early",
        cause="The gzip stream, a member or the end-of-archive blocks are cut off.",
        remedy="Fetch the bundle again; if it stays short, the copy at the source is damaged.",
        threat="T-208",
    ),
    error(
        "archive.trailing-data",
        "bytes follow the end of the archive",
        cause="Something stands after the gzip stream or after the end-of-archive blocks; readers disagree on it.",
        remedy=REBUILD,
        threat="T-208",
    ),
    error(
        "archive.bad-checksum",
        "a checksum inside the archive is wrong",
        cause="The gzip CRC or length, or a tar header's checksum, does not match its bytes. OPA does not look.",
        remedy="Fetch the bundle again; if it stays wrong, the copy at the source is damaged.",
        threat="T-208",
    ),
    error(
        "archive.malformed",
        "a tar header has no single meaning",
        cause="A field is not what POSIX ustar, PAX or GNU tar define; Go's and Python's readers would differ.",
        remedy=REBUILD,
        threat="T-208",
    ),
    error(
        "archive.duplicate-member",
        "two members have the same name",
        cause="The same path stands twice (compared without leading '/' or './', and without regard to case "
        "or Unicode composition): engines differ on which one wins.",
        remedy=REBUILD,
        threat="T-208",
    ),
    error(
        "archive.unsafe-name",
        "a member's name is unsafe",
        cause="The name is not UTF-8, or has control or bidirectional characters, a backslash, or an empty, '.' or "
        "'..' segment. In an image's layer: it lies below a link or file, or is a whiteout of nothing.",
        remedy=REBUILD,
        threat="T-208",
    ),
    error(
        "archive.special-member",
        "a member is not a regular file or directory",
        cause="Links, devices, FIFOs, sparse files and unknown types are skipped by OPA and followed by others. In an "
        "image's layer: sparse files, unknown types, and what means something to overlay alone.",
        remedy=REBUILD,
        threat="T-208",
    ),
    error(
        "archive.too-large",
        "the archive or a member is larger than allowed",
        cause="The unpacked size exceeds the limit for one member or for the whole archive.",
        remedy="Raise `member-bytes` or `total-bytes` in [limits] if the size is expected.",
        threat="T-213",
    ),
    error(
        "archive.too-many-members",
        "the archive has more members than allowed",
        cause="More members than the limit.",
        remedy="Raise `members` in [limits] if the count is expected.",
        threat="T-213",
    ),
    error(
        "archive.bomb",
        "the archive unpacks to far more than it holds",
        cause="The ratio of unpacked to packed bytes exceeds the limit.",
        remedy="Do not unpack this file with anything else; ask who made it.",
        threat="T-213",
    ),
)
