"""Verified bytes and what was found of them, on disk, shared by processes: `blobs/sha256/`, `findings/`, `good/`.

* bytes lie under their SHA-256, mode 0400, and come to be there whole or not at all (temporary file, fsync, rename)
* every record carries a digest over itself, and every blob is hashed when it is read: a byte that has changed is
  `cache.corrupt`, and what it belongs to is dropped
* a finding is believed for as long as it holds (`loading.find`), and never longer than `CacheBounds` says
* what was last accepted under a name stays, with its evidence, whatever else has to go; where there is no room for
  more, nothing more is kept (`cache.unavailable`), and nothing depends on it
* processes that ask the same question at the same time take turns: the second one finds the first one's answer
* no clock is read: ages are counted by the times that callers give

A finding from this folder is believed as a ledger is: it is ours alone, and whoever may write to it may also change
what was found. What a ledger knows (marks, floors, quarantine) is never kept here.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from verifier.core.clock import shifted
from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.core.value import Value
from verifier.files.folder import LOCK
from verifier.files.lock import locked
from verifier.files.write import write_whole
from verifier.loading.cache.place import open_folder, read_ours
from verifier.loading.cache.record import (
    MAX_RECORD_BYTES,
    Good,
    evidence_of,
    finding_record,
    good_record,
    key_and_blobs,
    read_finding,
    read_good,
)
from verifier.loading.cache.room import BLOBS, FINDINGS, GOOD, make_room
from verifier.loading.find import Kept
from verifier.loading.question import Ages

WAIT_SECONDS: Final = 10.0
"""How long a turn is waited for: far longer than anybody writes, short enough for a load that waits."""
_TURNS: Final = 64
"""Locks for as many questions at once: two that share one merely wait for each other."""


class CacheBounds(Value):
    """Bytes on disk; how long a finding that allows is believed, and one that denies."""

    max_bytes: int = 1024 * 1024 * 1024
    max_age: timedelta = timedelta(hours=24)
    max_denial_age: timedelta = timedelta(seconds=5)

    def __post_init__(self) -> None:
        if self.max_bytes < 1 or self.max_age <= timedelta(0) or self.max_denial_age < timedelta(0):
            raise ConfigurationError("bounds are not negative, and a cache has room and time", where="cache")


class Cache:
    """One folder; raises `ConfigurationError` where it cannot be ours alone. Safe between threads and processes."""

    def __init__(self, folder: Path, bounds: CacheBounds | None = None) -> None:
        self.bounds = bounds or CacheBounds()
        self._folder = open_folder(folder, "blobs", BLOBS, FINDINGS, GOOD, "turns")

    @property
    def ages(self) -> Ages:
        """How long a finding is believed."""
        return Ages(passed=self.bounds.max_age, denied=self.bounds.max_denial_age)

    @property
    def compiled(self) -> Path:
        """The folder for what compilers find in modules, which has bounds of its own."""
        return self._folder / "compiled"

    @contextmanager
    def turn(self, key: str) -> Iterator[None]:
        """One process at a time answers the question `key`; whoever waits too long, or cannot wait, answers it too."""
        with ExitStack() as stack:
            with suppress(OSError):
                path = self._folder / "turns" / f"{int(key[:8], 16) % _TURNS:02d}"
                stack.enter_context(locked(path, wait_seconds=WAIT_SECONDS))
            yield

    def finding(self, key: str) -> Kept | None:
        """The finding under `key`, which may not hold any more; refuses with `cache.corrupt` what it then drops."""
        path = self._folder / FINDINGS / key
        try:
            content = read_ours(path, max_bytes=MAX_RECORD_BYTES)
            return None if content is None else read_finding(content, key, subject=str(path))
        except Refused:
            self._drop(path)
            raise

    def keep_finding(self, key: str, kept: Kept, *, now: datetime) -> None:
        """Remember a finding; refuses with `cache.unavailable` where that cannot be."""
        with self._alone():
            record = finding_record(key, kept)
            self._make_room(len(record), now)
            self._write(self._folder / FINDINGS / key, record, now)

    def good(self, reference: str) -> tuple[Good, bytes] | None:
        """What was last accepted under a name, and its bytes; refuses with `cache.corrupt` what it then drops."""
        path = self._good_path(reference)
        with self._alone(shared=True):
            try:
                content = read_ours(path, max_bytes=MAX_RECORD_BYTES)
                if content is None:
                    return None
                good = read_good(content, reference, self._blob, subject=str(path))
                return good, self._blob(good.digest)
            except Refused:
                self._drop(path)
                raise

    def keep_good(self, good: Good, content: bytes, *, now: datetime) -> None:
        """Remember what was accepted, in the old one's place; refuses with `cache.unavailable` where that cannot be."""
        blobs = {Digest.of(each).value: each for each in (content, *evidence_of(good.question))}
        with self._alone():
            record = good_record(good)
            missing = [each for name, each in blobs.items() if not (self._folder / BLOBS / name).exists()]
            self._make_room(len(record) + sum(map(len, missing)), now, keep=frozenset(blobs))
            for name, each in blobs.items():
                self._keep_blob(self._folder / BLOBS / name, each, now)
            self._write(self._good_path(good.question.reference), record, now)

    def confirm(self, good: Good, *, now: datetime) -> bool:
        """Remember what the ledger last said of it: `good.confirmed`; refuses with `cache.unavailable`.

        What somebody else has accepted since stays. False where nothing is remembered that could be confirmed.
        """
        path = self._good_path(good.question.reference)
        with self._alone():
            content = read_ours(path, max_bytes=MAX_RECORD_BYTES)
            if content is None:
                return False
            if key_and_blobs(content, subject=str(path))[0] != good.key:
                return True
            try:
                self._write(path, good_record(good), now)
            except OSError:
                # An old yes must not outlive a no.
                if good.confirmed is None:
                    self._drop(path)
                raise
            return True

    def _blob(self, digest: Digest) -> bytes:
        path = self._folder / BLOBS / digest.value
        content = read_ours(path, max_bytes=self.bounds.max_bytes)
        if content is None:
            raise refuse("cache.corrupt", str(path), "it is named by a record and is not there")
        if Digest.of(content) != digest:
            self._drop(path)
            raise refuse("cache.corrupt", str(path), f"its digest is {Digest.of(content)}: it is not what was written")
        return content

    def _keep_blob(self, path: Path, content: bytes, now: datetime) -> None:
        with suppress(Refused):  # what is not what it should be is written again
            if read_ours(path, max_bytes=self.bounds.max_bytes) == content:
                self._touch(path, now)
                return
        self._write(path, content, now)

    def _make_room(self, need: int, now: datetime, *, keep: frozenset[str] = frozenset()) -> None:
        before = shifted(now, -self.bounds.max_age).timestamp()
        make_room(self._folder, need, max_bytes=self.bounds.max_bytes, before=before, keep=keep)

    def _write(self, path: Path, content: bytes, now: datetime) -> None:
        write_whole(path, content, mode=0o400)
        self._touch(path, now)

    def _touch(self, path: Path, now: datetime) -> None:
        moment = now.timestamp()
        os.utime(path, (moment, moment), follow_symlinks=False)

    def _drop(self, path: Path) -> None:
        with suppress(OSError):
            path.unlink()

    def _good_path(self, reference: str) -> Path:
        name = hashlib.sha256(reference.encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / GOOD / name

    @contextmanager
    def _alone(self, *, shared: bool = False) -> Iterator[None]:
        """One writer at a time, and nobody reads what one is removing; whatever goes wrong is `cache.unavailable`."""
        try:
            with locked(self._folder / LOCK, shared=shared, wait_seconds=WAIT_SECONDS) as taken:
                if not taken:
                    raise refuse("cache.unavailable", str(self._folder), "others were writing for too long")
                yield
        except OSError as error:
            raise refuse("cache.unavailable", str(self._folder), error.strerror or str(error)) from error
        except UnicodeEncodeError as error:
            message = f"a name cannot be written: {error.reason}"
            raise refuse("cache.unavailable", str(self._folder), message) from error
