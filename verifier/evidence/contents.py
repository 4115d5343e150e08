"""What is in an artifact, as its kind gives it: its files, and for a bundle its Rego. Whoever lists components, or
looks for vulnerable ones, sees this and no artifact.

* paths have no leading slash and no `.` or `..`; nothing outside is ever reached through them
* the bytes are those that were verified: a file of an image comes from a layer whose digest was recomputed
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, Protocol

from verifier.core.digest import Digest
from verifier.core.rego import ModuleAnalysis
from verifier.core.value import Value, field
from verifier.files.entry import FileFact, FileType

__all__ = ["Contents", "FileFact", "FileType", "Files", "RegoContents"]


class Files(Protocol):
    """The files of an artifact as whoever uses it would see them."""

    def __iter__(self) -> Iterator[FileFact]:
        """Every entry but the root, a directory before what is in it."""

    def find(self, path: str) -> FileFact | None:
        """What stands at exactly this path; no link is followed."""

    def resolve(self, path: str) -> FileFact | None:
        """What a process inside would find there: links are followed, and end at the root."""

    def read(self, path: str, *, max_bytes: int) -> bytes:
        """The content of the file at exactly this path. `Refused` with `input.too-large` where it is larger, with
        `input.unreadable` where it is not there, no file, or its content was not kept (`sbom.catalog.wanted`)."""

    def digest(self, path: str, algorithm: str) -> bytes | None:
        """The digest of the file at exactly this path by "sha256", "sha512", "sha1" or "md5"; None where it is no
        file, or was not hashed so."""

    def excerpts(self, path: str) -> tuple[bytes, ...]:
        """What a Go compiler has left in the program at exactly this path: from each `GO_BUILD_INFO` on that stands at
        a multiple of 16 bytes, the first `MAX_GO_PLACES`, at most `MAX_GO_BUILD_INFO` bytes (`sbom.catalog.wanted`)."""


class RegoContents(Value):
    """What is known of a bundle's Rego: its own revision, what a compiler found, `.manifest`'s roots, the language
    version of each module by its path, the entrypoints of Wasm modules by theirs, and OPA's digest of structured files
    by theirs (hex, SHA-256: as `.signatures.json` has them). `states_version` is whether the manifest says which
    version of Rego that is; `reached` are the places below `data` that the text of each module names."""

    revision: str | None = None
    analyses: tuple[ModuleAnalysis, ...] = field(default=(), repr=False)
    roots: tuple[str, ...] = ()
    versions: Mapping[str, int] = field(default_factory=dict, repr=False)
    states_version: bool = False
    reached: Mapping[str, Sequence[tuple[str, ...]]] = field(default_factory=dict, repr=False)
    entrypoints: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)
    opa_digests: Mapping[str, str] = field(default_factory=dict, repr=False)


class Contents(Value):
    """What is in one artifact.

    `kind` is "bundle", "image", "project" (a folder with lock files, or one lock file) or "environment" (what is
    installed in a folder). `digests` are what the artifact goes by: SHA-256 and SHA-512 of a bundle's archive, the
    digests of an image's manifest and config; none for a folder. `layers` are the digests of an image's layers, lowest
    first. `named` are the files that were asked for by name, where that is not all of them. `properties` are more that
    is to be said of the artifact, as pairs. `before` is the same image without its last layer, without its last two and
    so on, where what later layers delete is asked for too.
    """

    kind: Literal["bundle", "image", "project", "environment"]
    name: str
    version: str | None = None
    digests: tuple[Digest, ...] = ()
    files: Files = field(repr=False)
    layers: tuple[Digest, ...] = ()
    rego: RegoContents | None = None
    named: tuple[str, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    before: Sequence[Contents] = field(default=(), repr=False)
