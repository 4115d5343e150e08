"""Where a command's answers are written to. Whoever writes what a person named writes it here.

* an output is never what an input, a key, a policy or a ledger is, by whatever name, link or spelling it is reached
* nor does it lie within a folder that is read, nor is it another output of the same run
* it replaces only an earlier output of its own kind, or nothing; what else stands there is somebody's
* all of that is asked before anything is done, and once more before it takes its place
* a file is written whole or not at all; a pipe, a terminal or /dev/null is written through; nothing else is written to

Source for what is written through: POSIX.1-2017 `cp`, which does the same with what is no regular file.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Final

from verifier.core.errors import ConfigurationError
from verifier.core.text.shown import shown
from verifier.core.value import Value
from verifier.files.descriptor import descriptor_of
from verifier.files.read import UnreadError, kind, read_bounded
from verifier.files.write import replace_file, unwritable

_MOST_LOOKED_AT: Final = 64 * 1024 * 1024
"""Bytes of what stands there: what is larger is not ours, but for an archive, which its first bytes tell."""
_GZIP: Final = b"\x1f\x8b"
_ATTESTED: Final = (b'"payloadType"', b'"mediaType":"application/vnd.dev.sigstore.bundle', b'"dsseEnvelope"')
_BOM: Final = (b'"bomFormat"', b'"spdxVersion"', b"http://cyclonedx.org/schema/bom")
_REPORTS: Final = rb"""(?:\#\#\#\ \S+\ )?(?:PASSED|FAILED|UNDECIDED)[ :]
    | ::(?:notice|warning|error)[ ]
    | <\?xml[^>]{0,100}>\s*<testsuites\ name="verify[" ]
    | (?i:<!doctype\ html>)[\x00-\xff]{0,4000}<meta\ name="generator"\ content="policy-verifier
    | \[\s*\{\s*"check_name":\s*"verifier\.
    | \{\s*"schema":\s*"verifier/(?:reports?|publication|sbom-check)/v1"
    | \{\s*(?:"\$schema"|"@context"|"bomFormat"):[\x00-\xff]{0,4000}policy-verifier"""
"""What reports begin with: documents of others' formats name the program that has made them early on."""
_ELSE: Final = "Name another file, or remove this one first."

Inode = tuple[int, int]
"""Device and inode."""


class OutputKind(Enum):
    """What is written, and so what may be replaced by it."""

    ARCHIVE = "a bundle"
    ATTESTATION = "an attestation"
    LOADED = "a bundle that is loaded"
    """Whatever a disk has made of it: a damaged one is replaced too, but for text and databases."""
    REPORT = "a report"
    SBOM = "an SBOM"
    SUMMARY = "a summary"
    """Appended to, whatever stands there: it is everybody's."""


class _Named(Value):
    option: str
    path: Path
    identities: frozenset[Inode]


class Outputs:
    """The outputs of one run; `inputs` are all that it reads, by what names them."""

    def __init__(self, inputs: Mapping[str, tuple[Path, ...]]) -> None:
        self._inputs = tuple(_named(option, path) for option, paths in inputs.items() for path in paths)
        self._placed: list[Output] = []

    def reserve_standard_output(self, what: str) -> None:
        """Keep standard output for `what`: no other output goes there, too."""
        self._placed.append(Output(what, Path("/dev/stdout"), OutputKind.REPORT, ()))

    def place(self, option: str, path: Path, written: OutputKind) -> Output:
        """The output that `option` names; `ConfigurationError` for what must not be written to."""
        output = Output(option, path, written, self._inputs)
        output.require_free()
        for other in self._placed:
            if output.is_at(other):
                raise ConfigurationError(f"is where {other.option} goes, too", where=option, hint="Name two files.")
        self._placed.append(output)
        return output


class Output:
    """One place that is written to, once."""

    def __init__(self, option: str, path: Path, written: OutputKind, inputs: tuple[_Named, ...]) -> None:
        self.option, self.path, self._kind, self._inputs = option, path, written, inputs
        self._descriptor = descriptor_of(path)

    def require_free(self) -> None:
        """Raise `ConfigurationError` where something stands there that must stay."""
        there = _status(self._descriptor if self._descriptor is not None else self.path)
        mine = _named(self.option, self.path)
        identities = mine.identities | ({(there.st_dev, there.st_ino)} if there else frozenset())
        for each in self._inputs:
            if identities & each.identities or (there is None and mine.path == each.path):
                self._refuse(f"is what {each.option} names, and is not overwritten", "Name another file.")
            if self._descriptor is None and _lies_within(mine.path, each.path):
                self._refuse(f"lies within what {each.option} names", "Write it outside of what is read.")
        if there is not None:
            self._require_replaceable(there)

    def is_at(self, other: Output) -> bool:
        """Whether both are one file, now or on a file system that does not tell spellings apart."""
        mine, its = _status(self.target), _status(other.target)
        if mine is not None and its is not None and os.path.samestat(mine, its):
            return self.path != Path(os.devnull)
        here, there = _resolved(self.path), _resolved(other.path)
        return _spelled(here) == _spelled(there)

    def write(self, content: bytes, *, mode: int = 0o644) -> None:
        """Write `content`, or raise `ConfigurationError` with what stood there unchanged."""
        self.require_free()
        if self._written_through():
            _write_through(self.target, self.path, content)
            return
        replace_file(self.path, content, mode=mode)

    @property
    def target(self) -> int | Path:
        """What is written to: a descriptor of this process, or a path."""
        return self.path if self._descriptor is None else self._descriptor

    def _written_through(self) -> bool:
        there = _status(self.target)
        return self._descriptor is not None or (there is not None and not stat.S_ISREG(there.st_mode))

    def _require_replaceable(self, there: os.stat_result) -> None:
        if stat.S_ISDIR(there.st_mode):
            self._refuse("is a folder, expected the name of a file")
        if stat.S_ISBLK(there.st_mode) or stat.S_ISSOCK(there.st_mode):
            self._refuse(f"is {kind(there.st_mode)}, expected a file, a pipe or a terminal")
        if self._descriptor is not None or not stat.S_ISREG(there.st_mode) or not there.st_size:
            return
        if not _MAY_REPLACE[self._kind](_content(self.path, there.st_size)):
            self._refuse(f"is not {self._kind.value} of an earlier run, and is not overwritten", _ELSE)

    def _refuse(self, message: str, hint: str = "") -> None:
        raise ConfigurationError(f"{shown(str(self.path))} {message}", where=self.option, hint=hint)


def _is_attestation(content: bytes) -> bool:
    compact = re.sub(rb"\s+", b"", content) if content.lstrip()[:1] == b"{" else b""
    return any(mark in compact for mark in _ATTESTED)


def _is_no_text(content: bytes) -> bool:
    """Whether it is neither a database nor what a person may have written: a policy, a key, a module."""
    if content.startswith(_GZIP):
        return True
    try:
        text = content[:4096].decode("utf-8", "strict" if len(content) <= 4096 else "ignore")
    except UnicodeDecodeError:
        return True
    return not content.startswith(b"SQLite format 3\0") and any(
        ord(each) < 32 and each not in "\t\n\f\r" for each in text
    )


def _is_bom(content: bytes) -> bool:
    return content.lstrip()[:1] in (b"{", b"<") and any(mark in content[:4096] for mark in _BOM)


_MAY_REPLACE: Final[Mapping[OutputKind, Callable[[bytes], bool]]] = {
    OutputKind.ARCHIVE: lambda content: content.startswith(_GZIP),
    OutputKind.ATTESTATION: _is_attestation,
    OutputKind.LOADED: _is_no_text,
    OutputKind.SBOM: _is_bom,
    OutputKind.REPORT: lambda content: re.match(_REPORTS, content, re.VERBOSE) is not None,
    OutputKind.SUMMARY: lambda _: True,
}


def _content(path: Path, size: int) -> bytes:
    """What stands there; its beginning where it is very large, and nothing that is ours where it cannot be read."""
    try:
        if size <= _MOST_LOOKED_AT:
            return read_bounded(path, max_bytes=_MOST_LOOKED_AT)
        with path.open("rb") as stream:
            return stream.read(4096)
    except (UnreadError, OSError):
        return b"?"


def _named(option: str, path: Path) -> _Named:
    return _Named(option=option, path=_resolved(path), identities=frozenset(_identities(path)))


def _identities(path: Path) -> Iterator[Inode]:
    """Of what is there, by the path and by what it leads to: a link counts as itself, too."""
    for follow in (True, False):
        with suppress(OSError, ValueError):
            found = path.stat(follow_symlinks=follow)
            yield found.st_dev, found.st_ino


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return path.absolute()


def _lies_within(path: Path, folder: Path) -> bool:
    """Whether `path` would stand somewhere below `folder`, which is a folder."""
    return folder in path.parents and folder.is_dir()


def _spelled(path: Path) -> tuple[Inode | Path, str]:
    """The folder, and the name as a file system reads it that keeps neither case nor Unicode's forms apart."""
    folder = next(_identities(path.parent), None) or path.parent
    name = path.name
    if not name.isascii():
        from unicodedata import normalize  # noqa: PLC0415 - most names are ASCII, and its table is a megabyte to load

        name = normalize("NFC", name)
    return folder, name.casefold()


def _status(place: int | Path) -> os.stat_result | None:
    try:
        return os.stat(place)  # noqa: PTH116 - of a descriptor as well
    except (OSError, ValueError):
        return None


def _write_through(place: int | Path, path: Path, content: bytes) -> None:
    try:
        descriptor = (
            os.dup(place) if isinstance(place, int) else os.open(place, os.O_WRONLY | os.O_CLOEXEC | os.O_NOCTTY)
        )
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from error
