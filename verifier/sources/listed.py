"""The files that a list of checksums names, each read once and compared with all that the list states of it.

* a file is opened below the list's folder, one segment of its name after the other: a link is followed only where it
  stays below, and nothing that is exchanged meanwhile leads elsewhere
* its digests are of the bytes of one descriptor, read once; only regular files are read, and of one that grows no more
  than it had
* what is missing, altered, outside or, where that is asked, not listed has its own code each; what is verified is named
  with its digest

Nothing here is to be asked before it is known that the list is signed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.limits import MAX_FINDINGS, MAX_MEMBERS
from verifier.core.outcome import Reason
from verifier.core.value import Value
from verifier.files.read import kind
from verifier.formats.checksums.listing import parse_listing

_CHUNK: Final = 1024 * 1024
_MOST_LINKS: Final = 16
_LINKED: Final = frozenset({errno.ELOOP, errno.EMLINK})


class ListedFiles(Value):
    """The files beside a list at `place`. `only` are those that are asked about, by default all that it names; with
    `missing_ok` one that is not there is noted, with `nothing_else` one that is there and not named is denied, apart
    from the list and what is `known` beside it."""

    place: Path
    only: tuple[Path, ...] = ()
    missing_ok: bool = False
    nothing_else: bool = False
    known: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        if self.only and (self.missing_ok or self.nothing_else):
            message = "files that are named have to be there, and are all that is asked about"
            raise ConfigurationError(message, where="--listed")

    def judge(self, content: bytes) -> tuple[Reason, ...]:
        """What there is to say of the files that `content` lists; never raises for what it reads."""
        subject = str(self.place)
        try:
            listing = parse_listing(content, subject=subject)
        except Refused as refusal:
            return refusal.reasons
        wanted = self._named(listing) if self.only else [(name, None) for name in listing]
        found = [_judged(self.place.parent, name, listing.get(name or ""), path) for name, path in wanted]
        if self.missing_ok:
            found = [_tolerated(each) for each in found]
            if not any(each.code == "checksums.verified" or each.is_error for each in found):
                message = f"none of the {len(found)} files that it lists is there"
                found.append(Reason(code="checksums.missing", subject=subject, message=message))
        return (*found, *(self._unlisted(listing) if self.nothing_else else ()))

    def _named(self, listing: Mapping[str, tuple[Digest, ...]]) -> Iterator[tuple[str | None, Path]]:
        """What the list calls each file that is asked about: by its way from the list, or its own name elsewhere."""
        folder = os.path.abspath(self.place.parent)  # noqa: PTH100 - as it is written: no link is followed
        for path in self.only:
            own = os.path.relpath(os.path.abspath(path), folder)  # noqa: PTH100 - as above
            name = path.name if own.startswith("..") else own
            yield (name if name in listing else None), path

    def _unlisted(self, listing: Mapping[str, tuple[Digest, ...]]) -> Iterator[Reason]:
        folder = os.path.abspath(self.place.parent)  # noqa: PTH100 - as above
        known = {os.path.abspath(each) for each in (self.place, *self.known)}  # noqa: PTH100 - as above
        told = 0
        for count, path in enumerate(_files(folder), 1):
            name = os.path.relpath(path, folder)
            beside = path in known or any(path.startswith(f"{each}{os.sep}") for each in known)
            if name not in listing and not beside:
                told += 1
                message = f"{name!r} lies beside the list, and no line is about it"
                yield Reason(
                    code="checksums.unlisted", subject=os.fsencode(name).decode("utf-8", "replace"), message=message
                )
            if told >= MAX_FINDINGS or count >= MAX_MEMBERS:
                yield Reason(code="checksums.unlisted", subject=folder, message="there may be more; nobody looked on")
                return


def _judged(folder: Path, name: str | None, wanted: tuple[Digest, ...] | None, path: Path | None) -> Reason:
    """What becomes of one file: listed under `name`, which lies at `path` or else where the name says."""
    shown = str(path) if name is None else name
    if name is None or wanted is None:
        return Reason(code="checksums.unlisted", subject=shown, message="the list has no line about it")
    try:
        descriptor = _opened(folder, name) if path is None else _opened(path.parent, path.name)
    except FileNotFoundError:
        return Reason(code="checksums.missing", subject=shown, message=f"expected {_said(wanted)}, and it is not there")
    except _OutsideError as error:
        return Reason(code="checksums.outside", subject=shown, message=str(error))
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        return Reason(code="input.unreadable", subject=shown, message=message)
    try:
        return _compared(descriptor, shown, wanted)
    except OSError as error:
        return Reason(code="input.unreadable", subject=shown, message=f"cannot be read: {error.strerror or error}")
    finally:
        os.close(descriptor)


def _compared(descriptor: int, shown: str, wanted: tuple[Digest, ...]) -> Reason:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        message = f"a regular file was expected, seen: {kind(status.st_mode)}"
        return Reason(code="input.unreadable", subject=shown, message=message)
    hashes = {"sha256": hashlib.sha256()}
    for each in wanted:
        # One that this build of OpenSSL has not, or nobody knows, stands beside one that binds.
        with suppress(ValueError):
            hashes.setdefault(each.algorithm, hashlib.new(each.algorithm, usedforsecurity=False))
    size = 0
    while size <= status.st_size and (chunk := os.read(descriptor, _CHUNK)):
        size += len(chunk)
        for state in hashes.values():
            state.update(chunk)
    seen = {name: state.hexdigest() for name, state in hashes.items()}
    other = next((each for each in wanted if seen.get(each.algorithm, each.value) != each.value), None)
    if other is not None or size > status.st_size:
        message = "it grew while it was read" if other is None else f"listed as {other}, is {seen[other.algorithm]}"
        return Reason(code="checksums.altered", subject=shown, message=message)
    bound = next(each for each in wanted if each.algorithm in {"sha256", "sha384", "sha512"})
    own = "" if bound.algorithm == "sha256" else f", listed as {bound}"
    return Reason(code="checksums.verified", subject=shown, message=f"{size} bytes, sha256:{seen['sha256']}{own}")


class _OutsideError(Exception):
    """A name leads out of the folder."""


def _opened(folder: Path, name: str) -> int:
    """A descriptor of what `name` is below `folder`; `_OutsideError` where a link leads elsewhere, or `OSError`."""
    way, rest, links = [os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)], name.split("/")[::-1], 0
    try:
        while rest:
            segment = rest.pop()
            if segment == "..":
                if len(way) == 1:
                    raise _OutsideError(f"{name!r} leads out of the list's folder by a link")
                os.close(way.pop())
            elif segment not in {"", "."}:
                try:
                    way.append(
                        os.open(segment, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=way[-1])
                    )
                except OSError as error:
                    if error.errno not in _LINKED:
                        raise
                    links += 1
                    rest += _link(segment, way[-1], name, links)
        return os.dup(way[-1])
    finally:
        for descriptor in way:
            os.close(descriptor)


def _link(segment: str, folder: int, name: str, links: int) -> list[str]:
    """The segments of what a link stands for, the last first."""
    target = os.readlink(segment, dir_fd=folder)
    if target.startswith("/") or links > _MOST_LINKS:
        raise _OutsideError(f"{name!r} is, or lies behind, a link to {target!r}")
    return target.split("/")[::-1]


def _files(folder: str) -> Iterator[str]:
    """Everything below `folder` but its folders; links are not followed."""
    for where, folders, files in os.walk(folder):
        linked = [each for each in folders if os.path.islink(os.path.join(where, each))]  # noqa: PTH114, PTH118
        yield from (os.path.join(where, each) for each in sorted((*files, *linked)))  # noqa: PTH118


def _tolerated(reason: Reason) -> Reason:
    if reason.code != "checksums.missing":
        return reason
    return Reason(code="checksums.not-here", subject=reason.subject, message=reason.message)


def _said(digests: tuple[Digest, ...]) -> str:
    return ", ".join(map(str, digests))
