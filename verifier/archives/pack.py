"""Writing archives: the one canonical form of a tree, and an archive with one member replaced.

* equal trees give equal bytes, for ever: no compressor, clock, owner or directory order has a say in them
* what is packed is what the strict reader accepts, and reads the same
* replacing a member leaves every other byte of the tar as it was
* links and devices in a directory are refused, not followed

Source: POSIX.1-2017 pax (ustar, and an extended header where a name needs one); RFC 1951 section 3.2.4; RFC 1952.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from verifier.archives.archive import Archive
from verifier.archives.block import BLOCK
from verifier.archives.tar_header import padded
from verifier.core.errors import refuse
from verifier.core.limits import Limits
from verifier.files.read import kind, read_regular_file, unreadable

_GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
"""Deflate, no name, no time, unknown system."""
_STORED_MAX = 65_535
_MAX_SIZE = 8**11 - 1


def pack_members(members: Iterable[tuple[str, bytes]]) -> bytes:
    """The canonical tar.gz of (path, content) pairs: a leading '/', sorted names, stored blocks."""
    named = sorted((("/" + path.removeprefix("/")).encode("utf-8"), content) for path, content in members)
    for (name, _), (following, _) in pairwise(named):
        if name == following:
            raise refuse("archive.duplicate-member", name.decode("utf-8"), "the name stands twice")
    tar = b"".join(_entry(name, content) for name, content in named) + bytes(2 * BLOCK)
    return _gzip(tar, b"".join(_stored_blocks(tar)))


def pack_directory(path: Path, *, limits: Limits) -> bytes:
    """The canonical tar.gz of every regular file below `path`; `Refused` for links, devices and what exceeds limits."""
    return pack_members(list(directory_members(path, limits=limits)))


def replace_member(archive: Archive, path: str, content: bytes) -> bytes:
    """The archive with `content` as its member `path` (compared without a leading '/'), or with that member added.

    Every other byte of the tar stays; the result is compressed anew.
    """
    name = path.removeprefix("/")
    old = next((member for member in archive.members if member.path.removeprefix("/") == name), None)
    if old is not None:
        written, start, end = old.path, old.start, old.end
    else:
        rooted = all(member.path.startswith("/") for member in archive.members)
        written, start, end = ("/" if rooted else "") + name, archive.body_end, archive.body_end
    entry = _entry(written.encode("utf-8"), content)
    tar = b"".join((archive.tar[:start], entry, archive.tar[end : archive.body_end], bytes(2 * BLOCK)))
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return _gzip(tar, deflate.compress(tar) + deflate.flush())


def directory_members(
    root: Path, *, limits: Limits, enter: Callable[[str], bool] = lambda _: True
) -> Iterator[tuple[str, bytes]]:
    """Every regular file below `root`, path and content, in no order; `enter` says of a folder's path whether to go in.

    `Refused` as `pack_directory`.
    """
    pending = [root]
    count = total = 0
    while pending:
        for entry in _entries(pending.pop()):
            path = Path(entry.path)
            mode = entry.stat(follow_symlinks=False).st_mode
            name = _name(path.relative_to(root))
            if entry.is_dir(follow_symlinks=False):
                if enter(name):
                    pending.append(path)
                continue
            if not entry.is_file(follow_symlinks=False):
                raise refuse("archive.special-member", name, f"a regular file was expected, seen: {kind(mode)}")
            content = read_regular_file(path, max_bytes=limits.member_bytes, follow=False)
            count, total = count + 1, total + len(content)
            if count > limits.members:
                raise refuse("archive.too-many-members", str(root), f"more than {limits.members} files")
            if total > limits.total_bytes:
                raise refuse("archive.too-large", str(root), f"more than {limits.total_bytes} bytes")
            yield name, content


def _entries(directory: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            return list(entries)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise unreadable(str(directory), reason or str(error)) from None


def _name(path: Path) -> str:
    name = path.as_posix()
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        raise refuse("archive.unsafe-name", shown, "the name is not UTF-8") from None
    return name


def _entry(name: bytes, content: bytes) -> bytes:
    """One regular file: its headers, its content, its padding."""
    if len(content) > _MAX_SIZE:
        raise ValueError("a ustar member holds less than 8 GiB")
    parts = _split(name)
    if parts is not None:
        return _header(*parts, size=len(content)) + _whole_blocks(content)
    record = _pax_record(b"path", name)
    extended = _header(b"", b"PaxHeaders.0/member", size=len(record), flag=b"x") + _whole_blocks(record)
    short = name.decode("utf-8").encode("ascii", "replace")[:100]
    return extended + _header(b"", short, size=len(content)) + _whole_blocks(content)


def _split(name: bytes) -> tuple[bytes, bytes] | None:
    """Prefix and name as ustar has them: ASCII, at most 155 and 100 bytes, parted at a '/'; None where neither."""
    if not name.isascii():
        return None
    if len(name) <= 100:
        return b"", name
    cut = name.find(b"/", max(len(name) - 101, 1))
    return (name[:cut], name[cut + 1 :]) if 0 < cut <= 155 and cut + 1 < len(name) else None


def _header(prefix: bytes, name: bytes, *, size: int, flag: bytes = b"0") -> bytes:
    block = struct.pack(
        "100s8s8s8s12s12s8s1s100s8s32s32s8s8s155s12x",
        *(name, b"0000600\0", b"0000000\0", b"0000000\0", b"%011o\0" % size, b"00000000000\0", b" " * 8, flag),
        *(b"", b"ustar\x0000", b"", b"", b"0000000\0", b"0000000\0", prefix),
    )
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def _pax_record(keyword: bytes, value: bytes) -> bytes:
    """`length keyword=value\\n`, where the length counts its own digits."""
    rest = len(keyword) + len(value) + 3
    length = rest + len(str(rest))
    if len(str(length)) > len(str(rest)):
        length += 1
    return b"%d %s=%s\n" % (length, keyword, value)


def _whole_blocks(content: bytes) -> bytes:
    return content + bytes(padded(len(content)) - len(content))


def _stored_blocks(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), _STORED_MAX):
        block = content[start : start + _STORED_MAX]
        is_last = start + _STORED_MAX >= len(content)
        yield struct.pack("<BHH", is_last, len(block), len(block) ^ 0xFFFF)
        yield block


def _gzip(content: bytes, deflated: bytes) -> bytes:
    return _GZIP_HEADER + deflated + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)
