"""What an archive holds, one file after the other, and those of them that are Rego."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple, overload

from verifier.archives.tar_header import Span
from verifier.core.rego import NamedModules, RegoModule
from verifier.formats.json.strict_json import ParsedJson
from verifier.formats.opa import digest as opa_digest
from verifier.formats.opa.manifest import Manifest, RegoVersions

REGO: Final = ".rego"
"""How the name of a module ends."""


def is_module(name: str) -> bool:
    """Whether OPA takes a file of this name for Rego, wherever it lies."""
    return name.endswith(REGO)


class BundleFile(NamedTuple):
    """A regular file, from `start` to `stop` of the archive's tar. `name` is `path` without one leading '/'.

    `document` is set for structured files only.
    """

    path: str
    name: str
    tar: memoryview
    start: int
    stop: int
    document: ParsedJson | None = None

    @property
    def content(self) -> memoryview:
        """Its bytes, not copied."""
        return self.tar[self.start : self.stop]

    def digests(self, algorithm: str) -> tuple[str, ...]:
        """The hex digests that OPA releases compute for this file, today's first; `KeyError` for unknown algorithms."""
        if self.document is None:
            return (opa_digest.digest(self.content, algorithm),)
        streams = opa_digest.streams(self.content, path=self.name, parsed=self.document)
        return tuple(opa_digest.digest(stream, algorithm) for stream in streams)

    def digest(self, algorithm: str = "SHA-256") -> str:
        """The hex digest that a signer writes for this file."""
        return self.digests(algorithm)[0]


class Files(Sequence[BundleFile]):
    """The files of a bundle, each made when somebody looks at it: there are thousands, and what is kept of each costs
    every later collection of garbage.

    `spans` says where each lies in `tar`, `documents` what the structured ones were parsed to, by their place in it.
    """

    __slots__ = ("documents", "spans", "tar")

    def __init__(self, tar: memoryview, spans: Sequence[Span], documents: Mapping[int, ParsedJson]) -> None:
        self.tar, self.spans, self.documents = tar, spans, documents

    def __len__(self) -> int:
        return len(self.spans)

    def __iter__(self) -> Iterator[BundleFile]:
        return map(self._at, range(len(self.spans)))

    @overload
    def __getitem__(self, index: int) -> BundleFile: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[BundleFile, ...]: ...

    def __getitem__(self, index: int | slice) -> BundleFile | tuple[BundleFile, ...]:
        if isinstance(index, slice):
            return tuple(map(self._at, range(len(self.spans))[index]))
        return self._at(range(len(self.spans))[index])

    def places(self) -> dict[str, int]:
        """Where each name stands among them."""
        return {span[0].removeprefix("/"): at for at, span in enumerate(self.spans)}

    def modules(self) -> list[int]:
        """Where the modules stand among them."""
        return [at for at, span in enumerate(self.spans) if span[0].endswith(REGO)]

    def names(self, places: Iterable[int]) -> list[str]:
        """What the files at these places are called."""
        return [self.spans[at][0].removeprefix("/") for at in places]

    def _at(self, index: int) -> BundleFile:
        path, _, start, stop, _ = self.spans[index]
        return BundleFile(path, name_of(path), self.tar, start, stop, self.documents.get(index))


def name_of(path: str) -> str:
    """What OPA calls the file at `path` of the archive."""
    return path.removeprefix("/")


class Modules(NamedModules):
    """The Rego modules of a bundle, or those at `places` of its files.

    They are looked for, and each is made, when somebody looks: who remembers them by their name needs none.
    """

    def __init__(self, manifest: Manifest, files: Files, name: str = "", places: Sequence[int] | None = None) -> None:
        self._manifest, self._files, self.name, self._given = manifest, files, name, places

    @cached_property
    def _places(self) -> Sequence[int]:
        return self._files.modules() if self._given is None else self._given

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[RegoModule]:
        versions = RegoVersions(self._manifest)
        return (_module(self._files[at], versions) for at in self._places)

    @overload
    def __getitem__(self, index: int) -> RegoModule: ...

    @overload
    def __getitem__(self, index: slice) -> Modules: ...

    def __getitem__(self, index: int | slice) -> RegoModule | Modules:
        if isinstance(index, slice):
            return Modules(self._manifest, self._files, places=self._places[index])
        return _module(self._files[self._places[index]], RegoVersions(self._manifest))

    @property
    def paths(self) -> list[str]:
        """The path of each, for which no module is made."""
        return self._files.names(self._places)


def _module(file: BundleFile, versions: RegoVersions) -> RegoModule:
    return RegoModule(path=file.name, source=str(file.content, "utf-8"), version=versions.of(file.path))
