"""Reason codes of reading inputs: files, archives, JSON, YAML."""

from __future__ import annotations

from verifier.core.reason_code import ReasonCode, error, undecided

_REBUILD = "Rebuild the bundle with `opa build` or `verify sign bundle`, and find out who changed it."
_REWRITE = "Make the document anew with the tool that wrote it (a bundle: `opa build`), and find out who changed it."

ARCHIVE_CODES: tuple[ReasonCode, ...] = (
    undecided(
        "input.unreadable",
        "the input cannot be read",
        cause="The path does not exist, is not a regular file or directory, or may not be read.",
        remedy="Check the path and its permissions.",
    ),
    undecided(
        "input.unreachable",
        "the input cannot be fetched",
        cause="The server did not answer, answered with an error, or redirected somewhere not allowed.",
        remedy="Check the address, the network and the server; nothing was accepted meanwhile.",
        threat="T-404",
    ),
    error(
        "input.too-large",
        "the input is larger than allowed",
        cause="The file, answer or document exceeds its limit before it was read.",
        remedy="Raise the limit in the policy's [limits] table if the size is expected.",
        threat="T-213",
    ),
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
        remedy=_REBUILD,
        threat="T-208",
    ),
    error(
        "archive.bad-checksum",
        "a checksum inside the archive is wrong",
        cause="The gzip CRC or length, or a tar header's checksum, does not match its bytes. OPA does not look.",
        remedy="Fetch the bundle again; if it stays wrong, it was changed after it was built.",
        threat="T-208",
    ),
    error(
        "archive.malformed",
        "a tar header has no single meaning",
        cause="A field is not what POSIX ustar, PAX or GNU tar define; Go's and Python's readers would differ.",
        remedy=_REBUILD,
        threat="T-208",
    ),
    error(
        "archive.duplicate-member",
        "two members have the same name",
        cause="The same path stands twice (compared without leading '/' or './', and without regard to case "
        "or Unicode composition): engines differ on which one wins.",
        remedy=_REBUILD,
        threat="T-208",
    ),
    error(
        "archive.unsafe-name",
        "a member's name is unsafe",
        cause="The name is not UTF-8, or has control or bidirectional characters, a backslash, or an empty, '.' or "
        "'..' segment.",
        remedy=_REBUILD,
        threat="T-208",
    ),
    error(
        "archive.special-member",
        "a member is not a regular file or directory",
        cause="Links, devices, FIFOs, sparse files and unknown types are skipped by OPA and followed by others.",
        remedy=_REBUILD,
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
    error(
        "json.invalid",
        "a JSON document is malformed",
        cause="It is not one JSON value in UTF-8 as RFC 8259 has it (lone surrogates and NaN included).",
        remedy=_REWRITE,
        threat="T-208",
    ),
    error(
        "json.duplicate-key",
        "a JSON object has the same key twice",
        cause="Readers differ on which value wins: OPA takes the last.",
        remedy=_REWRITE,
        threat="T-208",
    ),
    error(
        "json.case-variant-key",
        "a JSON key differs from a known one only by case",
        cause="Go reads `Revision` as `revision` (and folds Unicode), so OPA would see another value than is written.",
        remedy=_REWRITE,
        threat="T-208",
    ),
    error(
        "json.too-deep",
        "a JSON document is nested too deeply",
        cause="Arrays and objects are nested beyond the limit.",
        remedy="Flatten the data.",
        threat="T-213",
    ),
    error(
        "json.too-many-values",
        "a JSON document has more values than allowed",
        cause="A small archive can hold millions of empty arrays, and each costs memory before anything is verified.",
        remedy="Raise `json-values` in [limits] if that much data is expected.",
        threat="T-213",
    ),
    error(
        "json.trailing-data",
        "bytes follow a JSON document",
        cause="OPA reads the first value and ignores the rest; other readers do not.",
        remedy=_REWRITE,
        threat="T-208",
    ),
    error(
        "yaml.invalid",
        "a YAML document is malformed",
        cause="It is not one well-formed YAML document in UTF-8.",
        remedy=_REWRITE,
        threat="T-208",
    ),
    error(
        "yaml.unsupported",
        "a YAML document uses what readers disagree on",
        cause="Anchors, tags, several documents, merge keys, keys that are not strings, or a plain scalar whose "
        "type depends on the YAML version.",
        remedy="Quote the scalar, or write the file as JSON.",
        threat="T-208",
    ),
)
