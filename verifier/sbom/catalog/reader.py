"""What every reader of installed packages gets and gives: one reader a file, a row each in `sbom.catalog.readers`.

A reader is a module with two names:

* `WANTED`: rows of paths that it has to read, for whoever goes through the layers of an image (`sbom.catalog.wanted`)
* `find(scene) -> Found`: the packages that it finds, with what they own

and holds what `catalog_of` promises: what is there and cannot be read is `Refused`, never left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from verifier.core.outcome import Reason
from verifier.core.value import Value, field
from verifier.evidence.contents import Contents, FileFact
from verifier.formats.bom.component import Component


class Wanted(NamedTuple):
    """Files whose content a reader reads. `pattern` is a path, in the root or in a folder that is one: `*` stands for
    anything but a slash, a leading `**/` for any folders or none (no root is looked for then), and `/**/` for any
    folders between; the last part is not `*` alone where the pattern starts with `**/`. At most `max_bytes` of each are
    kept: what is larger is refused where it is read."""

    pattern: str
    max_bytes: int


class OperatingSystem(Value):
    """What `etc/os-release` says: `ID`, `VERSION_ID`, `ID_LIKE`, `PRETTY_NAME`, `CPE_NAME`, and where it was read."""

    id: str
    version: str = ""
    like: tuple[str, ...] = ()
    title: str = ""
    cpe: str = ""
    path: str = ""

    @property
    def distro(self) -> str:
        """The purl qualifier `distro`: "debian-12", "alpine-3.20.1"."""
        return f"{self.id}-{self.version}" if self.version else self.id


class Scene(Value):
    """What a reader looks at: the contents, the system that they are of, where they say one, and the files of its own
    `WANTED` rows that are there, by pattern and in the order of their paths."""

    contents: Contents
    system: OperatingSystem | None = None
    there: Mapping[str, tuple[FileFact, ...]] = field(default_factory=dict, repr=False)

    def layer_of(self, fact: FileFact | None) -> str:
        """The digest of the layer that something comes from, "" where there are no layers."""
        if fact is None or fact.layer is None or fact.layer >= len(self.contents.layers):
            return ""
        return str(self.contents.layers[fact.layer])


MAX_OWNED: Final = 1_000_000
"""Files that the packages of one reader may list, all together."""


class Owned(NamedTuple):
    """One file that a package lists as its own: `owner` is the package's ref. `path` is as the package says it, links
    in it not yet followed. `digest` is what the file's bytes ought to have by `algorithm` ("md5", "sha1", "sha256",
    "sha512"; "" where the package does not say); `link` is where a symbolic link ought to lead, "" where that is not
    said. `role` is "config" where who runs the system may change it, "spare" where the package may be without it
    (documentation, ghosts, `.pyc` files), "content" else."""

    path: str
    owner: str
    algorithm: str = ""
    digest: bytes = b""
    link: str = ""
    role: Literal["content", "config", "spare"] = "content"


class Found(Value):
    """What a reader found.

    Each component has a `ref` that no other of the same reader has (`sbom.catalog.purls.ref_of`), its `purl`, and the
    `path` of the record that it was found by; `layer` and `owner` are filled in where they are "": from the files that
    it owns or the record, and from who owns the record. `dependencies` are pairs of a ref and the refs that it depends
    on. `ecosystems` are those of which the list is whole. `whole` is False where something is there that could not be
    listed: a finding says what.
    """

    components: tuple[Component, ...] = field(default=(), repr=False)
    owned: tuple[Owned, ...] = field(default=(), repr=False)
    dependencies: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), repr=False)
    findings: tuple[Reason, ...] = ()
    ecosystems: frozenset[str] = frozenset()
    whole: bool = True
