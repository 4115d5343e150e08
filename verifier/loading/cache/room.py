"""What has to go where a cache needs room. Called by whoever writes, and only one process writes at a time.

* what was last accepted under a name, with its evidence, stays while its name is in use
* first goes what is too old and belongs to no name, then the least recently used of it, then names not used for as long
* what a writer that was killed had begun is swept away
* where there still is no room, nothing is written: `cache.unavailable`
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from verifier.core.errors import Refused, refuse
from verifier.core.value import Value
from verifier.loading.cache.place import read_ours
from verifier.loading.cache.record import MAX_RECORD_BYTES, key_and_blobs

BLOBS: Final = "blobs/sha256"
FINDINGS: Final = "findings"
GOOD: Final = "good"
MAX_FINDINGS: Final = 4_096
"""Findings on disk: each is small, and whoever sends new artifacts all the time makes one each."""


class _File(Value):
    path: Path
    size: int
    used: float


def make_room(folder: Path, need: int, *, max_bytes: int, before: float, keep: frozenset[str]) -> None:
    """Remove what has to go for `need` bytes more; blobs named in `keep` stay, and what was used since `before`."""
    good = sorted(_files(folder / GOOD), key=lambda file: file.used)
    named = {file.path: _named(file.path) for file in good}
    kept = keep.union(*named.values())
    loose = [*_files(folder / FINDINGS), *(each for each in _files(folder / BLOBS) if each.path.name not in kept)]
    loose.sort(key=lambda file: file.used)
    total = sum(file.size for file in (*good, *loose)) + _size(folder / BLOBS, kept)
    over = len([each for each in loose if each.path.parent.name == FINDINGS]) - MAX_FINDINGS
    for each in loose:
        is_finding = each.path.parent.name == FINDINGS
        if each.used < before or total + need > max_bytes or (is_finding and over >= 0):
            total -= _removed(each)
            over -= is_finding
    for each in good:
        if total + need <= max_bytes or each.used >= before:
            break
        total -= _removed(each)
        kept_still = keep.union(*(names for path, names in named.items() if path != each.path))
        alone = named.pop(each.path) - kept_still
        total -= sum(_removed(file) for file in _files(folder / BLOBS) if file.path.name in alone)
    if total + need > max_bytes:
        message = f"{need} bytes more than the {total} that are in use; at most {max_bytes} are allowed"
        raise refuse("cache.unavailable", str(folder), message)


def _files(folder: Path) -> Iterator[_File]:
    for each in sorted(os.scandir(folder), key=lambda entry: entry.name):
        found = each.stat(follow_symlinks=False)
        if each.name.startswith("."):
            Path(each.path).unlink()
        else:
            yield _File(path=Path(each.path), size=found.st_size, used=found.st_mtime)


def _size(folder: Path, names: Iterable[str]) -> int:
    wanted = frozenset(names)
    return sum(file.size for file in _files(folder) if file.path.name in wanted)


def _named(path: Path) -> frozenset[str]:
    """The blobs that a last good one's record names; a record that is corrupt is of no use to anybody."""
    try:
        content = read_ours(path, max_bytes=MAX_RECORD_BYTES)
        return frozenset() if content is None else key_and_blobs(content, subject=str(path))[1]
    except Refused:
        path.unlink(missing_ok=True)
        return frozenset()


def _removed(file: _File) -> int:
    file.path.unlink(missing_ok=True)
    return file.size
