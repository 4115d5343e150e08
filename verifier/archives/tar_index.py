"""Where the members of a tar file lie, told by its headers alone: nothing is unpacked, and no content is read.

* the file is opened once, and members are read from that descriptor: what was looked at is what is read
* a header means what it means to the bundle reader (`tar_header`); links are told, and followed only on request, a few
  of them, within the archive
* a name twice (also where case does not count), a name below something that is no folder, a device, a sparse file:
  refused, as readers differ
* the work is bounded by the number of members, whatever the size of the file

Source: POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from typing import Final, Literal, NamedTuple

from verifier.archives.block import BLOCK
from verifier.archives.tar_header import (
    DIRECTORY,
    EXTENSIONS,
    GNU_LONG_NAME,
    MAX_EXTENSION_BYTES,
    NO_SEGMENT,
    PAX_GLOBAL,
    REGULAR,
    ZERO_BLOCK,
    Header,
    MalformedHeader,
    padded,
    parse_header,
    parse_long_name,
    parse_pax,
)
from verifier.archives.tar_walk import MAX_PADDING
from verifier.core.errors import Refused, refuse
from verifier.core.limits import Limits
from verifier.files.inside import Stretch, read_at

MAX_MEMBERS: Final = 20_000
"""Members of one archive: a few for each layer of each image. The limits may demand less, and allow no more."""
MAX_LINKS: Final = 8
"""Links followed from one name; what skopeo and Docker write needs one."""

_HARD_LINK, _SYMBOLIC_LINK = ord("1"), ord("2")
_CONTROL = re.compile(r"[\0-\x1f\x7f]")

Kind = Literal["file", "folder", "link"]


def is_plain(path: str) -> bool:
    """Whether a path leads where it seems to: no segment is empty, `.` or `..`, and no character a control."""
    return NO_SEGMENT.isdisjoint(path.split("/")) and _CONTROL.search(path) is None


class Member(NamedTuple):
    """Where a member's content lies in the file. `target` is a link's, as a path of the archive."""

    kind: Kind
    start: int = 0
    size: int = 0
    target: str = ""


class TarIndex:
    """The members of the tar file that is open as `descriptor`, `size` bytes long, by name without a leading `./`.

    Raises `Refused` (`archive.*`, `input.unreadable`). Whoever opened the descriptor closes it.
    """

    def __init__(self, descriptor: int, *, size: int, limits: Limits, subject: str) -> None:
        self.members: dict[str, Member] = {}
        self._descriptor, self._length, self._limits, self._subject = descriptor, size, limits, subject
        self._most = min(limits.members, MAX_MEMBERS)
        self._named: bytes | None = None  # what an extended header calls the next member
        self._extended = False
        self._headers = 0
        try:
            self._walk()
        except MalformedHeader as error:
            raise self._stop(error.code, str(error)) from None
        self._check_folders()

    def open(self, name: str, *, links: bool = False) -> Stretch | None:
        """The regular member of this name, None where there is none; a link is followed with `links`, or refused."""
        wanted = self.behind(name) if links else name
        found = self.members.get(wanted)
        if found is None:
            return None
        told = f"{self._subject} ({name})"
        if found.kind != "file":
            seen = f"a {found.kind} to {found.target!r:.150}" if found.kind == "link" else "a folder"
            raise refuse(
                "archive.special-member", told, f"a regular file was expected at {wanted!r:.150}, seen: {seen}"
            )
        return Stretch(self._descriptor, start=found.start, size=found.size, subject=told, owned=False)

    def behind(self, name: str) -> str:
        """The name that `name` leads to once its links are followed, as far as a few lead."""
        for _ in range(MAX_LINKS):
            found = self.members.get(name)
            if found is None or found.kind != "link":
                break
            name = found.target
        return name

    def _walk(self) -> None:
        position = zeros = 0
        while zeros < 2:
            block = self._read(BLOCK, position)
            if len(block) < BLOCK:
                raise self._stop("archive.truncated", f"the archive ends at byte {position}, before its end is marked")
            position += BLOCK
            if block == ZERO_BLOCK:
                zeros += 1
                continue
            if zeros:
                raise self._stop("archive.malformed", "a block of zeros stands between two members")
            position += self._header(block, position)
        if self._extended:
            raise self._stop("archive.malformed", "an extended header has no member")
        self._after_end(position)

    def _header(self, block: bytes, body: int) -> int:
        """Take one header; how many bytes of content and padding follow it."""
        self._headers += 1
        if self._headers > 2 * self._most:  # half of them may be extended headers
            raise self._too_many()
        header = parse_header(block)
        kind, _, size = header
        if kind in EXTENSIONS:
            self._extension(header, body)
            return padded(size)
        size = self._member(header, block, body)
        if body + size > self._length:
            message = f"a member of {size} bytes at byte {body}, and the file has {self._length}"
            raise self._stop("archive.truncated", message)
        padding = self._read(padded(size) - size, body + size)
        if padding.count(0) != len(padding):
            raise self._stop("archive.malformed", f"bytes are hidden in the padding before byte {body + padded(size)}")
        return padded(size)

    def _extension(self, header: Header, body: int) -> None:
        kind, _, size = header
        if size > MAX_EXTENSION_BYTES:
            message = f"an extended header of {size} bytes; at most {MAX_EXTENSION_BYTES} are expected"
            raise self._stop("archive.too-large", message)
        if self._extended:
            raise self._stop("archive.malformed", "an extended header follows another")
        content = self._read(size, body)
        if len(content) < size:
            raise self._stop("archive.truncated", "an extended header is cut off")
        if kind == GNU_LONG_NAME:
            self._extended, self._named = True, parse_long_name(content)
            return
        records, unknown = parse_pax(content)
        if kind == PAX_GLOBAL:
            unknown = sorted(records.keys() - {"comment"})
        if unknown:
            message = f"an extended header with records that readers do not share: {', '.join(sorted(unknown))[:200]}"
            raise self._stop("archive.malformed", message)
        if kind != PAX_GLOBAL:
            self._extended = True
            self._named = records["path"].encode("utf-8") if "path" in records else None

    def _member(self, header: Header, block: bytes, body: int) -> int:
        kind, raw, size = header
        path = self._name(raw if self._named is None else self._named, is_folder=kind == DIRECTORY)
        self._named, self._extended = None, False
        member = self._read_as(kind, path, Member("file", body, size), block)
        before = self.members.get(path)
        if before is not None and (before.kind, member.kind) != ("folder", "folder"):
            raise refuse("archive.duplicate-member", self._subject, f"{path!r:.150} stands in the archive twice")
        self.members[path] = member
        if len(self.members) > self._most:
            raise self._too_many()
        return member.size

    def _read_as(self, kind: int, path: str, file: Member, block: bytes) -> Member:
        if kind in REGULAR:
            return file
        if kind == DIRECTORY:
            if file.size:
                raise self._stop("archive.malformed", f"the directory {path!r:.150} has a size of {file.size}")
            return Member("folder")
        if kind in (_HARD_LINK, _SYMBOLIC_LINK):
            return Member("link", target=_target(block, path, symbolic=kind == _SYMBOLIC_LINK))
        message = f"{path!r:.150} is a member of type {chr(kind)!r}; files, directories and links are expected"
        raise self._stop("archive.special-member", message)

    def _name(self, raw: bytes, *, is_folder: bool) -> str:
        try:
            path = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            message = f"a name is not UTF-8 at its byte {error.start}: {raw[:150]!r}"
            raise self._stop("archive.unsafe-name", message) from None
        if len(raw) > self._limits.path_bytes:
            message = f"a name of {len(raw)} bytes; at most {self._limits.path_bytes} are allowed"
            raise self._stop("archive.unsafe-name", message)
        if is_folder and path in {".", "./"}:
            return "."
        plain = path.removeprefix("./")
        plain = plain.removesuffix("/") if is_folder else plain
        if not is_plain(plain):
            message = f"a name with an empty, '.' or '..' segment, or a control character: {path!r:.150}"
            raise self._stop("archive.unsafe-name", message)
        if plain.count("/") >= self._limits.path_depth:
            message = f"a name of more than {self._limits.path_depth} segments"
            raise self._stop("archive.unsafe-name", message)
        return plain

    def _check_folders(self) -> None:
        """Refuse a name below a file or a link: whoever extracts would write through it."""
        sound = {""}
        folded: dict[str, str] = {}
        for path in self.members:
            other = folded.setdefault(path.lower() if path.isascii() else _folded(path), path)
            if other != path:
                message = f"{other!r:.150} and {path!r:.150} are one name where case and composition do not count"
                raise self._stop("archive.duplicate-member", message)
            above = posixpath.dirname(path)
            while above not in sound:
                sound.add(above)
                if above in self.members and self.members[above].kind != "folder":
                    message = f"{path!r:.150} lies below {above!r:.150}, which is no folder"
                    raise self._stop("archive.special-member", message)
                above = posixpath.dirname(above)

    def _after_end(self, position: int) -> None:
        rest = self._read(MAX_PADDING + 1, position)
        if rest.count(0) != len(rest):
            message = "bytes other than zeros follow the end-of-archive blocks"
        elif len(rest) > MAX_PADDING:
            message = f"more than {MAX_PADDING} bytes follow the end-of-archive blocks"
        else:
            return
        raise self._stop("archive.trailing-data", message)

    def _read(self, most: int, position: int) -> bytes:
        return read_at(self._descriptor, most, position, subject=self._subject)

    def _too_many(self) -> Refused:
        return self._stop("archive.too-many-members", f"more than {self._most} members")

    def _stop(self, code: str, message: str) -> Refused:
        return refuse(code, self._subject, message)


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _target(block: bytes, path: str, *, symbolic: bool) -> str:
    """What a link leads to as a path of the archive; "" for what is none of its paths."""
    name = block[157:257].rstrip(b"\0").decode("utf-8", "replace")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), name) if symbolic else name)
    return "" if target.startswith(("/", "..")) or "\0" in target else target
