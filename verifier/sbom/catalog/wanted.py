"""Which files of an image have to be kept while its layers are read: those that a reader of packages reads later.

* a path is asked about once, by a look into a dictionary or three, so that a million of them take a second
* a file that is larger than its row allows is not kept, and refused by its size where it is read
* of a program only what a Go compiler has left in it is kept, not the program (`GO_BUILD_INFO`)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Final

from verifier.sbom.catalog.reader import Wanted
from verifier.sbom.catalog.readers import READERS

KIB, MIB = 1024, 1024 * 1024
GO_BUILD_INFO: Final = b"\xff Go buildinf:"
"""Stands at a multiple of 16 bytes in a program that a Go compiler made; what follows are its modules."""
MAX_GO_BUILD_INFO: Final = MIB
"""Bytes that are kept from such a place on (`Files.excerpts`)."""
MAX_GO_PLACES: Final = 8
"""Such places in one program: those that read build information name it in their code too."""
PROGRAM_HEADS: Final = (
    *(b"\x7fELF", b"MZ", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"),
    b"\x01\xdf",
)
"""What ELF, PE, Mach-O and XCOFF files begin with: those that build information is looked for in."""
SYSTEM: Final = (
    Wanted("etc/os-release", 64 * KIB),
    Wanted("usr/lib/os-release", 64 * KIB),
)
"""What system it is, for every reader."""
PYTHON: Final = tuple(
    Wanted(pattern, most)
    for pattern, most in (
        ("**/*.dist-info/METADATA", 8 * MIB),
        ("**/*.dist-info/RECORD", 64 * MIB),
        ("**/*.dist-info/top_level.txt", MIB),
        ("**/*.dist-info/INSTALLER", KIB),
        ("**/*.dist-info/direct_url.json", MIB),
        ("**/*.egg-info/PKG-INFO", 8 * MIB),
        ("**/*.egg-info/top_level.txt", MIB),
        ("**/*.egg-info/installed-files.txt", 64 * MIB),
        ("**/*.egg-info/SOURCES.txt", 64 * MIB),
        ("**/*.egg-info/direct_url.json", MIB),
        ("**/EGG-INFO/PKG-INFO", 8 * MIB),
        ("**/EGG-INFO/top_level.txt", MIB),
        ("**/*.egg-info", 8 * MIB),
        ("**/_vendor/vendor.txt", MIB),
        ("**/vendor/vendor.txt", MIB),
        ("**/_vendor/vendored.txt", MIB),
        ("**/pyvenv.cfg", 64 * KIB),
    )
)
NPM: Final = (Wanted("**/node_modules/**/package.json", 16 * MIB),)


class Table:
    """Rows, arranged so that a path finds those that may be about it by its last part, its ending or its folder."""

    def __init__(self, rows: Iterable[Wanted]) -> None:
        self._names: dict[str, list[tuple[re.Pattern[str], Wanted]]] = {}
        self._endings: dict[str, list[tuple[re.Pattern[str], Wanted]]] = {}
        self._folders: dict[str, list[tuple[re.Pattern[str], Wanted]]] = {}
        for row in rows:
            folder, _, name = row.pattern.rpartition("/")
            ending = name.rpartition(".")[2]
            compiled = (_compiled(row.pattern), row)
            if "*" not in name:
                self._names.setdefault(name, []).append(compiled)
            elif "*" not in ending:
                self._endings.setdefault(ending, []).append(compiled)
            else:
                self._folders.setdefault(folder, []).append(compiled)

    def row(self, path: str) -> Wanted | None:
        """The first row that is about this path: by its name, its ending, its folder."""
        folder, _, name = path.rpartition("/")
        ending = name.rpartition(".")[2]
        if name not in self._names and ending not in self._endings and folder not in self._folders:
            return None
        may = (self._names.get(name, ()), self._endings.get(ending, ()), self._folders.get(folder, ()))
        return next((row for rows in may for compiled, row in rows if compiled.fullmatch(path)), None)


def wanted(path: str, size: int) -> int | None:
    """How many bytes of the file at `path` a reader may ask for; None where no reader does, or where it has more
    (`size`) than any of them would read."""
    row = table().row(path)
    return row.max_bytes if row is not None and size <= row.max_bytes else None


@cache
def table() -> Table:
    """All rows of all readers."""
    return Table((*SYSTEM, *(row for reader in READERS for row in rows_of(reader)), *PYTHON, *NPM))


@cache
def rows_of(reader: str) -> tuple[Wanted, ...]:
    """What one reader wants."""
    rows: tuple[Wanted, ...] = import_module(f"verifier.sbom.catalog.{reader}").WANTED
    return rows


def is_program(head: bytes) -> bool:
    """Whether a file that begins so may have been made by a Go compiler: its excerpts are to be kept."""
    return head.startswith(PROGRAM_HEADS)


def _compiled(pattern: str) -> re.Pattern[str]:
    """Source: `Wanted.pattern`."""
    written = re.escape(pattern).replace(r"/\*\*/", "/(?:.*/)?").replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
    return re.compile(written, re.DOTALL)
