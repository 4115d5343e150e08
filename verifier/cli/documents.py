"""Documents beside an artifact: what cannot be read is kept with its reason, and never left out. And a key's file,
which has to be one before a policy names it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from verifier.cli.inputs import read_key
from verifier.core.document import Document
from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.core.limits import MAX_DOCUMENT_BYTES
from verifier.core.text.shown import shown
from verifier.files.read import read_regular_file

_FETCHED = ("https://", "http://")


def documents(references: Sequence[str] | None) -> tuple[Document | Refused, ...]:
    """The documents beside an artifact: files, URLs, and folders for their files, in the order of their names."""
    return tuple(each for reference in references or () for each in _documents(reference))


def document_at(reference: str) -> Document | Refused:
    """One document, from a file or fetched by https://, or why it cannot be had."""
    return _fetched(reference) if reference.startswith(_FETCHED) else document(Path(reference))


def document(path: Path) -> Document | Refused:
    """A document beside an artifact, or why it cannot be read (`input.unreadable`, `input.too-large`)."""
    try:
        return Document(name=str(path), content=read_regular_file(path, max_bytes=MAX_DOCUMENT_BYTES))
    except Refused as refusal:
        return refusal.kept()


def files_named(references: Sequence[str]) -> tuple[str, ...] | None:
    """The files that these stand for, as `documents` reads them; None where one is no file, or no folder of files."""
    found = list[str]()
    for reference in references:
        path = Path(reference)
        files = [path] if os.path.isfile(path) else _in_folder(path)  # noqa: PTH113 - a name may be too long for `Path`
        if reference.startswith(_FETCHED) or not files:
            return None
        found += map(str, files)
    return tuple(found)


def _in_folder(path: Path) -> list[Path]:
    try:
        return sorted(each for each in path.iterdir() if not each.is_dir())
    except OSError:  # whoever reads it says so
        return []


def _documents(reference: str) -> Iterator[Document | Refused]:
    if reference.startswith(_FETCHED):
        yield _fetched(reference)
        return
    path = Path(reference)
    if not path.is_dir():
        yield document(path)
        return
    try:
        files = sorted(each for each in path.iterdir() if not each.is_dir())
    except OSError as error:
        yield refuse("input.unreadable", str(path), f"the folder cannot be read: {error.strerror}")
        return
    if not files:
        yield refuse("input.unreadable", str(path), "the folder holds no file, expected attestations")
    yield from map(document, files)


def _fetched(url: str) -> Document | Refused:
    from verifier.cli.network import network  # noqa: PLC0415 - only where a URL is given
    from verifier.net.access import Access  # noqa: PLC0415 - as above
    from verifier.net.http import fetch  # noqa: PLC0415 - as above

    access = Access(network=network())
    try:
        return Document(name=url, content=fetch(url, max_bytes=MAX_DOCUMENT_BYTES, access=access))
    except Refused as refusal:
        return refusal.kept()


def require_public_key(path: Path, *, where: str) -> None:
    """Refuse a file that a policy is to name as somebody's key, and that holds none."""
    from verifier.formats.keys.public_key import read_public_key  # noqa: PLC0415 - only where a policy is written
    from verifier.formats.keys.text import NoPublicKeyError  # noqa: PLC0415 - as above

    try:
        read_public_key(read_key(path, where=where))
    except NoPublicKeyError as error:
        raise ConfigurationError(f"{shown(str(path))} {error}", where=where, hint=error.hint) from error
