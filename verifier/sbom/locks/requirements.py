"""Requirements files, as pip reads them: includes, constraints, indexes and digests.

* `-r` and `-c` are followed, within the root alone; a file that includes itself is refused, one that is missing too
* what is pinned by `==` or `===` has a version; whatever else is asked for stays without one, and says what it asks for
* indexes hold for every line, wherever they stand; markers are kept and never evaluated; variables are not replaced
* a constraint installs nothing: it pins what a requirement leaves open, and is no component

Source: pip `req/req_file.py`, `req/constructors.py`; PEP 508; formats/audit.md section 4.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from verifier.core.errors import refuse
from verifier.formats.bom.component import Origin
from verifier.formats.pypi.names import normalised
from verifier.sbom.locks.lock import Lock
from verifier.sbom.locks.rows.asked import row_of
from verifier.sbom.locks.rows.lines import Line, lines_of
from verifier.sbom.locks.rows.made import completed
from verifier.sbom.locks.rows.places import plain
from verifier.sbom.locks.rows.possible import one_always_is
from verifier.sbom.locks.rows.row import Row

Include = Callable[[str], bytes]
MAX_FILES: Final = 256
"""Files that one requirements file may come to."""
MAX_NESTED: Final = 32
"""Files that include each other."""
MAX_INDEXES: Final = 100
"""Indexes and places that all files name: each of them may answer for each row."""
MAX_ROWS: Final = 200_000
"""Rows that constraints may make of requirements."""


def read_requirements(path: str, content: bytes, *, include: Include | None = None) -> Lock:
    """The lock; `include` gives the bytes of a file below the root by its path. `Refused` with
    `dependency.lock-invalid` where something in it is not what pip takes, or leads out of the root."""
    reading = _Reading(include)
    reading.file(path, content, above=(), constraint=False)
    rows = _pinned([reading.sourced(row) for row in reading.rows], reading.constraints, path)
    return completed(
        Lock(
            format="requirements",
            path=path,
            rows=tuple(rows),
            indexes=reading.indexes,
            constraints=tuple(reading.constraints),
            files=tuple(reading.files),
        )
    )


class _Reading:
    """One requirements file and all that it includes."""

    def __init__(self, include: Include | None) -> None:
        self.rows: list[Row] = []
        self.constraints: list[Row] = []
        self.files: list[str] = []
        self._include = include
        self._main: list[str] = []
        self._extra: list[str] = []
        self._without_index = False
        self._done: set[tuple[str, bool]] = set()

    @property
    def indexes(self) -> tuple[str, ...]:
        """All that may answer, the main one first."""
        main = [] if self._without_index else self._main
        return tuple(dict.fromkeys([*main[-1:], *main[:-1], *self._extra]))

    def sourced(self, row: Row) -> Row:
        """A row with the index that is its source, once all options are known."""
        if row.origin.kind != "unrecorded":
            return row
        first, *others = self.indexes or ("",)
        if not first or not (self._without_index or self._main):
            return row._replace(indexes=self.indexes)
        return row._replace(origin=Origin("registry", first), indexes=tuple(others))

    def file(self, path: str, content: bytes, *, above: tuple[str, ...], constraint: bool) -> None:
        if (path, constraint) in self._done:
            return
        self._done.add((path, constraint))
        if path not in self.files:
            self.files.append(path)
        for line in lines_of(content, path):
            self._line(line, (*above, path), constraint)

    def _line(self, line: Line, above: tuple[str, ...], constraint: bool) -> None:
        rest: list[tuple[str, str]] = []
        for option, value in line.options:
            match option:
                case "--requirement" | "--constraint":
                    self._included(line, value, above, constraint or option == "--constraint")
                case "--index-url":
                    self._main.append(plain(value))
                case "--extra-index-url" | "--find-links":
                    self._extra.append(plain(value))
                case "--no-index":
                    self._without_index = True
                case "--hash" | "--editable":
                    rest.append((option, value))
            if len(self._main) + len(self._extra) > MAX_INDEXES:
                raise line.refusal(f"is the last of more than {MAX_INDEXES} indexes")
        if line.requirement or rest:
            row = row_of(line, rest)
            (self.constraints if constraint else self.rows).append(row)

    def _included(self, line: Line, value: str, above: tuple[str, ...], constraint: bool) -> None:
        if "://" in value or value.startswith(("/", "~")) or "\\" in value or "${" in value:
            raise line.refusal(f"includes {plain(value)[:200]!r}; only files below the root are read")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(line.path), value))
        if path == ".." or path.startswith("../"):
            raise line.refusal(f"includes {value[:200]!r}, which is not below the root")
        if path in above:
            raise line.refusal(f"includes {path[:200]!r}, which includes this file")
        if len(above) >= MAX_NESTED or len(self.files) >= MAX_FILES:
            raise line.refusal(f"includes more than {MAX_FILES} files, or {MAX_NESTED} within each other")
        if self._include is None:
            raise line.refusal(f"includes {path[:200]!r}, which is not at hand", "Name the folder that holds both.")
        self.file(path, self._include(path), above=above, constraint=constraint)


class _Pins(NamedTuple):
    """The constraints that pin one name; `everywhere` is whether one of them holds on each machine."""

    rows: tuple[Row, ...]
    everywhere: bool


def _pinned(rows: list[Row], constraints: list[Row], path: str) -> list[Row]:
    """What a requirement leaves open has the version, and the digests, of its constraint: of each that it has, since
    their markers may let another one hold on each machine; where none may hold on one, it is left open too."""
    by_name: dict[str, list[Row]] = {}
    for row in constraints:
        if row.version is not None:
            by_name.setdefault(normalised(row.name), []).append(row)
    pins = {name: _pins(found) for name, found in by_name.items()}
    made: list[Row] = []
    for row in rows:
        found = pins.get(normalised(row.name))
        if found is None or row.version is not None or row.origin.kind not in {"unrecorded", "registry"}:
            made.append(row)
            continue
        if len(made) + len(found.rows) > MAX_ROWS:
            raise refuse("input.too-large", path, f"its constraints make more than {MAX_ROWS} rows of it")
        made += _by_constraints(row, found)
    return made


def _pins(rows: Sequence[Row]) -> _Pins:
    markers = dict.fromkeys(marker for row in rows for marker in row.markers)
    return _Pins(tuple(rows), any(not row.markers for row in rows) or one_always_is(tuple(markers)))


def _by_constraints(row: Row, pins: _Pins) -> Iterator[Row]:
    for pin in pins.rows:
        files = row.distributions or pin.distributions
        yield row._replace(version=pin.version, distributions=files, constraint="", markers=row.markers or pin.markers)
    if not pins.everywhere and all(pin.markers != row.markers for pin in pins.rows):
        yield row
