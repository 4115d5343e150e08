"""A zip of records, as OSV exports one an ecosystem.

* the whole list of contents is looked at before anything is unpacked: no name climbs or stands twice, nothing is
  encrypted, nested, a link or packed in another way than deflate, no two members share bytes
* what a member unpacks to is bounded, and so is all of it; its length and checksum are those of the list
* a zip in which anything of that is wrong is refused whole: nobody can tell what is missing from it

Source: APPNOTE.TXT 6.3.10 of PKWARE.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from verifier.audit.database.fetched.found import Found, Sources, form_of
from verifier.core.errors import Refused, refuse
from verifier.files.read import read_regular_file
from verifier.formats.osv.reading import MAX_RECORD_BYTES

MAX_MEMBERS: Final = 1_000_000
"""Members of one zip: the list of them is held in memory."""
_MAX_LIST_BYTES: Final = 512 * 1024 * 1024
_FREE_BYTES: Final = 1024 * 1024 * 1024
_MAX_RATIO: Final = 100
"""Bytes that all members may unpack to: so many in any case, or so many for each byte of the zip. Records pack to a
fifth."""
_LOCAL: Final = struct.Struct("<4s5H3I2H")
_ENCRYPTED: Final = 0x0001 | 0x0040 | 0x2000
_DEFLATED, _STORED = zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED


def zipped(path: Path) -> Sources:
    """The records of the zip at `path`; `Refused` (`archive.*`, `input.unreadable`)."""
    passed = [0]

    def members() -> Iterator[Found]:
        with _opened(path) as stream:
            listed = _listed(stream, path)
            passed[0] = sum(1 for each in listed if not each.is_dir() and not _is_record(each))
            for member in listed:
                if _is_record(member):
                    yield _found(stream, member, path)

    return Sources(str(path), members(), lambda: passed[0])


def _opened(path: Path) -> BinaryIO:
    try:
        if not path.is_file():
            read_regular_file(path, max_bytes=0)  # says what there is instead
        return path.open("rb")
    except (OSError, ValueError) as error:
        reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        raise refuse("input.unreadable", str(path), f"cannot be read: {reason}") from None


def _listed(stream: BinaryIO, path: Path) -> list[zipfile.ZipInfo]:
    """Every member, in the order of their bytes; refuses the whole zip where one of them is unsafe."""
    size = stream.seek(0, 2)
    stream.seek(0)
    if stream.read(4) != b"PK\x03\x04":
        seen = "nothing" if not size else "an empty zip, or something else"
        raise refuse(
            "archive.malformed", str(path), f"a zip that begins with a member was expected, seen: {seen}", _AGAIN
        )
    try:
        with zipfile.ZipFile(stream) as archive:
            if archive.start_dir and size - archive.start_dir > _MAX_LIST_BYTES:
                raise refuse(
                    "archive.too-many-members", str(path), "the list of its members is larger than allowed", _CHOSEN
                )
            members = sorted(archive.infolist(), key=lambda each: each.header_offset)
            start = archive.start_dir
    except (zipfile.BadZipFile, zipfile.LargeZipFile, struct.error, ValueError, EOFError, NotImplementedError) as error:
        raise refuse("archive.truncated", str(path), f"it is cut off, or no zip: {error}", _AGAIN) from None
    _require_few(members, size, path)
    _require_apart(members, start, path)
    for member in members:
        _require_safe(member, path)
    return members


_AGAIN: Final = "Fetch it again."
_CHOSEN: Final = "Fetch it again; if it is meant to be so, unpack what is sound in it, and import that folder."


def _require_few(members: list[zipfile.ZipInfo], size: int, path: Path) -> None:
    if len(members) > MAX_MEMBERS:
        message = f"{len(members):,} members, expected at most {MAX_MEMBERS:,}"
        raise refuse("archive.too-many-members", str(path), message, "Unpack it, and import the folder.")
    total = sum(each.file_size for each in members)
    most = max(_FREE_BYTES, _MAX_RATIO * size)
    if total > most:
        raise refuse(
            "archive.bomb", str(path), f"{size:,} bytes unpack to {total:,}, expected at most {most:,}", _CHOSEN
        )


def _require_apart(members: list[zipfile.ZipInfo], start: int, path: Path) -> None:
    """Refuse members that share bytes: one megabyte would stand for a thousand."""
    end = 0
    names = set()
    for member in members:
        if member.header_offset < end:
            raise refuse("archive.bomb", _told(path, member), "its bytes are another member's, too", _CHOSEN)
        end = member.header_offset + _LOCAL.size + len(member.filename) + member.compress_size
        if member.filename in names:
            raise refuse("archive.duplicate-member", _told(path, member), "two members have this name", _CHOSEN)
        names.add(member.filename)
    if end > start + 1:
        raise refuse("archive.malformed", str(path), "its last member reaches into the list of members", _CHOSEN)


def _require_safe(member: zipfile.ZipInfo, path: Path) -> None:
    name, told = member.orig_filename, _told(path, member)
    steps = name.rstrip("/").split("/")
    if "\\" in name or ":" in name or not name.isprintable() or any(each in {"", ".", ".."} for each in steps):
        message = "its name is absolute, climbs, or has characters that a record's file has not"
        raise refuse("archive.unsafe-name", told, message, _CHOSEN)
    if member.flag_bits & _ENCRYPTED:
        raise refuse("archive.special-member", told, "it is encrypted, and no record is", _CHOSEN)
    if member.compress_type not in {_STORED, _DEFLATED}:
        raise refuse(
            "archive.special-member", told, f"it is packed by method {member.compress_type}, expected deflate", _CHOSEN
        )
    mode = member.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise refuse("archive.special-member", told, "it is neither a file nor a folder", _CHOSEN)
    if form_of(name) == "zip":
        raise refuse("archive.special-member", told, "a zip within a zip", "Unpack it, and import the folder.")


def _is_record(member: zipfile.ZipInfo) -> bool:
    return form_of(member.filename) in {"json", "yaml"} and not any(
        step.startswith(".") for step in member.filename.split("/")
    )


def _found(stream: BinaryIO, member: zipfile.ZipInfo, path: Path) -> Found:
    told = _told(path, member)
    content: bytes | Refused
    if member.file_size > MAX_RECORD_BYTES:
        message = f"{member.file_size:,} bytes, expected at most {MAX_RECORD_BYTES:,} for one record"
        content = refuse("input.too-large", told, message)
    else:
        content = _unpacked(stream, member, told)
    return Found(told, form_of(member.filename), content)


def _unpacked(stream: BinaryIO, member: zipfile.ZipInfo, told: str) -> bytes:
    """The bytes of a member; `Refused` where they are not what the list says of them."""
    try:
        stream.seek(member.header_offset)
        header = stream.read(_LOCAL.size)
        if len(header) != _LOCAL.size or header[:4] != b"PK\x03\x04":
            raise refuse("archive.malformed", told, "there is no member where the list says that it is", _CHOSEN)
        named, extra = _LOCAL.unpack(header)[9:]
        written = stream.read(named)
        if written != member.orig_filename.encode("utf-8" if member.flag_bits & 0x800 else "cp437", "replace"):
            raise refuse("archive.malformed", told, "it has another name in the list of members", _CHOSEN)
        stream.seek(extra, 1)
        packed = stream.read(member.compress_size)
        content = packed
        if member.compress_type == _DEFLATED:
            inflater = zlib.decompressobj(-zlib.MAX_WBITS)
            content = inflater.decompress(packed, member.file_size + 1)
            if not inflater.eof or inflater.unused_data:
                raise refuse("archive.bad-checksum", told, "it unpacks to another length than the list says", _CHOSEN)
    except (OSError, zlib.error) as error:
        raise refuse("archive.truncated", told, f"its bytes are damaged: {error}", _AGAIN) from None
    if len(content) != member.file_size or zlib.crc32(content) != member.CRC:
        raise refuse("archive.bad-checksum", told, "its length or checksum is not what the list says", _AGAIN)
    return content


def _told(path: Path, member: zipfile.ZipInfo) -> str:
    return f"{path}/{member.filename}"
