"""apk's database of what is installed: paragraphs of `L:value`, the packages first, then their folders and files.

* a line that is none, a package without a name or a version, a file before its folder, or a checksum that is none, is
  `Refused` with its line: what is left would be a shorter list

Source: apk-tools 2.14, src/database.c (apk_db_fdb_read, apk_db_fdb_write).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from verifier.core.errors import Refused
from verifier.formats.bom.document import MAX_COMPONENTS
from verifier.sbom.catalog.reader import MAX_OWNED
from verifier.sbom.databases.opening import WORD, identifier, inside, unreadable
from verifier.sbom.databases.paragraphs import MAX_LINES

MAX_LINE: Final = 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9+._-]*")
_ARCHITECTURE = re.compile(r"[A-Za-z0-9_-]+")
_ONCE: Final = frozenset("PVALoUmDpTc")
"""Fields of a package that are kept; they stand once."""
_CHECKSUMS: Final = {"Q1": ("sha1", 20), "Q2": ("sha256", 32)}


class ApkFile(NamedTuple):
    """A file of a package: `digest` is of its bytes, of a link's target where it is one; "" where none is said."""

    path: str
    algorithm: str = ""
    digest: bytes = b""


class ApkPackage(NamedTuple):
    """One package: `fields` by their letters, `files` in their order."""

    name: str
    version: str
    architecture: str
    origin: str
    fields: dict[str, str]
    files: list[ApkFile]


def read_installed(content: bytes, *, path: str) -> list[ApkPackage]:
    """The packages in `content`."""
    reading = _Reading(path)
    for number, line in enumerate(_lines(content, path), start=1):
        reading.take(number, line)
    reading.end()
    return reading.packages


def _lines(content: bytes, path: str) -> Iterator[str]:
    start = count = 0
    while start < len(content):
        count += 1
        if count > MAX_LINES:
            raise unreadable(path, f"has more than {MAX_LINES} lines")
        end = content.find(b"\n", start)
        end = len(content) if end < 0 else end
        if end - start > MAX_LINE:
            raise unreadable(path, f"a line has {end - start} bytes, expected at most {MAX_LINE}")
        yield content[start:end].decode("utf-8", "surrogateescape")
        start = end + 1


class _Reading:
    def __init__(self, path: str) -> None:
        self.packages: list[ApkPackage] = []
        self._path = path
        self._fields: dict[str, str] = {}
        self._files: list[ApkFile] = []
        self._folder: str | None = None
        self._first = self._count = 0

    def take(self, number: int, line: str) -> None:
        """The next line."""
        if not line:
            self.end()
            return
        letter, value = line[0], line[2:]
        if len(line) < 2 or line[1] != ":" or not (letter.isascii() and letter.isalpha()):
            raise self._wrong(number, f"is {line[:80]!r}, expected a letter and a colon")
        if not self._fields and not self._files:
            self._first = number
        match letter:
            case "F":
                self._folder = self._inside(number, value)
            case "R":
                self._file(number, value)
            case "Z":
                self._checksum(number, value)
            case _ if letter in _ONCE:
                if letter in self._fields:
                    raise self._wrong(number, f"says {letter}: a second time for one package")
                self._fields[letter] = value
            case _:
                self._fields.setdefault(letter, "")

    def end(self) -> None:
        """The end of a package, where one has begun."""
        if not self._fields and not self._files and self._folder is None:
            return
        where, said = f"the package at line {self._first}", self._fields
        name = identifier(said.get("P", ""), _NAME, path=self._path, what=f"{where}: P")
        version = identifier(said.get("V", ""), WORD, path=self._path, what=f"{where} ({name}): V")
        architecture, origin = said.get("A", ""), said.get("o", "")
        if architecture:
            identifier(architecture, _ARCHITECTURE, path=self._path, what=f"{where} ({name}): A")
        if origin:
            identifier(origin, _NAME, path=self._path, what=f"{where} ({name}): o")
        self.packages.append(ApkPackage(name, version, architecture, origin, said, self._files))
        if len(self.packages) > MAX_COMPONENTS:
            raise unreadable(self._path, f"has more than {MAX_COMPONENTS} packages")
        self._fields, self._files, self._folder = {}, [], None

    def _file(self, number: int, value: str) -> None:
        if self._folder is None or "/" in value:
            raise self._wrong(number, f"names the file {value[:80]!r}, expected a name in a folder that `F:` has named")
        self._count += 1
        if self._count > MAX_OWNED:
            raise unreadable(self._path, f"lists more than {MAX_OWNED} files")
        self._files.append(ApkFile(self._inside(number, f"{self._folder}/{value}")))

    def _checksum(self, number: int, value: str) -> None:
        if not self._files or self._files[-1].algorithm:
            raise self._wrong(number, "has a checksum, and no file before it that has none")
        algorithm, size = _CHECKSUMS.get(value[:2], ("", 0))
        try:
            digest = binascii.a2b_base64(value[2:].encode("ascii"), strict_mode=True)
        except (binascii.Error, UnicodeEncodeError):
            digest = b""
        if not size or len(digest) != size:
            raise self._wrong(number, f"has the checksum {value[:80]!r}, expected Q1 and the base64 of a SHA-1")
        self._files[-1] = ApkFile(self._files[-1].path, algorithm, digest)

    def _inside(self, number: int, value: str) -> str:
        path = inside(value)
        if path is None:
            raise self._wrong(number, f"names {value[:80]!r}, which is no path in the root")
        return path

    def _wrong(self, number: int, message: str) -> Refused:
        return unreadable(self._path, f"line {number} {message}")
