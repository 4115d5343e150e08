"""Looking at what is to be signed, before it is: a directory, an archive, or one file.

* what is looked at is what is signed: the same bytes, read once
* a file is refused by its name, by its content, or because an option of this run names it as a secret
* what is let in is let in by name, and said; a pattern that lets nothing in is an error
* nothing that was seen is repeated: a refusal says what it is, and where

`opa build` takes every `.rego` and every JSON or YAML file below its folders, `.git` and the values of keys included;
`opa sign` signs every file there is.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from verifier.archives.archive import read_archive
from verifier.archives.pack import directory_members, pack_members
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.limits import Limits
from verifier.core.outcome import Reason
from verifier.core.reading import ReadingMode
from verifier.core.value import Value, field
from verifier.files.read import read_regular_file
from verifier.publish.leaks.content import sights_in_content
from verifier.publish.leaks.names import sights_by_name
from verifier.publish.leaks.sight import PRIVATE_KEY, Sight

_MOST_NAMED: Final = 20
"""Files that one refusal names."""


class Entry(Value):
    """One file of what is to be signed, or a folder that was not even entered: then it has no digest."""

    path: str
    size: int
    digest: Digest | None
    sights: tuple[Sight, ...]
    included: bool

    @property
    def refused(self) -> bool:
        """Whether it stands in the way of a signature."""
        return bool(self.sights) and not self.included


class Examined(Value):
    """What is to be signed: its bytes, and what they consist of, by path."""

    content: bytes = field(repr=False)
    entries: tuple[Entry, ...]

    def warnings(self) -> tuple[Reason, ...]:
        """What was let in (`leak.included`)."""
        return tuple(
            Reason(code="leak.included", subject=entry.path, message=f"let in by --include: {seen}")
            for entry in self.entries
            if entry.included
            for seen in entry.sights
        )

    def require_fit(self) -> None:
        """Raise `Refused` with what must not be signed, a reason for each file up to twenty."""
        found = [entry for entry in self.entries if entry.refused]
        if not found:
            return
        reasons = [
            Reason(code=seen.code, subject=entry.path, message=f"{seen}", hint=_hint(entry, seen))
            for entry in found[:_MOST_NAMED]
            for seen in entry.sights
        ]
        if len(found) > _MOST_NAMED:
            more = f"and {len(found) - _MOST_NAMED} more files; --list names them all"
            reasons.append(Reason(code=found[-1].sights[0].code, subject=found[_MOST_NAMED].path, message=more))
        raise Refused(*reasons)


class Admission:
    """What may be let in, and what an option of this run names as a secret."""

    def __init__(self, include: Sequence[str] = (), secrets: Mapping[str, Path | None] | None = None) -> None:
        self._include = tuple(include)
        self._used: set[str] = set()
        self._secrets = dict(_identities(secrets or {}))

    def of_folder(self, path: str) -> Entry | None:
        """The entry of a folder that is not entered; None for one that is."""
        entry = self._entry(path, 0, None, tuple(sights_by_name(path, folder=True)))
        return entry if entry.refused else None

    def of_file(self, path: str, content: bytes, *, at: Path | None = None, packed_is_seen: bool = True) -> Entry:
        """The entry of a file, which lies at `at` where it lies anywhere."""
        sights = {each.code: each for each in sights_in_content(content, packed_is_seen=packed_is_seen)}
        sights |= {each.code: each for each in sights_by_name(path)}
        named = self._named(at)
        if named is not None:
            sights[PRIVATE_KEY] = Sight(PRIVATE_KEY, f"it is what {named} names")
        return self._entry(path, len(content), Digest.of(content), tuple(sights.values()))

    def of_document(self, path: str, content: bytes) -> Entry:
        """The entry of a document that is called `path`; its name says nothing, and it is let in by it."""
        sights = {each.code: each for each in sights_in_content(content, packed_is_seen=False)}
        return self._entry(path, len(content), Digest.of(content), tuple(sights.values()))

    def require_used(self) -> None:
        """Refuse a pattern that let nothing in: it hides a mistake now, or a secret later."""
        unused = [each for each in self._include if each not in self._used]
        if unused:
            raise ConfigurationError(f"lets in nothing that is refused: {unused[0]!r}", where="--include")

    def _entry(self, path: str, size: int, digest: Digest | None, sights: tuple[Sight, ...]) -> Entry:
        letting = {each for each in self._include if sights and _matches(each, path)}
        self._used |= letting
        return Entry(path=path, size=size, digest=digest, sights=sights, included=bool(letting))

    def _named(self, at: Path | None) -> str | None:
        if at is None or not self._secrets:
            return None
        with suppress(OSError, ValueError):
            found = at.stat()
            return self._secrets.get((found.st_dev, found.st_ino))
        return None


def examine(source: Path, *, limits: Limits, admission: Admission) -> Examined:
    """What a bundle at `source`, a directory or an archive, would hold; `Refused` where it cannot be read."""
    if os.path.isdir(source):  # noqa: PTH112 - `Path.is_dir` raises for a name that is too long or out of reach
        return _directory(source, limits, admission)
    return examine_archive(
        read_regular_file(source, max_bytes=limits.archive_bytes), limits=limits, admission=admission
    )


def examine_archive(content: bytes, *, limits: Limits, admission: Admission) -> Examined:
    """What the archive `content` holds."""
    archive = read_archive(content, limits=limits, mode=ReadingMode.STRICT, subject="bundle")
    entries = tuple(
        admission.of_file(member.path.removeprefix("/"), bytes(member.content)) for member in archive.members
    )
    return Examined(content=content, entries=entries)


def examine_file(source: Path, *, limits: Limits, admission: Admission) -> Examined:
    """Any one file, as it is: it is not opened, whatever it may hold in packed form."""
    content = read_regular_file(source, max_bytes=limits.archive_bytes)
    return Examined(
        content=content, entries=(admission.of_file(source.name, content, at=source, packed_is_seen=False),)
    )


def examine_document(content: bytes, *, subject: str, admission: Admission) -> Examined:
    """A document that is signed with all that it says, such as a predicate; its name says nothing."""
    return Examined(content=content, entries=(admission.of_document(subject, content),))


def _directory(root: Path, limits: Limits, admission: Admission) -> Examined:
    passed_by: list[Entry] = []

    def enter(folder: str) -> bool:
        entry = admission.of_folder(folder)
        if entry is not None:
            passed_by.append(entry)
        return entry is None

    members = list(directory_members(root, limits=limits, enter=enter))
    files = [admission.of_file(path, content, at=root / path) for path, content in members]
    entries = sorted((*files, *passed_by), key=lambda entry: entry.path)
    return Examined(content=pack_members(members), entries=tuple(entries))


def _identities(named: Mapping[str, Path | None]) -> Iterator[tuple[tuple[int, int], str]]:
    for option, path in named.items():
        if path is not None:
            with suppress(OSError, ValueError):  # what is not there is said by whoever reads it
                found = path.stat()
                yield (found.st_dev, found.st_ino), option


def _matches(pattern: str, path: str) -> bool:
    """Whether `pattern` names the file, or a folder that it lies in: by its path, or, without a '/', by its name."""
    wanted = pattern.strip("/").removeprefix("./")
    return any(fnmatchcase(each, wanted) for each in _names(path, whole="/" in wanted))


def _names(path: str, *, whole: bool) -> Iterable[str]:
    parts = path.split("/")
    return ("/".join(parts[:end]) for end in range(1, len(parts) + 1)) if whole else parts


def _hint(entry: Entry, seen: Sight) -> str:
    escaped = "".join(f"[{each}]" if each in "*?[" else each for each in entry.path)
    wanted = escaped if len(escaped) <= 200 else "PATTERN"
    burnt = seen.code in {PRIVATE_KEY, "leak.credentials"}
    away = "Take it out, and revoke it where it was published before" if burnt else "Keep it outside of what is signed"
    return f"{away}; what is meant to be there is let in by --include {wanted!r}."
