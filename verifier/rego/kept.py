"""What compilers have found in modules, on disk, so that it is paid once: by the module's digest, across processes.

* what is kept is found again for the same text, the same version of Rego, the same compiler and the same release of
  this program; what another attempt might find otherwise (a crash, a limit) is not kept
* one file for each artifact, with all its modules: the same artifact again costs one reading, and a changed one finds
  the modules that it shares with others
* a file is believed where it is ours alone in a folder of ours alone, and whole; any other is as if it were not there,
  and is written anew
* there is a bound on the bytes and the files; what was written first goes first, and with it what a writer that was
  killed had begun: one process writes at a time, and who finds another at it keeps nothing
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from verifier.core.rego import ModuleAnalysis, RegoModule
from verifier.files.folder import LOCK, own_folder
from verifier.files.read import UnreadError, read_bounded
from verifier.formats.json.write import compact

MAX_BYTES: Final = 64 * 1024 * 1024
"""All files together; also what is read at most to find the modules of a new artifact."""
MAX_FILES: Final = 512
_NOTHING: Final = frozenset[Any]()
_FORMAT: Final = "verifier/rego/1"
_DIGEST_BYTES: Final = 65  # in hex, and the end of its line


class KeptAnalyses:
    """One folder, what this compiler has found; raises `ConfigurationError` where it cannot be ours alone."""

    def __init__(self, folder: Path, compiler: str) -> None:
        self._folder, self._compiler = own_folder(folder, parents=True), compiler

    def recall(self, artifact: str) -> tuple[ModuleAnalysis, ...] | None:
        """What was found in all modules of the artifact of that name, None where that is not known."""
        kept = _read(self._folder / self._name(artifact))
        return None if kept is None else tuple(analysis for _, analysis in kept)

    def find(self, modules: Sequence[RegoModule]) -> dict[str, ModuleAnalysis]:
        """What is known of these modules from other artifacts, by their keys."""
        wanted = {self.key(module) for module in modules}
        found: dict[str, ModuleAnalysis] = {}
        for path in self._newest_first():
            for key, analysis in _read(path) or ():
                if key in wanted:
                    found.setdefault(key, analysis)
            if len(found) == len(wanted):
                break
        return found

    def keep(self, artifact: str, modules: Sequence[RegoModule], analyses: Sequence[ModuleAnalysis]) -> None:
        """Keep what will not be found otherwise; nothing comes of it where that cannot be."""
        kept = [
            [self.key(module), *_fields(analysis)]
            for module, analysis in zip(modules, analyses, strict=True)
            if analysis.final
        ]
        if not kept:
            return
        content = compact(kept).encode()
        if len(content) > MAX_BYTES // 4:
            return
        from verifier.files.lock import locked  # noqa: PLC0415 - whoever finds what it looks for writes nothing
        from verifier.files.write import write_whole  # noqa: PLC0415 - as above

        name = self._name(artifact if len(kept) == len(modules) and artifact else f"parts of {artifact}")
        with suppress(OSError), locked(self._folder / LOCK, wait_seconds=0) as alone:
            if not alone:
                return
            self._make_room(len(content))
            write_whole(self._folder / name, f"{hashlib.sha256(content).hexdigest()}\n".encode() + content, mode=0o600)

    def key(self, module: RegoModule) -> str:
        """The name of a module's text in its version, for this compiler."""
        return self._name(f"{module.version} {module.source}")

    def _name(self, text: str) -> str:
        return hashlib.sha256(f"{_FORMAT}\n{self._compiler}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()

    def _newest_first(self) -> Iterator[Path]:
        for entry in sorted(self._files(), key=_written, reverse=True):
            if not entry.name.startswith("."):
                yield Path(entry.path)

    def _files(self) -> list[os.DirEntry[str]]:
        with suppress(OSError), os.scandir(self._folder) as entries:
            return [entry for entry in entries if entry.is_file(follow_symlinks=False) and entry.name != LOCK]
        return []

    def _make_room(self, need: int) -> None:
        found = sorted(self._files(), key=_written)
        files = [each for each in found if not each.name.startswith(".")]
        for begun in (each for each in found if each.name.startswith(".")):
            with suppress(OSError):
                os.unlink(begun.path)  # noqa: PTH108 - an entry of a folder
        total = sum(map(_size, files)) + need
        while files and (total > MAX_BYTES or len(files) >= MAX_FILES):
            oldest = files.pop(0)
            total -= _size(oldest)
            with suppress(OSError):
                os.unlink(oldest.path)  # noqa: PTH108 - an entry of a folder


def _written(entry: os.DirEntry[str]) -> float:
    with suppress(OSError):
        return entry.stat(follow_symlinks=False).st_mtime
    return 0.0


def _size(entry: os.DirEntry[str]) -> int:
    with suppress(OSError):
        return entry.stat(follow_symlinks=False).st_size
    return 0


def _read(path: Path) -> list[tuple[str, ModuleAnalysis]] | None:
    """What is in a file, None where there is none, or it is not as it was written."""
    try:
        content = read_bounded(path, max_bytes=MAX_BYTES // 2, follow=False, ours_alone=True)
        said, kept = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
        if said != f"{hashlib.sha256(kept).hexdigest()}\n".encode():
            return None
        return [(row[0], _analysis(row[1:])) for row in json.loads(kept)]
    except (UnreadError, ValueError, TypeError, LookupError, RecursionError):
        return None


def _fields(analysis: ModuleAnalysis) -> list[Any]:
    return [
        analysis.path,
        analysis.package,
        sorted(analysis.builtins),
        *(sorted(places) for places in (analysis.rules, analysis.whole, analysis.calls)),
        analysis.unknown,
        analysis.problem,
        analysis.hint,
        analysis.invalid,
    ]


def _analysis(row: list[Any]) -> ModuleAnalysis:
    path, package, builtins, rules, whole, calls, unknown, problem, hint, invalid = row
    return ModuleAnalysis(
        path=path,
        package=None if package is None else tuple(package),
        builtins=frozenset(builtins) if builtins else _NOTHING,
        rules=(written := _places(rules)),
        whole=written if whole == rules else _places(whole),
        calls=_places(calls),
        unknown=tuple(unknown),
        problem=problem,
        hint=hint,
        invalid=invalid,
    )


def _places(rows: list[list[str]]) -> frozenset[tuple[str, ...]]:
    return frozenset(map(tuple, rows)) if rows else _NOTHING


def at(module: RegoModule, analysis: ModuleAnalysis) -> ModuleAnalysis:
    """The same of the same text at another path."""
    return analysis if analysis.path == module.path else analysis._replace(path=module.path)
