"""What was named as a source of records: a folder, a zip, single files.

* a folder is walked in the order of names; no link is followed, and one in it refuses the import: nobody knows what it
  would have held
* a zip in a folder is a set of its own; what begins with a dot, and what is no record by its name, is passed over and
  counted
* a file that is no record by its name is read where somebody names it
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from verifier.audit.database.fetched.found import MAX_RECORDS, Form, Found, Sources, form_of
from verifier.audit.database.fetched.zipped import zipped
from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.core.limits import MAX_DOCUMENT_BYTES
from verifier.files.inside import Inside
from verifier.files.read import read_regular_file
from verifier.formats.osv.reading import MAX_RECORD_BYTES

MAX_FOLDERS: Final = 64
"""Folders in folders."""


def most_bytes(form: Form) -> int:
    """How large a file may be: a record, or a list of CVEs, which is packed."""
    return MAX_DOCUMENT_BYTES if form == "gzip" else MAX_RECORD_BYTES


def sets_of(sources: Sequence[Path]) -> Iterator[Sources]:
    """The sets that `sources` are; `Refused` (`input.unreadable`) or `ConfigurationError` for what is none."""
    single = []
    for path in sources:
        if os.path.isdir(path):  # noqa: PTH112 - `Path.is_dir` raises for a name that is too long
            walk = _Walk(path)
            yield Sources(str(path), walk.files(), walk.passed_over, walk.holds_sets)
            yield from map(zipped, walk.zips)
        elif form_of(path.name) == "zip":
            yield zipped(path)
        else:
            single.append(path)
    if single:
        yield Sources("the files", map(_single, single))


def _single(path: Path) -> Found:
    form = form_of(path.name)
    if form == "":
        hint = "Name a folder, or a file that ends in .json, .yaml, .yml, .zip or .csv.gz."
        read_regular_file(path, max_bytes=MAX_DOCUMENT_BYTES)
        raise ConfigurationError("is no record by its name", where=str(path), hint=hint)
    return Found(str(path), form, read_regular_file(path, max_bytes=most_bytes(form)))


class _Walk:
    """One folder; knows its zips once all of its files were seen."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.zips = folder, list[Path]()
        self._passed = self._seen = 0

    def passed_over(self) -> int:
        return self._passed

    def holds_sets(self) -> bool:
        return bool(self.zips)

    def files(self) -> Iterator[Found]:
        inside = Inside(self.folder)
        try:
            yield from self._below("", inside, 0)
        finally:
            inside.close()

    def _below(self, prefix: str, inside: Inside, depth: int) -> Iterator[Found]:
        folders = []
        for name, is_folder, is_link in self._entries(prefix):
            told = f"{prefix}{name}"
            if name.startswith("."):
                self._passed += 1
            elif is_link and (is_folder or form_of(name)):
                yield self._link(told)
            elif is_folder:
                folders.append(told)
            elif form_of(name) == "zip":
                self.zips.append(self.folder / told)
            elif form_of(name):
                yield self._file(told, inside)
            else:
                self._passed += 1
        for told in folders:
            if depth == MAX_FOLDERS:
                raise refuse("input.unreadable", f"{self.folder}/{told}", f"folders nested deeper than {MAX_FOLDERS}")
            yield from self._below(f"{told}/", inside, depth + 1)

    def _entries(self, prefix: str) -> list[tuple[str, bool, bool]]:
        try:
            with os.scandir(self.folder / prefix) as entries:
                found = sorted((each.name, each.is_dir(), each.is_symlink()) for each in entries)
        except OSError as error:
            raise refuse("input.unreadable", f"{self.folder}/{prefix}", f"cannot be read: {error.strerror}") from None
        self._seen += len(found)
        if self._seen > MAX_RECORDS:
            raise refuse("input.too-large", str(self.folder), f"more than {MAX_RECORDS:,} files")
        return found

    def _file(self, name: str, inside: Inside) -> Found:
        told, form = f"{self.folder}/{name}", form_of(name)
        try:
            stretch = inside.open(name)
            if stretch is None:
                return Found(told, form, refuse("input.unreadable", told, "it was removed while the folder was read"))
            with stretch:
                if stretch.size > (most := most_bytes(form)):
                    message = f"{stretch.size:,} bytes, expected at most {most:,}"
                    return Found(told, form, refuse("input.too-large", told, message))
                content = stretch.read(stretch.size)
                if len(content) != stretch.size:
                    return Found(told, form, refuse("input.unreadable", told, "it was cut while it was read"))
                return Found(told, form, content)
        except Refused as refused:
            return Found(told, form, refused)

    def _link(self, name: str) -> Found:
        told = f"{self.folder}/{name}"
        message = "a symbolic link, and links are not followed here: nobody knows what it stands for"
        return Found(told, form_of(name), refuse("input.unreadable", told, message, "Copy the folder with `cp -RL`."))
