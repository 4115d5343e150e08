"""A place of which nothing is fetched twice that cannot change: what is asked for by its digest is kept.

* a listing and a tag are asked for every time
* what is kept is bounded, in number and in bytes; the oldest goes first

Used by one thread at a time, as every place.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

from verifier.core.digest import Digest
from verifier.formats.oci.manifest import Descriptor
from verifier.sources.place import Place, Referrers, Resolved

_MAX_KEPT: Final = 512
"""Manifests and blobs: what lies beside one artifact is at most 50 of each, in two formats."""
_MAX_BYTES: Final = 16 * 1024 * 1024
_LARGEST: Final = 1024 * 1024
"""Bytes of one: a signature has a few thousand, and what is judged itself is kept elsewhere."""


class KeptPlace:
    """Another place, asked once for each digest."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._kept: OrderedDict[tuple[str, Digest], Resolved | bytes] = OrderedDict()
        self._bytes = 0

    @property
    def uri(self) -> str:
        """As the place's."""
        return self._place.uri

    @property
    def repository(self) -> str | None:
        """As the place's."""
        return self._place.repository

    @property
    def tag(self) -> str | None:
        """As the place's."""
        return self._place.tag

    def resolve(self) -> Resolved:
        """As the place's."""
        return self._place.resolve()

    def manifest(self, digest: Digest) -> Resolved:
        """As the place's, once."""
        kept = self._kept.get(("manifest", digest))
        if isinstance(kept, Resolved):
            return kept
        found = self._place.manifest(digest)
        self._keep("manifest", digest, found)
        return found

    def blob(self, descriptor: Descriptor, *, max_bytes: int) -> bytes:
        """As the place's, once; what is kept has the size that is asked for."""
        kept = self._kept.get(("blob", descriptor.digest))
        if isinstance(kept, bytes) and len(kept) == descriptor.size <= max_bytes:
            return kept
        found = self._place.blob(descriptor, max_bytes=max_bytes)
        self._keep("blob", descriptor.digest, found)
        return found

    def stream(self, descriptor: Descriptor) -> Iterator[bytes]:
        """As the place's."""
        return self._place.stream(descriptor)

    def referrers(self, digest: Digest) -> Referrers:
        """As the place's."""
        return self._place.referrers(digest)

    def tagged(self, tag: str) -> Resolved | None:
        """As the place's."""
        return self._place.tagged(tag)

    def close(self) -> None:
        """As the place's."""
        self._place.close()

    def _keep(self, kind: str, digest: Digest, found: Resolved | bytes) -> None:
        size = _size(found)
        if size > _LARGEST:
            return
        self._kept[kind, digest] = found
        self._bytes += size
        while len(self._kept) > _MAX_KEPT or self._bytes > _MAX_BYTES:
            self._bytes -= _size(self._kept.popitem(last=False)[1])


def _size(found: Resolved | bytes) -> int:
    return len(found) if isinstance(found, bytes) else len(found.content)
