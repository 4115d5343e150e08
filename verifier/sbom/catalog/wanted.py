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

from verifier.formats.golang.build_info import GO_BUILD_INFO, MAX_GO_BUILD_INFO, MAX_GO_PLACES, PROGRAM_HEADS
from verifier.sbom.catalog.reader import Wanted
from verifier.sbom.catalog.readers import READERS

__all__ = ["GO_BUILD_INFO", "MAX_GO_BUILD_INFO", "MAX_GO_PLACES", "is_program", "wanted"]

SYSTEM: Final = (
    Wanted("etc/os-release", 65_536),
    Wanted("usr/lib/os-release", 65_536),
)
"""What system it is, for every reader."""


_OF_PYTHON: Final = re.compile(r"(?:\\\.)?(?:dist|egg|EGG)\\-(?:info|INFO)")
"""Folders and files that Python finds whatever the case of their ending, escaped: `importlib.metadata.Lookup`."""


class Table:
    """Rows, arranged so that a path finds those that may be about it by its last part, its ending or its folder."""

    def __init__(self, rows: Iterable[Wanted]) -> None:
        self._names: dict[str, list[tuple[re.Pattern[str], Wanted]]] = {}
        self._endings: dict[str, list[tuple[re.Pattern[str], Wanted]]] = {}
        self._folders: dict[str, list[tuple[re.Pattern[str], Wanted]]] = {}
        for row in rows:
            folder, _, name = row.pattern.rpartition("/")
            folder, ending = folder.rpartition("/")[2], name.rpartition(".")[2]
            compiled = (_compiled(row.pattern), row)
            if "*" not in name:
                self._names.setdefault(name, []).append(compiled)
            elif "*" not in ending:
                self._endings.setdefault(ending, []).append(compiled)
            else:
                self._folders.setdefault(folder, []).append(compiled)

    def rows(self, path: str) -> list[tuple[Wanted, str]]:
        """The rows that are about this path, each once, with the root that the path is in as the row has it: "", or a
        folder with a slash. No name that one reader knows hides a file from another."""
        folder, _, name = path.rpartition("/")
        folder, ending = folder.rpartition("/")[2], name.rpartition(".")[2].lower()
        if name not in self._names and ending not in self._endings and folder not in self._folders:
            return []
        may = (self._names.get(name, ()), self._endings.get(ending, ()), self._folders.get(folder, ()))
        matched = ((compiled.fullmatch(path), row) for rows in may for compiled, row in rows)
        found = {row: match["root"] for match, row in matched if match is not None}
        return [
            (row, root)
            for row, root in found.items()
            if len(found) == 1 or not any(other.pattern.endswith(f"/{row.pattern}") for other in found)
        ]


def wanted(path: str, size: int) -> int | None:
    """How many bytes of the file at `path` a reader may ask for; None where no reader does, or where it has more
    (`size`) than any of them would read."""
    rows = table().rows(path)
    most = max(row.max_bytes for row, _ in rows) if rows else -1
    return most if size <= most else None


@cache
def table() -> Table:
    """All rows of all readers."""
    return Table((*SYSTEM, *(row for reader in READERS for row in rows_of(reader))))


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
    written = (
        re.escape(pattern)
        .replace(r"/\*\*/", "/(?:.*/)?")
        .replace(r"\*\*/", "(?P<root>)(?:.*/)?")
        .replace(r"\*", "[^/]*")
    )
    written = _OF_PYTHON.sub(lambda found: f"(?i:{found[0]})", written)
    return re.compile(written if pattern.startswith("**/") else f"(?P<root>(?:.*?/)??){written}", re.DOTALL)
