"""File systems inside of an image's own: an unpacked root, a container's, what another system is built in.

* each is listed as the image is, with its own system, by where its database of packages lies; its packages have the
  property `verifier:root`, and paths in the image
* links in it end at its root; one that leads out of it leads nowhere
* one whose database cannot be read is a warning, and the list is incomplete: it is not what the image itself is made
  of, and may be what somebody tests with
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote

from verifier.core.errors import Refused
from verifier.core.outcome import Reason
from verifier.core.value import replace
from verifier.evidence.contents import Contents, FileFact, Files
from verifier.sbom.catalog.reader import Found

MAX_ROOTS: Final = 100
ROOT: Final = "verifier:root"
"""The property of a package that is in a file system inside of the image's."""


class Below:
    """The files below one folder, by their paths in it: `Files` of `evidence.contents`. `root` ends in a slash."""

    def __init__(self, files: Files, facts: Mapping[str, FileFact], root: str) -> None:
        self._files, self._facts, self._root = files, facts, root

    def __iter__(self) -> Iterator[FileFact]:
        """Every entry below."""
        return (below(fact, self._root) for path, fact in self._facts.items() if path.startswith(self._root))

    def find(self, path: str) -> FileFact | None:
        """What stands at exactly this path."""
        fact = self._facts.get(self._root + path)
        return None if fact is None else below(fact, self._root)

    def resolve(self, path: str) -> FileFact | None:
        """What is found there, where links do not lead out."""
        fact = self._files.resolve(self._root + path)
        return None if fact is None or not fact.path.startswith(self._root) else below(fact, self._root)

    def read(self, path: str, *, max_bytes: int) -> bytes:
        """The content of the file at exactly this path."""
        return self._files.read(self._root + path, max_bytes=max_bytes)

    def digest(self, path: str, algorithm: str) -> bytes | None:
        """The digest of the file at exactly this path."""
        return self._files.digest(self._root + path, algorithm)

    def excerpts(self, path: str) -> tuple[bytes, ...]:
        """What a Go compiler has left in the program at exactly this path."""
        return self._files.excerpts(self._root + path)


def below(fact: FileFact, root: str) -> FileFact:
    """`fact` as it is called below `root`."""
    return fact._replace(path=fact.path[len(root) :])


def contents_below(contents: Contents, facts: Mapping[str, FileFact], root: str) -> Contents:
    """What is in the file system at `root`."""
    return replace(contents, files=Below(contents.files, facts, root))


def relocated(found: Found, root: str) -> Found:
    """What was found in the file system at `root`, told of the image: paths are in the image, refs its own."""
    names = {each.ref: f"{each.ref}#{quote(root)}" for each in found.components}
    return replace(
        found,
        components=tuple(
            each._replace(ref=names[each.ref], path=root + each.path, properties=(*each.properties, (ROOT, root)))
            for each in found.components
        ),
        owned=tuple(each._replace(path=root + each.path, owner=names[each.owner]) for each in found.owned),
        dependencies=tuple((names[ref], tuple(names[each] for each in others)) for ref, others in found.dependencies),
        findings=tuple(replace(each, message=f"in {root}: {each.message}") for each in found.findings),
    )


def unread(root: str, refusal: Refused) -> Found:
    """What stands for a file system whose packages cannot be listed."""
    reason = refusal.reasons[0]
    message = f"its packages cannot be listed: {reason.subject} {reason.message}"
    finding = Reason(code="package.unread-root", subject=root, message=message)
    return Found(findings=(finding,), whole=False)
