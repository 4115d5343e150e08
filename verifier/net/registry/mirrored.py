"""One repository, and the mirrors that hold copies of it.

* what is named by its digest may come from anybody who has it: it is checked, and what has another digest is refused
  with the mirror's name, not passed over
* what a tag names, and what refers to a manifest, is the origin's to say; the mirrors' only where that is allowed
* a mirror that cannot answer is passed over, and not asked again; that one has nothing says nothing of the origin
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.value import replace
from verifier.formats.oci.manifest import Descriptor, ImageReference
from verifier.net.access import Access, Mirror
from verifier.net.registry.api import repository_name
from verifier.net.registry.referrers import Listing
from verifier.net.registry.repository import Pulled, Repository
from verifier.net.retries import Pause

T = TypeVar("T")
_PASSED_OVER: Final = frozenset(
    {"input.unreachable", "input.token-request-refused", "input.credentials-unusable", "input.too-large"}
)
"""Codes of a refusal that says nothing of what was asked for."""


def open_repository(
    reference: ImageReference, access: Access, *, pause: Pause | None = None
) -> Repository | MirroredRepository:
    """The repository that `reference` names, with the mirrors that `access` has for it."""
    origin = Repository(reference, replace(access, mirrors=()) if access.mirrors else access, pause=pause)
    return MirroredRepository(reference, access, origin, pause=pause) if access.mirrors else origin


class MirroredRepository:
    """As a `Repository`, and used like one."""

    def __init__(self, reference: ImageReference, access: Access, origin: Repository, *, pause: Pause | None) -> None:
        self._origin, self._by_tag = origin, access.tags_from_mirrors
        self._mirrors = [_opened(reference, mirror, pause) for mirror in access.mirrors]
        self._lost: set[int] = set()

    def manifest(self, reference: str | Digest, *, known: Digest | None = None) -> Pulled | None:
        """The manifest or index under a tag or a digest; None where it is still the one with the digest `known`."""
        if isinstance(reference, str) and not self._by_tag:
            return self._origin.manifest(reference, known=known)
        return self._first(lambda each: (each.manifest(reference, known=known),))[0]

    def tagged(self, tag: str) -> Pulled | None:
        """The manifest or index under a tag; None where the origin itself says that it has none."""
        if not self._by_tag:
            return self._origin.tagged(tag)
        return self._first(lambda each: each.tagged(tag))

    def referrers(self, digest: Digest) -> Listing:
        """What is listed as referring to the manifest of this digest."""
        if not self._by_tag:
            return self._origin.referrers(digest)
        return self._first(lambda each: _unless_empty(each.referrers(digest))) or Listing(by_api=False)

    def blob(self, descriptor: Descriptor, *, max_bytes: int) -> bytes:
        """The bytes that `descriptor` stands for; `Refused` where they are others, or more than `max_bytes`."""
        return self._first(lambda each: (each.blob(descriptor, max_bytes=max_bytes),))[0]

    def stream(self, descriptor: Descriptor) -> Iterator[bytes]:
        """Those bytes in pieces, as they come; what has begun to come from one comes from nobody else."""
        begun = self._first(lambda each: _begun(each.stream(descriptor)))
        yield from begun

    def close(self) -> None:
        """Close the connections, and end what is under way."""
        for each in (*self._mirrors, self._origin):
            each.close()

    def _first(self, ask: Callable[[Repository], T | None]) -> T:
        """What the first mirror says that says anything, or else the origin."""
        for number, mirror in enumerate(self._mirrors):
            if number in self._lost:
                continue
            try:
                answer = ask(mirror)
            except Refused as refusal:
                if refusal.reasons[0].code not in _PASSED_OVER:
                    raise
                self._lost.add(number)
                continue
            if answer is not None:
                return answer
        return ask(self._origin)  # type: ignore[return-value]


def _opened(reference: ImageReference, mirror: Mirror, pause: Pause | None) -> Repository:
    there = replace(reference, registry=mirror.host, repository=f"{mirror.prefix}{repository_name(reference)}")
    return Repository(there, replace(mirror.access, attempts=1), pause=pause)


def _unless_empty(listing: Listing) -> Listing | None:
    return listing if listing.descriptors else None


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces, the first of which has come."""
    first = next(pieces, b"")

    def all_of_them() -> Iterator[bytes]:
        yield first
        yield from pieces

    return all_of_them()
